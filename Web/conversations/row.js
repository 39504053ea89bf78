import { el, hidden, iconButton } from "../dom.js";
import { t } from "../i18n.js";

/// One conversation of the list.
export class Row {
    #title = el("span", { class: "row-title", dir: "auto" });
    #dot = el("span", { class: "dot", hidden: true, title: t("list.running") }, hidden(t("list.running")));

    /// `onmenu(button)` runs when its actions are asked for.
    constructor(record, { onmenu }) {
        this.link = el("a", { href: `#/c/${record.id}` }, this.#title, this.#dot);
        this.more = iconButton("more", "", () => onmenu(this.more), {
            class: "button quiet square row-more", "aria-haspopup": "menu", "aria-expanded": "false",
        });
        this.check = el("input", { type: "checkbox" });
        this.node = el("li", { class: "row", "data-id": record.id }, this.check, this.link, this.more);
        this.update(record);
    }

    get title() {
        return this.record.title || t("chat.untitled");
    }

    update(record) {
        this.record = record;
        this.#title.textContent = this.title;
        this.link.title = this.title;
        const label = t("list.actions", { title: this.title });
        this.more.title = label;
        this.check.setAttribute("aria-label", t("list.selectOne", { title: this.title }));
        this.more.querySelector(".sr-only").textContent = label;
        this.isRunning = Boolean(record.running_message_id);
    }

    set isRunning(isRunning) {
        this.#dot.hidden = !isRunning;
    }

    /// Whether it is chosen with a box, and not opened.
    set isSelectable(isSelectable) {
        if (isSelectable) this.link.tabIndex = -1;
        else this.link.removeAttribute("tabindex");
    }

    mark(isCurrent) {
        if (isCurrent) this.link.setAttribute("aria-current", "page");
        else this.link.removeAttribute("aria-current");
    }
}
