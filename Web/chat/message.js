import { put } from "../api.js";
import { el, hidden, icon, iconButton } from "../dom.js";
import { number, t, when } from "../i18n.js";
import { Markdown, copyText } from "../markdown.js";
import { attachmentList } from "./attachments.js";
import { Editor } from "./editor.js";
import { versions } from "./versions.js";

/// Rendering waits this many times as long as the last one took, so that a long reply leaves time for everything else.
const REST = 4;

/// One message of a conversation on the page. `speaker` is the chatbot's name. `on` hears what the reader wants:
/// `regenerate(message)`, `edit(message, text)`, `show(id, by)` another version, `branch(message)` into a conversation of
/// its own, and `continue()`.
export class Message {
    #markdown = null;
    #text = "";
    #shown = null;
    #frame = null;
    #restUntil = 0;
    #note = el("p", { class: "note", hidden: true });
    #thoughts = el("div", { class: "thoughts", hidden: true });
    #files = el("div", { hidden: true });
    #body = el("div", { class: "text", dir: "auto" });
    #actions = el("div", { class: "actions" });

    #editor = null;

    constructor(message, { speaker, on }) {
        this.record = message;
        this.on = on;
        const isOurs = message.sender === "user";
        const names = { ai: speaker, user: t("chat.you"), staff: t("chat.staff") };
        if (!isOurs) this.#markdown = new Markdown(this.#body);
        this.node = el("li", { class: `message ${isOurs ? "ours" : "theirs"}`, title: when(message.created_at) },
            el("h2", { class: isOurs ? "sr-only" : "speaker" }, names[message.sender] ?? t("chat.system")),
            el("div", { class: "bubble" }, this.#thoughts, this.#files, this.#body, this.#note), this.#actions);
        this.update(message);
    }

    get text() {
        return this.#text;
    }

    /// Shows what the server now says of this message.
    update(message) {
        this.record = message;
        this.text = message.content ?? "";
        this.note({ partial: t("chat.partial"), failed: t("chat.failed") }[message.status]
            ?? (message.finish_reason === "length" ? t("chat.cut") : null));
        this.#think(message.reasoning);
        this.#attach(message.attachments ?? []);
        if (!message.id) return;
        const tools = { ai: () => this.#replyTools(message), user: () => this.#ownTools(message) }[message.sender];
        this.#actions.replaceChildren(...(tools?.() ?? []).filter((tool) => tool !== null));
    }

    /// Lets the text be changed in its place, beginning with `text`.
    edit(text = this.#text) {
        if (this.#editor || !this.record.id) return;
        this.#editor = new Editor(text, {
            onsend: (changed) => {
                this.#close();
                this.on.edit(this, changed);
            },
            onclose: () => {
                this.#close();
                this.#actions.querySelector(".edit").focus();
            },
        });
        this.#body.hidden = true;
        this.#body.after(this.#editor.node);
        this.node.classList.add("editing");
        this.#editor.focus();
    }

    #close() {
        this.#editor?.node.remove();
        this.#editor = null;
        this.#body.hidden = false;
        this.node.classList.remove("editing");
    }

    /// Puts the focus on the way to other versions, in the direction in which it was used.
    focusVersions(by) {
        const buttons = [...this.#actions.querySelectorAll(".alternatives button")];
        if (by < 0) buttons.reverse();
        buttons.findLast((button) => !button.disabled)?.focus();
    }

    /// What has come of a reply so far; drawn with the next frame.
    set text(text) {
        this.#text = text;
        this.#frame ??= requestAnimationFrame(() => this.#draw());
    }

    note(text) {
        this.#note.textContent = text ?? "";
        this.#note.hidden = !text;
    }

    /// What the model thought, folded until someone wants to read it.
    #think(reasoning) {
        this.#thoughts.hidden = !reasoning;
        this.#thoughts.replaceChildren(...(reasoning ? [el("details", {},
            el("summary", {}, t("chat.thought", { seconds: number(Math.max(1, Math.round(reasoning.seconds))) })),
            el("p", {}, reasoning.content))] : []));
    }

    #attach(files) {
        this.#files.hidden = files.length === 0;
        this.#files.replaceChildren(...(files.length ? [attachmentList(this.record.conversation_id, files)] : []));
    }

    waiting(isWaiting) {
        this.node.classList.toggle("waiting", isWaiting);
    }

    allowContinuing(isAllowed) {
        for (const button of this.#actions.querySelectorAll(".continue")) button.hidden = !isAllowed;
    }

    #draw() {
        this.#frame = null;
        if (this.#shown === this.#text) return;
        const started = performance.now();
        if (started < this.#restUntil) {
            this.#frame = requestAnimationFrame(() => this.#draw());
            return;
        }
        this.#shown = this.#text;
        if (this.#markdown) this.#markdown.show(this.#text);
        else this.#body.textContent = this.#text;
        this.ondraw?.();
        this.#restUntil = performance.now() + REST * (performance.now() - started);
    }

    #replyTools(message) {
        const regenerate = iconButton("retry", t("chat.regenerate"), () => this.on.regenerate(this), {
            class: "button quiet square changing regenerate",
        });
        const more = message.finish_reason === "length" && message.status === "complete"
            ? el("button", {
                type: "button", class: "button quiet changing continue", hidden: true, onclick: this.on.continue,
            }, t("chat.continue"))
            : null;
        return [this.#versions(message), this.#copy(), ...this.#thumbs(message), regenerate, this.#branch(), more];
    }

    #ownTools(message) {
        const edit = iconButton("edit", t("chat.edit"), () => this.edit(), {
            class: "button quiet square changing edit",
        });
        return [this.#versions(message), this.#copy(), edit];
    }

    #versions(message) {
        return versions(message, this.on.show);
    }

    #copy() {
        const copy = iconButton("copy", t("chat.copy"), () => copyText(this.#text, copy));
        return copy;
    }

    #branch() {
        return iconButton("branch", t("chat.branch"), () => this.on.branch(this));
    }

    #thumbs(message) {
        const kinds = [["thumbUp", t("chat.good"), 1], ["thumbDown", t("chat.bad"), -1]];
        const buttons = kinds.map(([shape, label, rating]) => {
            const button = iconButton(shape, label, async () => {
                await put(`/conversations/${message.conversation_id}/messages/${message.id}/feedback`, { rating });
                mark(rating);
            });
            return { button, rating };
        });
        const mark = (chosen) => {
            for (const { button, rating } of buttons) button.setAttribute("aria-pressed", String(rating === chosen));
        };
        mark(message.rating);
        return buttons.map(({ button }) => button);
    }
}

/// The note at the top of a conversation's end: what the chatbot says before anything was asked.
export function greeting(text, speaker) {
    return el("div", { class: "greeting" }, icon("bots"), el("p", {}, hidden(`${speaker}: `), text));
}
