import { open } from "../dialog.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";

/// Offers a conversation as a file: to read, or with every version for another program.
export function offerExport(id) {
    const link = (query, label, help) => el("li", {},
        el("div", {}, el("p", { class: "hint" }, help)),
        el("a", {
            class: "button", href: `/conversations/${id}/export?${query}`, download: "", onclick: () => dialog.close(),
        }, label));
    const close = el("button", { type: "button", class: "button", onclick: () => dialog.close() }, t("form.cancel"));
    const dialog = open(t("chat.exportTitle"), {},
        el("ul", { class: "rows" },
            link("format=markdown", t("chat.exportMarkdown"), t("chat.exportMarkdownHelp")),
            link("format=json&branch=all", t("chat.exportJSON"), t("chat.exportJSONHelp"))),
        el("div", { class: "buttons" }, close));
    dialog.querySelector("a").focus();
}
