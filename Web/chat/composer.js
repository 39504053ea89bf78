import { el, hidden, icon } from "../dom.js";
import { t } from "../i18n.js";
import { Attachments } from "./attachments.js";
import { allowanceNote, lengthNote } from "./limits.js";
import { Queued } from "./queued.js";

/// Where a message is written. `onsend(text, files)` gets it; `onstop()` runs when a running reply is to be stopped,
/// `onup()` when ↑ is pressed and nothing has been written. What is written is kept in `draft`. What is sent while a reply
/// runs waits for its end, if replies can be stopped here.
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
        this.queued = new Queued({ onnow: onstop, onback: () => this.takeBack() });
        this.files = new Attachments({ oncomplain: (words) => this.complain(words), onchange: () => this.#settle() });
        this.length = el("p", { class: "hint limit", id: "message-limit", role: "status" });
        this.allowance = el("p", { class: "hint limit", role: "status" });
        this.node = el("form", { class: "composer", onsubmit: (event) => this.#submit(event) },
            this.problem, this.queued.node,
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

    /// While a reply runs, one message can wait for its end.
    set isBusy(isBusy) {
        this.busy = isBusy;
        const hadFocus = this.node.contains(document.activeElement);
        this.stopButton.hidden = !isBusy || !this.onstop;
        this.stopButton.disabled = false;
        for (const pill of this.node.querySelectorAll(".pill")) pill.disabled = isBusy;
        this.sendButton.title = t(isBusy ? "chat.sendNext" : "chat.send");
        this.sendButton.querySelector(".sr-only").textContent = this.sendButton.title;
        this.#settle();
        if (hadFocus) this.text.focus();
    }

    /// Gives a text and its files back that could not be sent, before whatever was written since.
    restore(text, files = []) {
        this.files.restore(files);
        this.text.value = this.text.value ? `${text}\n${this.text.value}` : text;
        this.#changed();
    }

    /// The message that waited, to be sent now; null if there is none.
    takeQueued() {
        const message = this.queued.take();
        this.#changed();
        return message;
    }

    /// Puts the message that waits into the box again.
    takeBack() {
        const message = this.queued.take();
        if (!message) return;
        this.restore(message.text, message.files);
        this.text.focus();
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
        if (this.#isTooLong || (this.busy && !this.#mayQueue)) return;
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
        const files = this.files.take();
        if (this.busy) this.queued.put(text, files);
        this.#changed();
        if (!this.busy) this.onsend(text, files);
    }

    get #mayQueue() {
        return Boolean(this.onstop) && !this.queued.text;
    }

    #settle() {
        const isEmpty = !this.text.value.trim() && this.files.isEmpty;
        const isTaken = this.busy && !this.#mayQueue;
        this.sendButton.disabled = isTaken || this.files.isSending || this.#isTooLong || isEmpty;
        this.sendButton.hidden = this.busy && Boolean(this.onstop) && (isTaken || isEmpty);
        this.node.querySelector(".composer-box")?.classList.toggle("with-files", !this.files.isEmpty);
    }

    #key(event) {
        const isPlain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
        if (event.key === "ArrowUp" && isPlain && !this.text.value && (this.queued.text || (this.onup && !this.busy))) {
            event.preventDefault();
            if (this.queued.text) this.takeBack();
            else this.onup();
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
        this.draft.text = [this.queued.text, this.text.value].filter(Boolean).join("\n");
        this.#fit();
        this.#settle();
    }

    #fit() {
        this.text.style.height = "auto";
        this.text.style.height = `${this.text.scrollHeight}px`;
    }
}
