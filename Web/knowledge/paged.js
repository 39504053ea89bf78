import { get } from "../api.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";

/// A list that is read page by page. `rows(items)` answers its elements, of all items that are there so far.
export class PagedList {
    items = [];
    #next = null;
    #list;
    #none;
    #problem = el("p", { class: "form-error", role: "alert" });
    #more = el("button", { type: "button", class: "button", onclick: () => this.#showMore() }, t("app.more"));

    constructor({ path, rows, none, label, size = 50 }) {
        Object.assign(this, { path, rows, size });
        this.#list = el("ul", { class: "rows", "aria-label": label });
        this.#none = el("p", { class: "hint" }, none);
        this.node = el("div", { class: "stack" }, this.#problem, this.#none, this.#list, this.#more);
    }

    async load() {
        const after = this.#next ? `&after=${encodeURIComponent(this.#next)}` : "";
        const page = await get(`${this.path}?limit=${this.size}${after}`);
        this.items.push(...page.data);
        this.#next = page.next;
        this.#draw();
    }

    async reload() {
        this.items = [];
        this.#next = null;
        await this.load();
    }

    /// Reads on until an item is there. Answers undefined if there is none.
    async find(isIt) {
        let found = this.items.find(isIt);
        while (!found && this.#next) {
            await this.load();
            found = this.items.find(isIt);
        }
        return found;
    }

    async #showMore() {
        this.#problem.textContent = "";
        this.#more.disabled = true;
        const seen = this.#list.childElementCount;
        try {
            await this.load();
            this.#list.children[seen]?.querySelector("button")?.focus();
        } catch (error) {
            this.#problem.textContent = error.message;
        } finally {
            this.#more.disabled = false;
        }
    }

    #draw() {
        this.#list.replaceChildren(...this.rows(this.items));
        this.#list.hidden = !this.items.length;
        this.#none.hidden = this.items.length > 0;
        this.#more.hidden = !this.#next;
    }
}
