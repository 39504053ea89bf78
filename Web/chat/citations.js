import { get } from "../api.js";
import { open } from "../dialog.js";
import { el } from "../dom.js";
import { number, t } from "../i18n.js";

const MARKER = /\[(\d{1,3})\]/;

/// Makes buttons of the markers `[n]` in a reply's text, but for those in code, links and formulas. `show(citation)` opens one.
export function markCitations(body, citations, show) {
    const known = new Map(citations.map((citation) => [String(citation.n), citation]));
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const node of texts) {
        if (node.parentElement.closest("code, a, button, .math")) continue;
        const parts = node.data.split(MARKER);
        if (parts.length === 1) continue;
        // Every second part is a number.
        node.replaceWith(...parts.map((part, at) => (at % 2 === 0 ? part
            : known.has(part) ? chip(known.get(part), show) : `[${part}]`)).filter((part) => part !== ""));
    }
}

/// The sources of a reply, by their names.
export function sourceList(citations, show) {
    return el("ul", { class: "sources", "aria-label": t("cite.sources") },
        citations.map((citation) => el("li", {}, chip(citation, show, place(citation)))));
}

/// Opens the passage that a reply cites.
export async function showCitation({ conversation_id: conversation, id: message }, { n, ...citation }) {
    const path = `/conversations/${conversation}/messages/${message}/citations/${n}`;
    const { quote } = await get(path).catch((error) => {
        if (error.status !== 404) throw error;
        return { quote: null };
    });
    open(place(citation), { class: "wide" },
        citation.heading ? el("p", { class: "hint" }, citation.heading) : null,
        quote === null ? el("p", {}, t("cite.gone")) : el("blockquote", { class: "passage" }, el("mark", {}, quote)),
        el("form", { method: "dialog", class: "buttons" }, el("button", { class: "button" }, t("cite.close"))));
}

function place({ name, page }) {
    return page ? t("cite.page", { name, page: number(page) }) : name;
}

function chip(citation, show, name = null) {
    const label = t("cite.source", { n: number(citation.n), name: place(citation) });
    return el("button", {
        type: "button", class: "citation", title: label, "aria-label": label, onclick: () => show(citation),
    }, number(citation.n), name && el("span", { dir: "auto" }, name));
}
