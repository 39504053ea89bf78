import { get } from "../api.js";
import { el, iconButton } from "../dom.js";
import { t } from "../i18n.js";
import { Message } from "./message.js";

const PAGE = 50;
/// Nearer to the end than this, in pixels, the view follows what arrives.
const NEAR_END = 80;

/// The messages of one conversation: the newest page first, older ones as one scrolls up.
export class Thread {
    #messages = [];
    #after = null;
    #loading = null;
    #followsEnd = true;
    /// Where the view was: only a reader moves it up, while growth below leaves it in place.
    #top = 0;
    #list = el("ol", { class: "messages" });
    #older = el("button", {
        type: "button", class: "button older", hidden: true, onclick: () => this.#loadOlder(),
    }, t("chat.older"));
    #latest = iconButton("down", t("chat.latest"), () => this.toEnd(), { class: "button square latest", hidden: true });

    /// `speaker(record)` answers the chatbot of a reply, `on` is what `Message` says.
    constructor(conversation, { speaker, header = null, on }) {
        this.conversation = conversation;
        this.speaker = speaker;
        this.on = on;
        this.empty = el("p", { class: "empty-thread" }, t("chat.empty"));
        this.scroller = el("div", {
            class: "scroller", tabindex: 0, role: "region", "aria-label": t("chat.log"),
            onscroll: () => this.#scrolled(),
        }, el("div", { class: "column" }, this.#older, header, this.empty, this.#list));
        this.node = el("div", { class: "thread" }, this.scroller, this.#latest);
        new IntersectionObserver(([entry]) => entry.isIntersecting && this.#loadOlder(), {
            root: this.scroller, rootMargin: "400px 0px",
        }).observe(this.#older);
        new ResizeObserver(() => this.#followsEnd && this.toEnd()).observe(this.#list);
    }

    get last() {
        return this.#messages.at(-1) ?? null;
    }

    /// The last message that is the reader's own.
    get lastOwn() {
        return this.#messages.findLast((message) => message.record.sender === "user") ?? null;
    }

    find(id) {
        return this.#messages.find((message) => message.record.id === id) ?? null;
    }

    /// Reads the newest page, in place of what was shown; with `id` also older ones until that message is there, which
    /// stays where it is on the screen.
    async load(id = null) {
        const page = await this.#page(null);
        this.#messages = [];
        this.#list.replaceChildren();
        this.#insertBefore(page);
        this.settle();
        this.toEnd();
        while (id && !this.find(id) && this.#after) await this.#loadOlder();
    }

    /// Keeps the view at a message while others change; `top` is where it is on the screen.
    hold(message, top) {
        this.#followsEnd = false;
        this.scroller.scrollTop += message.node.getBoundingClientRect().top - top;
        this.#scrolled();
    }

    /// Brings a message into the middle of the view, once those around it have their heights.
    async reveal(message) {
        this.#followsEnd = false;
        message.reveal();
        for (let frame = 0; frame < 3 && !this.#followsEnd; frame += 1) {
            await new Promise(requestAnimationFrame);
            message.node.scrollIntoView({ block: "center" });
        }
        this.#scrolled();
    }

    /// Takes a message and all that follow it off the page; `restore` puts them back.
    cut(message) {
        const at = this.#messages.indexOf(message);
        const removed = this.#messages.splice(at);
        for (const { node } of removed) node.remove();
        this.settle();
        return removed;
    }

    restore(messages) {
        this.#messages.push(...messages);
        this.#list.append(...messages.map(({ node }) => node));
        this.settle();
    }

    append(record) {
        const message = this.#make(record);
        this.#messages.push(message);
        this.#list.append(message.node);
        this.settle();
        return message;
    }

    drop(message) {
        this.#messages = this.#messages.filter((other) => other !== message);
        message.node.remove();
        this.settle();
    }

    /// While a reply runs, nothing else can be asked for. Only the last one can be continued.
    settle(isRunning = false) {
        this.empty.hidden = this.#messages.length > 0;
        this.#list.classList.toggle("replying", isRunning);
        for (const message of this.#messages.slice(-3)) message.allowContinuing(message === this.last);
    }

    /// Reads all older messages.
    async loadAll() {
        while (this.#after) await this.#loadOlder();
    }

    toEnd() {
        this.#followsEnd = true;
        this.scroller.scrollTop = this.scroller.scrollHeight;
    }

    async #page(after) {
        const cursor = after ? `&after=${encodeURIComponent(after)}` : "";
        return get(`/conversations/${this.conversation}/messages?order=desc&limit=${PAGE}${cursor}`);
    }

    /// Once, however many ask meanwhile.
    async #loadOlder() {
        if (!this.#after) return;
        this.#loading ??= this.#readOlder().finally(() => { this.#loading = null; });
        await this.#loading;
    }

    async #readOlder() {
        this.#older.disabled = true;
        try {
            const page = await this.#page(this.#after);
            const anchor = this.#list.firstElementChild;
            const before = anchor.getBoundingClientRect().top;
            this.#insertBefore(page);
            this.scroller.scrollTop += anchor.getBoundingClientRect().top - before;
        } finally {
            this.#older.disabled = false;
        }
    }

    #insertBefore({ data, next }) {
        const older = data.toReversed().map((record) => this.#make(record));
        // The newest one is what one came for.
        for (const message of this.#messages.length ? older : older.slice(0, -1)) message.fold();
        this.#messages.unshift(...older);
        this.#list.prepend(...older.map((message) => message.node));
        this.#after = next;
        this.#older.hidden = !next;
    }

    #make(record) {
        return new Message(record, { speaker: this.speaker(record), on: this.on });
    }

    #scrolled() {
        const { scrollHeight, scrollTop, clientHeight } = this.scroller;
        if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.#followsEnd = true;
        else if (scrollTop < this.#top) this.#followsEnd = false;
        this.#top = scrollTop;
        this.#latest.hidden = this.#followsEnd;
    }
}
