import { APIError } from "../api.js";
import { open } from "../dialog.js";
import { el, icon } from "../dom.js";
import { dateOrTime, number, t, when } from "../i18n.js";
import { asksToFind } from "../shortcuts.js";
import { found, recent } from "./found.js";
import { places } from "./places.js";

/// The server is asked when no key was pressed for this long, in milliseconds.
const PAUSE = 150;

let shown = null;

/// Opens the dialog that finds conversations, messages, pages and actions; `go(path)` opens a page.
export function openFinder(go) {
    shown ??= new Finder(go);
}

/// A field above the list of what was found. The field keeps the focus; arrow keys mark an entry, and Enter opens it.
class Finder {
    #sections = [];
    #at = 0;
    #timer = null;
    #asking = new AbortController();
    #places = places();

    constructor(go) {
        this.go = go;
        this.list = el("div", { role: "listbox", id: "found", class: "found", "aria-label": t("find.results"), tabindex: -1 });
        this.more = el("button", { type: "button", class: "button quiet more", hidden: true, onclick: () => this.#readOn() }, t("app.more"));
        this.status = el("p", { class: "hint", role: "status" });
        this.field = el("input", {
            type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "found", "aria-autocomplete": "list",
            "aria-label": t("find.title"), placeholder: t("find.placeholder"), autocomplete: "off", spellcheck: "false",
            maxlength: 200, oninput: () => this.#ask(), onkeydown: (event) => this.#key(event),
        });
        this.dialog = open(t("find.title"), { class: "finder", onclose: () => this.#closed() },
            el("div", { class: "finder-field" }, icon("search"), this.field,
                el("button", { type: "button", class: "button quiet square", title: t("find.close"), "aria-label": t("find.close"), onclick: () => this.dialog.close() }, icon("close"))),
            this.list, this.more, this.status);
        this.dialog.querySelector("h2").className = "sr-only";
        this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
        this.field.focus();
        this.#ask();
    }

    get #entries() {
        return this.#sections.flatMap(({ entries }) => entries);
    }

    #closed() {
        clearTimeout(this.#timer);
        this.#asking.abort();
        shown = null;
    }

    /// Shows at once what the console knows, and what the server finds when that has come.
    async #ask() {
        const text = this.field.value.trim();
        clearTimeout(this.#timer);
        this.#asking.abort();
        this.#asking = new AbortController();
        const { signal } = this.#asking;
        this.#at = 0;
        this.status.textContent = "";
        try {
            const known = await this.#places(text);
            if (signal.aborted) return;
            this.#show([{ title: t("find.places"), entries: known }, ...this.#sections.filter(({ isFound }) => isFound && text)]);
            if (text) await new Promise((resolve) => { this.#timer = setTimeout(resolve, PAUSE); });
            const next = text ? await found(text, signal) : await recent(signal);
            if (signal.aborted) return;
            const section = { title: text ? t("find.said") : t("find.recent"), isFound: Boolean(text), ...next };
            this.#show(text ? [{ title: t("find.places"), entries: known }, section] : [section, { title: t("find.places"), entries: known }]);
            this.#tell(text);
        } catch (error) {
            if (!signal.aborted) this.#fail(error);
        }
    }

    /// Reads the next page of what was found, below what is there, and marks its first entry.
    async #readOn() {
        const { signal } = this.#asking;
        const last = this.#sections.at(-1);
        this.more.disabled = true;
        try {
            const { entries, next } = await last.next(signal);
            this.#at = this.#entries.length;
            this.#show([...this.#sections.slice(0, -1), { ...last, entries: [...last.entries, ...entries], next }]);
            this.#tell(this.field.value.trim());
        } catch (error) {
            if (!signal.aborted) this.#fail(error);
        } finally {
            this.more.disabled = false;
            this.field.focus();
        }
    }

    #fail(error) {
        if (!(error instanceof APIError)) throw error;
        this.status.classList.remove("sr-only");
        this.status.textContent = error.message;
    }

    #tell(text) {
        const count = this.#entries.length;
        this.status.textContent = !count ? t("find.none") : text ? t("find.count", { count: number(count) }) : "";
        this.status.classList.toggle("sr-only", count > 0);
    }

    #show(sections) {
        this.#sections = sections.filter(({ entries }) => entries.length);
        let index = 0;
        this.list.replaceChildren(...this.#sections.map((section, at) => el("div", { role: "group", "aria-labelledby": `found-${at}` },
            el("h3", { id: `found-${at}`, role: "presentation" }, section.title),
            section.entries.map((entry) => this.#option(entry, index++)))));
        this.more.hidden = !this.#sections.at(-1)?.next;
        this.#mark();
    }

    #option(entry, index) {
        return el("div", {
            role: "option", id: `found-entry-${index}`, "aria-selected": "false",
            onpointerdown: (event) => event.preventDefault(), onclick: () => this.#choose(entry),
        }, icon(entry.icon), el("span", { class: "option-words" }, el("bdi", {}, entry.name),
            entry.detail && el("span", { class: "hint", dir: "auto" }, entry.detail)),
        entry.at && el("time", { class: "hint", datetime: entry.at, title: when(entry.at) }, dateOrTime(entry.at)));
    }

    #mark() {
        this.#at = Math.max(0, Math.min(this.#at, this.#entries.length - 1));
        for (const [index, node] of [...this.list.querySelectorAll("[role=option]")].entries()) {
            node.setAttribute("aria-selected", String(index === this.#at));
            if (index === this.#at) node.scrollIntoView({ block: "nearest" });
        }
        if (this.#entries.length) this.field.setAttribute("aria-activedescendant", `found-entry-${this.#at}`);
        else this.field.removeAttribute("aria-activedescendant");
    }

    #key(event) {
        if (event.isComposing) return;
        const count = this.#entries.length;
        const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        // The same keys close what they have opened.
        if (asksToFind(event)) this.dialog.close();
        else if (by && count) this.#at = (this.#at + by + count) % count;
        else if (event.key === "PageDown" || event.key === "PageUp") this.#at += event.key === "PageUp" ? -8 : 8;
        else if (event.key === "Enter") this.#choose(this.#entries[this.#at]);
        else return;
        event.preventDefault();
        this.#mark();
    }

    #choose(entry) {
        if (!entry) return;
        this.dialog.close();
        if (entry.act) entry.act();
        else this.go(entry.path);
    }
}
