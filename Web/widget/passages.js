import { markCitations } from "../citation-marks.js";
import { el, iconButton } from "../dom.js";

/// The passages that a reply cites: chips in its text, each of which shows its passage below the text.
export class Passages {
    node = el("figure", { class: "passage", hidden: true });
    #citations = [];
    #shown = null;

    constructor(t, body) {
        this.t = t;
        this.body = body;
    }

    set all(citations) {
        this.#citations = citations ?? [];
    }

    add(citation) {
        this.#citations = [...this.#citations, citation];
    }

    /// Makes chips of the markers that have been drawn since.
    mark() {
        if (this.#citations.length) markCitations(this.body, this.#citations, (citation) => this.#chip(citation));
    }

    #chip(citation) {
        const { t } = this;
        const n = t.number(citation.n);
        const label = t("source", { n, name: this.#place(citation) });
        return el("button", {
            type: "button", class: "chip", title: label, "aria-label": label, "data-source": citation.n,
            "aria-expanded": String(this.#shown === citation.n),
            onclick: () => this.#show(this.#shown === citation.n ? null : citation),
        }, n);
    }

    #place({ name, page }) {
        return page ? this.t("page", { name, page: this.t.number(page) }) : name;
    }

    #show(citation) {
        const before = this.#shown;
        this.#shown = citation?.n ?? null;
        for (const chip of this.body.querySelectorAll(".chip")) {
            chip.setAttribute("aria-expanded", String(chip.dataset.source === String(this.#shown)));
        }
        this.node.hidden = !citation;
        // The button that closes it is gone.
        if (!citation) return this.body.querySelector(`.chip[data-source="${before}"]`)?.focus();
        const { heading, quote } = citation;
        this.node.replaceChildren(
            el("figcaption", {}, el("bdi", {}, this.#place(citation)),
                iconButton("close", this.t("closeSource"), () => this.#show(null))),
            ...heading ? [el("p", { class: "above" }, heading)] : [],
            quote ? el("blockquote", { tabindex: 0 }, quote) : el("p", {}, this.t("sourceGone")));
    }
}
