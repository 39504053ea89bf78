import { el, hidden, icon } from "../dom.js";
import { t } from "../i18n.js";
import { Attachments } from "./attachments.js";
import { allowanceNote, lengthNote } from "./limits.js";

/// Where a message is written. `onsend(text, files)` gets it; `onstop()` runs when a running reply is to be stopped,
/// `onup()` when ↑ is pressed and nothing has been written. What is written is kept in `draft`.
export class Composer {
    #isTooLong = false;

    constructor({ onsend, draft, onstop = null, onup = null, extra = null }) {
        this.onsend = onsend;
        this.draft = draft;
        this.onup = onup;
        this.onstop = onstop;
        this.problem = el("p", { class: "form-error", role: "alert" });
        this.text = el("textarea", {
            id: "message", rows: 1, placeholder: t("chat.placeholder"), "aria-describedby": "message-keys message-limit",
            oninput: () => this.#changed(), onkeydown: (event) => this.#key(event),
        });
        this.sendButton = el("button", { type: "submit", class: "button primary round", title: t("chat.send") },
            icon("send"), hidden(t("chat.send")));
        this.stopButton = el("button", {
            type: "button", class: "button round stop", hidden: true, title: t("chat.stop"), onclick: onstop,
        }, icon("stop"), hidden(t("chat.stop")));
        this.files = new Attachments({ oncomplain: (words) => this.complain(words), onchange: () => this.#settle() });
        this.length = el("p", { class: "hint limit", id: "message-limit", role: "status" });
        this.allowance = el("p", { class: "hint limit", role: "status" });
        this.node = el("form", { class: "composer", onsubmit: (event) => this.#submit(event) },
            this.problem,
            el("div", { class: extra ? "composer-box tall" : "composer-box" },
                el("label", { class: "sr-only", for: "message" }, t("chat.message")),
                this.files.node, this.text,
                el("div", { class: "composer-tools" },
                    this.files.button, extra, el("span", { class: "spacer" }), this.stopButton, this.sendButton)),
            this.length, this.allowance,
            el("p", { class: "hint keys", id: "message-keys" }, t("chat.keys")));
        this.files.receive(this.node, this.text);
        this.text.value = draft.text;
        this.#settle();
    }

    /// While a reply runs, one can write the next message but not send it.
    set isBusy(isBusy) {
        this.busy = isBusy;
        const hadFocus = this.node.contains(document.activeElement);
        this.stopButton.hidden = !isBusy || !this.onstop;
        this.stopButton.disabled = false;
        for (const pill of this.node.querySelectorAll(".pill")) pill.disabled = isBusy;
        this.sendButton.hidden = !this.stopButton.hidden;
        this.#settle();
        if (hadFocus) this.text.focus();
    }

    /// Gives a text and its files back that could not be sent, before whatever was written since.
    restore(text, files = []) {
        this.files.restore(files);
        this.text.value = this.text.value ? `${text}\n${this.text.value}` : text;
        this.#changed();
    }

    complain(message) {
        this.problem.textContent = message ?? "";
    }

    /// Without `isWanted`, only if that does not raise a keyboard over the page.
    focus(isWanted = true) {
        this.#changed();
        if (isWanted || !matchMedia("(pointer: coarse)").matches) this.text.focus();
    }

    /// Puts a text into the box, for the reader to send or to change.
    write(text) {
        this.text.value = text;
        this.focus();
    }

    /// Says what is left of today's messages and of the credits, if that is little.
    async tellAllowance() {
        this.allowance.textContent = await allowanceNote() ?? "";
    }

    #submit(event) {
        event.preventDefault();
        const text = this.text.value.trim();
        if (this.busy || this.#isTooLong) return;
        if (!text) {
            if (!this.files.isEmpty) this.complain(t("attach.needsText"));
            return;
        }
        if (this.files.isSending) {
            this.complain(t("attach.wait"));
            return;
        }
        this.complain(null);
        this.text.value = "";
        this.#changed();
        this.onsend(text, this.files.take());
    }

    #settle() {
        const isEmpty = !this.text.value.trim() && this.files.isEmpty;
        this.sendButton.disabled = this.busy || this.files.isSending || this.#isTooLong || isEmpty;
        this.node.querySelector(".composer-box")?.classList.toggle("with-files", !this.files.isEmpty);
    }

    #key(event) {
        const isPlain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
        if (event.key === "ArrowUp" && isPlain && !this.text.value && this.onup && !this.busy) {
            event.preventDefault();
            this.onup();
            return;
        }
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.node.requestSubmit();
    }

    #changed() {
        const { isTooLong, words } = lengthNote(this.text.value);
        this.#isTooLong = isTooLong;
        this.length.textContent = words ?? "";
        this.length.classList.toggle("field-error", isTooLong);
        this.draft.text = this.text.value;
        this.#fit();
        this.#settle();
    }

    #fit() {
        this.text.style.height = "auto";
        this.text.style.height = `${this.text.scrollHeight}px`;
    }
}
