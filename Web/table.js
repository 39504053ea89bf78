import { el } from "./dom.js";

/// A table that scrolls by itself where it is too wide. `columns` are `{ title, cell(row), kind }` each; `kind` is a
/// class of its cells.
export function table(caption, columns, rows = []) {
    const body = el("tbody");
    const line = (row) => el("tr", {}, columns.map(({ cell, kind }) => el("td", { class: kind }, cell(row) ?? "")));
    const add = (more) => body.append(...more.map(line));
    add(rows);
    const node = el("div", { class: "table", tabindex: 0, role: "region", "aria-label": caption },
        el("table", {},
            el("caption", { class: "sr-only" }, caption),
            el("thead", {}, el("tr", {},
                columns.map(({ title, kind }) => el("th", { scope: "col", class: kind }, title)))),
            body));
    return { node, add, clear: () => body.replaceChildren(), get length() { return body.childElementCount; } };
}

/// A bar filled by `share`, from 0 to 1, beside words that say the same.
export function bar(share) {
    const fill = el("span");
    fill.style.width = `${100 * Math.min(1, Math.max(0, share || 0))}%`;
    return el("span", { class: "bar", "aria-hidden": "true" }, fill);
}
