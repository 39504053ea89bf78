import { Markdown } from "../answer/markdown.js";
import { el, hidden, iconButton } from "../dom.js";
import { clock, number, t, when } from "../i18n.js";
import { copyText } from "../markdown.js";
import { attachmentList } from "./attachments.js";
import { markCitations, showCitation, sourceList } from "./citations.js";
import { Editor } from "./editor.js";
import { face } from "./face.js";
import { thumbs } from "./feedback.js";
import { fold, isLong } from "./fold.js";
import { isBroken, problem } from "./problem.js";
import { versions } from "./versions.js";

/// Rendering waits this many times as long as the last one took, so that a long reply leaves time for everything else.
const REST = 4;

/// One message of a conversation on the page. `speaker` is the chatbot's id and name. `on` hears what the reader wants:
/// `regenerate(message)`, `edit(message, text)`, `show(id, by)` another version, `branch(message)` into a conversation of
/// its own, and `continue()`.
export class Message {
    #markdown = null;
    #text = "";
    #shown = null;
    #frame = null;
    #restUntil = 0;
    #note = el("div", { hidden: true });
    #thoughts = el("div", { class: "thoughts", hidden: true });
    #files = el("div", { hidden: true });
    #body = el("div", { class: "text", dir: "auto" });
    #sources = el("div", { hidden: true });
    #citations = [];
    #actions = el("div", { class: "actions" });
    #comment = el("div", {});
    #unfold = null;
    #editor = null;

    constructor(message, { speaker, on, isPublic = false }) {
        this.record = message;
        this.on = on;
        const isOurs = message.sender === "user";
        const names = { ai: speaker.name, user: t("chat.you"), staff: t("chat.staff") };
        if (!isOurs) this.#markdown = new Markdown(this.#body, { showsPictures: !isPublic });
        this.node = el("li", { class: `message ${isOurs ? "ours" : "theirs"}` },
            isOurs ? null : face(message.sender === "ai" ? speaker : { name: names.staff }),
            el("h2", { class: isOurs ? "sr-only" : "speaker" }, names[message.sender] ?? t("chat.system")),
            el("div", { class: "bubble" }, this.#thoughts, this.#files, this.#body, this.#sources, this.#note), this.#actions,
            this.#comment);
        this.update(message);
    }

    get isOurs() {
        return this.record.sender === "user";
    }

    /// Shows the beginning only, if it is long.
    fold() {
        if (!this.#unfold && isLong(this.#text, this.isOurs)) this.#unfold = fold(this.#body);
    }

    #showAll() {
        this.#unfold?.();
        this.#unfold = null;
    }

    get text() {
        return this.#text;
    }

    /// Shows what the server now says of this message.
    update(message) {
        this.record = message;
        this.#citations = message.citations ?? [];
        this.text = message.content ?? "";
        this.#notice(message);
        if (this.isOurs) this.fold();
        this.#think(message.reasoning);
        this.#attach(message.attachments ?? []);
        this.#source(this.#citations);
        if (!message.id) return;
        const tools = { ai: () => this.#replyTools(message), user: () => this.#ownTools(message) }[message.sender];
        this.#actions.replaceChildren(...(tools?.() ?? []).filter((tool) => tool !== null));
    }

    /// Lets the text be changed in its place, beginning with `text`.
    edit(text = this.#text) {
        if (this.#editor || !this.record.id) return;
        this.#showAll();
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

    /// Shows the whole message, and marks it as long as it has the focus.
    reveal() {
        this.#showAll();
        this.node.tabIndex = -1;
        this.node.classList.add("revealed");
        this.node.addEventListener("blur", () => this.node.classList.remove("revealed"), { once: true });
        this.node.focus({ preventScroll: true });
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

    /// What there is to say of how a reply ended.
    #notice(message) {
        const isWrong = isBroken(message);
        const text = message.status === "partial" ? t("chat.partial")
            : message.finish_reason === "length" ? t("chat.cut") : null;
        this.node.classList.toggle("failed", message.status === "failed");
        this.#note.hidden = !isWrong && !text;
        this.#note.replaceChildren(...(isWrong ? [problem(message, () => this.on.regenerate(this))]
            : text ? [el("p", { class: "note" }, text)] : []));
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

    /// The list of sources; their markers in the text come with it.
    #source(citations) {
        this.#sources.hidden = citations.length === 0;
        this.#sources.replaceChildren(...(citations.length ? [sourceList(citations, (one) => this.#open(one))] : []));
    }

    #open(citation) {
        return showCitation(this.record, citation);
    }

    /// Learns of a source before the text that refers to it comes.
    cite(citation) {
        if (this.#citations.some(({ n }) => n === citation.n)) return;
        this.#citations = [...this.#citations, citation];
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
        if (this.#markdown) {
            this.#markdown.show(this.#text);
            if (this.#citations.length) markCitations(this.#body, this.#citations, (one) => this.#open(one));
        } else this.#body.textContent = this.#text;
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
        const rate = message.status === "failed" ? [] : thumbs(message, this.#comment);
        return [this.#versions(message), this.#copy(), ...rate, regenerate, this.#branch(), more, time(message)];
    }

    #ownTools(message) {
        const edit = iconButton("edit", t("chat.edit"), () => this.edit(), {
            class: "button quiet square changing edit",
        });
        return [time(message), this.#versions(message), this.#copy(), edit];
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
}

/// When it was written; shown while the message is pointed at.
function time({ created_at: at }) {
    return at ? el("time", { class: "at", datetime: at, title: when(at) }, clock(at)) : null;
}

/// What the chatbot says before anything was asked.
export function greeting(text, speaker) {
    return el("div", { class: "greeting" }, face(speaker), el("p", {}, hidden(`${speaker.name}: `), text));
}
