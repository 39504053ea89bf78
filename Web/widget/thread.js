import { el, hidden, icon, iconButton } from "../dom.js";
import { MarkdownBlocks } from "../markdown-blocks.js";
import { fileList } from "./files.js";
import { lex } from "./lexer.js";
import { Passages } from "./passages.js";

/// Rendering waits this many times as long as the last one took, so that a long reply leaves time for everything else.
const REST = 4;
/// Nearer to the end than this, in pixels, the view follows what arrives.
const NEAR_END = 60;

/// One message on the page. `onrate(message, rating, comment)` sends a rating, `onfile(message, file)` answers the bytes of
/// a file.
export class Entry {
    #markdown = null;
    #text = "";
    #shown = null;
    #frame = null;
    #restUntil = 0;
    #body = el("div", { class: "text", dir: "auto" });
    #note = el("div", { class: "note", hidden: true });
    #actions = el("div", { class: "actions" });
    #passages;

    constructor(message, { t, name, onrate, onfile }) {
        this.t = t;
        this.onrate = onrate;
        this.#passages = new Passages(t, this.#body);
        const isOurs = message.sender === "user";
        const speaker = isOurs ? t("you") : message.sender === "staff" ? t("team") : name;
        if (!isOurs) this.#markdown = new MarkdownBlocks(this.#body, lex, t);
        this.node = el("li", { class: `message ${isOurs ? "ours" : "theirs"}` },
            message.sender === "staff" ? el("p", { class: "speaker" }, speaker) : hidden(`${speaker}: `),
            message.attachments?.length ? fileList(message.attachments, t, (file) => onfile(this.record, file)) : null,
            this.#body, isOurs ? null : this.#passages.node, this.#note, this.#actions);
        this.update(message);
    }

    get text() {
        return this.#text;
    }

    /// Shows what the server now says of this message.
    update(message) {
        this.record = message;
        this.#passages.all = message.citations;
        this.text = message.content ?? "";
        const { status, sender, id } = message;
        this.note(status === "partial" ? this.t("partial") : status === "failed" ? this.t("failed") : null);
        const isRated = sender === "ai" && id && status !== "failed" && this.onrate;
        if (isRated) this.#actions.replaceChildren(...this.#thumbs());
    }

    /// What has come of a reply so far; drawn with the next frame.
    set text(text) {
        this.#text = text;
        this.#frame ??= requestAnimationFrame(() => this.#draw());
    }

    /// A source that what comes next refers to.
    cite(citation) {
        this.#passages.add(citation);
    }

    waiting(isWaiting) {
        this.node.classList.toggle("waiting", isWaiting);
        if (isWaiting) this.node.setAttribute("aria-busy", "true");
        else this.node.removeAttribute("aria-busy");
    }

    /// A line below the text, with a button if there is something to do about it.
    note(text, label, act) {
        this.#note.hidden = !text;
        const button = act && el("button", { type: "button", class: "link", onclick: act }, label);
        this.#note.replaceChildren(...[text, button].filter(Boolean));
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
        this.#passages.mark();
        this.#restUntil = performance.now() + REST * (performance.now() - started);
    }

    #thumbs() {
        const { t } = this;
        const status = el("p", { class: "thanks", role: "status" });
        const place = el("div", {});
        const buttons = [["thumbUp", "good", 1], ["thumbDown", "bad", -1]].map(([shape, key, rating]) => {
            const button = iconButton(shape, t(key), () => rate(rating));
            return { button, rating };
        });
        const mark = (chosen) => {
            for (const { button, rating } of buttons) button.setAttribute("aria-pressed", String(rating === chosen));
        };
        const send = async (rating, comment) => {
            try {
                await this.onrate(this.record, rating, comment);
                return true;
            } catch {
                status.textContent = t("problem");
                return false;
            }
        };
        const rate = async (rating) => {
            status.textContent = "";
            if (!await send(rating)) return;
            mark(rating);
            place.replaceChildren(form(rating));
        };
        const form = (rating) => {
            const comment = el("textarea", { rows: 2, maxlength: 2000 });
            return el("form", {
                class: "why",
                async onsubmit(event) {
                    event.preventDefault();
                    if (comment.value.trim() && !await send(rating, comment.value.trim())) return;
                    place.replaceChildren();
                    status.textContent = t("thanks");
                },
            }, el("label", {}, t(rating > 0 ? "whyGood" : "why"), comment),
            el("button", { type: "submit", class: "button" }, t("submit")));
        };
        mark(this.record.rating);
        return [el("div", { class: "thumbs" }, buttons.map(({ button }) => button)), place, status];
    }
}

/// The messages of a conversation, below the greeting.
export class Thread {
    #entries = [];
    #after = null;
    /// Rises when what is being loaded is no longer wanted.
    #turn = 0;
    #followsEnd = true;
    #top = 0;
    #list = el("ol", { class: "messages" });
    #greeting = el("div", { class: "message theirs", hidden: true });
    #starters;
    #older;
    #latest;

    /// - load: Answers a page of messages, newest first.
    constructor({ t, load, onstart }) {
        this.t = t;
        this.load = load;
        this.onstart = onstart;
        this.name = "";
        this.#older = el("button", {
            type: "button", class: "button older", hidden: true, onclick: () => this.#loadOlder(),
        }, t("older"));
        this.#starters = el("div", { class: "starters", role: "group", "aria-label": t("starters"), hidden: true });
        this.#latest = iconButton("down", t("latest"), () => this.toEnd(), {
            class: "button square latest", hidden: true,
        });
        this.scroller = el("div", {
            class: "scroller", tabindex: 0, role: "region", "aria-label": t("log"), onscroll: () => this.#scrolled(),
        }, el("div", { class: "column" }, this.#older, this.#greeting, this.#list, this.#starters));
        this.node = el("div", { class: "thread" }, this.scroller, this.#latest);
        new ResizeObserver(() => this.#followsEnd && this.toEnd()).observe(this.#list);
    }

    get last() {
        return this.#entries.at(-1) ?? null;
    }

    get isEmpty() {
        return this.#entries.length === 0;
    }

    /// What is there before anything was said.
    welcome({ greeting, starters = [], name }) {
        this.name = name;
        const text = el("div", { class: "text", dir: "auto" });
        if (greeting) new MarkdownBlocks(text, lex, this.t).show(greeting);
        this.#greeting.replaceChildren(hidden(`${name}: `), text);
        this.#greeting.hidden = !greeting;
        this.#starters.replaceChildren(...starters.map((starter) => el("button", {
            type: "button", class: "starter", dir: "auto", onclick: () => this.onstart(starter),
        }, starter)));
        this.#settle();
    }

    /// Shows the newest page in place of what was there.
    async open() {
        this.clear();
        await this.#loadPage();
        this.toEnd();
    }

    clear() {
        this.#turn += 1;
        this.#entries = [];
        this.#after = null;
        this.#older.hidden = true;
        this.#list.replaceChildren();
        this.#settle();
    }

    append(record) {
        const entry = new Entry(record, this);
        this.#entries.push(entry);
        this.#list.append(entry.node);
        this.#settle();
        return entry;
    }

    drop(entry) {
        this.#entries = this.#entries.filter((other) => other !== entry);
        entry.node.remove();
        this.#settle();
    }

    toEnd() {
        this.#followsEnd = true;
        this.scroller.scrollTop = this.scroller.scrollHeight;
    }

    #settle() {
        this.#starters.hidden = !this.isEmpty || !this.#starters.childElementCount;
        this.onchange?.();
    }

    async #loadPage() {
        const turn = this.#turn;
        const { data, next } = await this.load(this.#after);
        // Another conversation was opened meanwhile.
        if (turn !== this.#turn) return;
        const entries = data.toReversed().map((record) => new Entry(record, this));
        this.#entries.unshift(...entries);
        this.#list.prepend(...entries.map((entry) => entry.node));
        this.#after = next;
        this.#older.hidden = !next;
        this.#settle();
    }

    async #loadOlder() {
        this.#older.disabled = true;
        const anchor = this.#list.firstElementChild;
        const before = anchor.getBoundingClientRect().top;
        try {
            await this.#loadPage();
            await new Promise(requestAnimationFrame);
            this.scroller.scrollTop += anchor.getBoundingClientRect().top - before;
        } catch {
            // The button stays for another try.
        } finally {
            this.#older.disabled = false;
        }
    }

    #scrolled() {
        const { scrollHeight, scrollTop, clientHeight } = this.scroller;
        if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.#followsEnd = true;
        else if (scrollTop < this.#top) this.#followsEnd = false;
        this.#top = scrollTop;
        this.#latest.hidden = this.#followsEnd;
    }
}
