import { el, iconButton } from "../dom.js";
import { t } from "../i18n.js";
import { MarkdownBlocks, plain } from "../markdown-blocks.js";
import { replyCode } from "./code.js";
import { math } from "./math.js";
import { picture } from "./picture.js";
import { lexed } from "./syntax.js";

/// A Markdown text in the console: marked's tokens with formulas and footnotes, and this language's words.
export class Markdown extends MarkdownBlocks {
    #unfolded = new Set();
    #pictures = new Map();

    #isInLink = false;

    /// `showsPictures`: whether its reader is signed in, and so may ask the server for pictures.
    constructor(container, { showsPictures = true } = {}) {
        super(container, lexed, (key) => t(`chat.${key}`));
        this.showsPictures = showsPictures;
    }

    block(token, dir) {
        if (token.type === "formula") return el("p", { dir: "ltr" }, math(token));
        if (token.type === "footnote") return this.#footnote(token, dir);
        return super.block(token, dir);
    }

    span(token) {
        if (token.type === "formula") return math(token);
        if (token.type === "footnoteMark") return this.#mark(token);
        if (token.type === "image") return this.#picture(token);
        if (token.type === "link") return this.#link(token);
        return super.span(token);
    }

    code(token) {
        return replyCode(token.text, plain((token.lang ?? "").split(/\s/)[0]), this.#unfolded);
    }

    /// A footnote is where it was written, and leads back to the first place that names it.
    #footnote({ label, tokens }, dir) {
        const back = iconButton("up", t("chat.footnoteBack", { label }), () => this.#find("ref", label)?.focus());
        return el("p", { class: "footnote", dir, tabindex: -1, "data-note": label },
            el("sup", {}, label), " ", this.inline(tokens), " ", back);
    }

    #mark({ label }) {
        return el("sup", {}, el("button", {
            type: "button", class: "footnote-mark", "data-ref": label, "aria-label": t("chat.footnote", { label }),
            onclick: () => this.#find("note", label)?.focus(),
        }, label));
    }

    #picture(token) {
        // Nothing that can be clicked stands within a link.
        if (this.#isInLink) return plain(token.text) || token.raw;
        const shown = this.showsPictures && picture({ href: plain(token.href), name: plain(token.text) }, this.#pictures);
        return shown || super.span(token);
    }

    #link(token) {
        this.#isInLink = true;
        try {
            return super.span(token);
        } finally {
            this.#isInLink = false;
        }
    }

    #find(kind, label) {
        return [...this.container.querySelectorAll(`[data-${kind}]`)].find((node) => node.dataset[kind] === label);
    }
}
