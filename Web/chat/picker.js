import { el, hidden, icon } from "../dom.js";
import { t } from "../i18n.js";
import { plain } from "../plain.js";
import { face } from "./face.js";

let lastId = 0;

/// A button that opens a list with a search field above it. `options` are `{value, name, hint?, face?}`; `onchange(value)`
/// runs when another one is chosen. Arrow keys, Enter and Escape work in the search field.
export class Picker {
    #options;
    #shown = [];
    #at = 0;
    #value;
    #id = `picker-${(lastId += 1)}`;

    constructor({ label, options, value, onchange }) {
        this.#options = options;
        this.#value = value;
        this.onchange = onchange;
        this.label = label;
        this.words = el("span", { class: "picker-words" });
        this.button = el("button", {
            type: "button", class: "button quiet pill", "aria-haspopup": "listbox", "aria-expanded": "false",
            onclick: () => (this.isOpen ? this.close() : this.open()),
        }, hidden(`${label}: `), this.words, icon("chevron"));
        this.search = el("input", {
            type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": this.#id, "aria-autocomplete": "list",
            "aria-label": t("picker.search", { name: label }), placeholder: t("picker.placeholder"), autocomplete: "off",
            oninput: () => this.#filter(), onkeydown: (event) => this.#key(event),
        });
        this.list = el("ul", { role: "listbox", id: this.#id, "aria-label": label });
        this.none = el("p", { class: "hint", role: "status" });
        this.menu = el("div", { class: "menu", hidden: true }, this.search, this.list, this.none);
        this.node = el("div", {
            class: "picker", onfocusout: ({ relatedTarget: to }) => to && !this.node.contains(to) && this.close(false),
        }, this.button, this.menu);
        this.#label();
    }

    get value() {
        return this.#value;
    }

    set value(value) {
        this.#value = value;
        this.#label();
    }

    get isOpen() {
        return !this.menu.hidden;
    }

    open() {
        this.menu.hidden = false;
        this.button.setAttribute("aria-expanded", "true");
        this.search.value = "";
        this.#filter();
        this.search.focus();
        this.outside = (event) => !this.node.contains(event.target) && this.close(false);
        document.addEventListener("pointerdown", this.outside);
    }

    close(takeFocus = true) {
        if (!this.isOpen) return;
        this.menu.hidden = true;
        this.button.setAttribute("aria-expanded", "false");
        document.removeEventListener("pointerdown", this.outside);
        if (takeFocus) this.button.focus();
    }

    #label() {
        const chosen = this.#options.find(({ value }) => value === this.#value) ?? this.#options[0];
        this.words.replaceChildren(...(chosen?.face ? [face(chosen.face, "small")] : []), el("bdi", {}, chosen?.name ?? ""));
    }

    #filter() {
        const wanted = plain(this.search.value.trim());
        this.#shown = this.#options.filter(({ name, hint = "" }) => plain(`${name} ${hint ?? ""}`).includes(wanted));
        this.#at = Math.max(0, this.#shown.findIndex(({ value }) => value === this.#value));
        this.list.replaceChildren(...this.#shown.map((option, index) => this.#option(option, index)));
        this.list.hidden = this.#shown.length === 0;
        this.none.textContent = this.#shown.length ? "" : t("picker.none");
        this.#mark();
    }

    #option(option, index) {
        return el("li", {
            role: "option", id: `${this.#id}-${index}`, "aria-selected": String(option.value === this.#value),
            // The search field keeps the focus.
            onpointerdown: (event) => event.preventDefault(), onclick: () => this.#choose(option),
        }, option.face && face(option.face, "small"),
        el("span", { class: "option-words" }, el("bdi", {}, option.name), option.hint && el("span", { class: "hint", dir: "auto" }, option.hint)));
    }

    #mark() {
        for (const [index, node] of [...this.list.children].entries()) node.classList.toggle("marked", index === this.#at);
        const node = this.list.children[this.#at];
        node?.scrollIntoView({ block: "nearest" });
        if (node) this.search.setAttribute("aria-activedescendant", node.id);
        else this.search.removeAttribute("aria-activedescendant");
    }

    #key(event) {
        const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (event.isComposing) return;
        if (by && this.#shown.length) this.#at = (this.#at + by + this.#shown.length) % this.#shown.length;
        else if (event.key === "Enter") this.#choose(this.#shown[this.#at]);
        else if (event.key === "Escape") this.close();
        else return;
        event.preventDefault();
        event.stopPropagation();
        this.#mark();
    }

    #choose(option) {
        if (!option) return;
        const isNew = option.value !== this.#value;
        this.value = option.value;
        this.close();
        if (isNew) this.onchange?.(option.value);
    }
}
