import { get } from "../api.js";
import { markCitations as mark } from "../citation-marks.js";
import { open } from "../dialog.js";
import { el } from "../dom.js";
import { number, t } from "../i18n.js";

/// Makes buttons of the markers `[n]` in a reply's text. `show(citation)` opens one.
export const markCitations = (body, citations, show) => mark(body, citations, (citation) => chip(citation, show));

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
