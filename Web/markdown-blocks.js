import { el, iconButton, setIcon } from "./dom.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'" };
const SAFE_LINKS = new Set(["http:", "https:", "mailto:"]);

/// The lexer escapes text for an HTML renderer, which there is none of here.
export const plain = (text) => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]);

/// A Markdown text shown in `container`. HTML in it stays text; only blocks that changed since the last call are
/// rebuilt. `lexer(text)` answers tokens in the form of marked's; `words(key)` the texts `code`, `copyCode`, `copied`
/// and `table`. Subclasses draw more kinds of tokens by `block` and `span`.
export class MarkdownBlocks {
    #sources = [];
    #shared = "";
    #lexer;
    #words;

    constructor(container, lexer, words) {
        this.container = container;
        this.#lexer = lexer;
        this.#words = words;
    }

    show(text) {
        const blocks = this.#lex(text);
        let same = 0;
        // A link's address may be defined anywhere, also below the block that names it.
        const shared = JSON.stringify(blocks.links ?? null);
        if (shared !== this.#shared) this.#sources = [];
        this.#shared = shared;
        while (same < blocks.length && this.#sources[same] === blocks[same].raw) same += 1;
        while (this.container.childNodes.length > same) this.container.lastChild.remove();
        this.container.append(...blocks.slice(same).map((token) => this.block(token)));
        this.#sources = blocks.map((token) => token.raw);
    }

    #lex(text) {
        try {
            const tokens = this.#lexer(text);
            return Object.assign(levelled(tokens.filter(isShown)), { links: tokens.links });
        } catch {
            return [{ type: "paragraph", raw: text, tokens: [{ type: "text", raw: text, text }] }];
        }
    }

    /// Blocks within another. Text in an element with a `dir` of its own would not count for the direction of what is
    /// around it: of a list, which decides on which side the markers are, of a quotation and of a table.
    blocks(tokens = []) {
        return tokens.filter(isShown).map((token) => this.block(token, null));
    }

    block(token, dir = "auto") {
        switch (token.type) {
        case "heading":
            return el(token.level ? `h${token.level}` : "p", { class: "heading", dir }, this.inline(token.tokens));
        case "paragraph":
            return el("p", { dir }, this.inline(token.tokens));
        case "code":
            return this.code(token);
        case "blockquote":
            return el("blockquote", { dir }, this.blocks(token.tokens));
        case "hr":
            return el("hr");
        case "list":
            return el(token.ordered ? "ol" : "ul", {
                dir, start: token.ordered && token.start !== 1 ? token.start : null,
            }, token.items.map((item) => this.#item(item)));
        case "table":
            return this.#table(token, dir);
        case "text":
            return token.tokens ? el("div", { dir }, this.inline(token.tokens)) : el("div", { dir }, plain(token.text));
        default:
            return el("p", { class: "raw", dir }, token.raw.trim());
        }
    }

    #item(token) {
        if (!token.task) return el("li", {}, this.blocks(token.tokens));
        return el("li", { class: "task" },
            el("span", { class: "box" }, token.checked ? "☑" : "☐"), el("div", {}, this.blocks(token.tokens)));
    }

    code(token) {
        return codeBlock(token.text, {
            title: plain((token.lang ?? "").split(/\s/)[0]), label: this.#words("code"),
            copyLabel: this.#words("copyCode"), done: this.#words("copied"),
        });
    }

    #table(token, dir) {
        const cell = (tag, content, column) => el(
            tag, { class: token.align[column], dir: null }, this.inline(content.tokens));
        const line = (tag, cells) => el("tr", {}, cells.map((content, column) => cell(tag, content, column)));
        return el("div", { class: "table", tabindex: 0, role: "region", "aria-label": this.#words("table") },
            el("table", { dir },
                el("thead", {}, line("th", token.header)),
                el("tbody", {}, token.rows.map((row) => line("td", row)))));
    }

    inline(tokens = []) {
        return tokens.map((token) => this.span(token));
    }

    span(token) {
        switch (token.type) {
        case "strong":
        case "em":
        case "del":
            return el(token.type, {}, this.inline(token.tokens));
        case "codespan":
            return el("code", { dir: "ltr" }, plain(token.text));
        case "br":
            return el("br");
        case "link":
            return link(token.href, this.inline(token.tokens));
        case "image":
            return link(token.href, [plain(token.text) || token.raw]);
        case "text":
            return token.tokens ? this.inline(token.tokens) : plain(token.text);
        case "escape":
            return plain(token.text);
        default:
            return /^<br\s*\/?>$/i.test(token.raw) ? el("br") : token.raw;
        }
    }
}

/// Gives headings levels below the speaker's name, without the gaps that models leave.
function levelled(tokens) {
    let last = 2;
    for (const token of tokens.filter(({ type }) => type === "heading")) {
        last = token.level = Math.min(token.depth + 2, last + 1, 6);
    }
    return tokens;
}

const isShown = ({ type }) => type !== "space" && type !== "def";

/// Code with a bar above it from which `copied` can be copied; `done` is shown for a moment then.
export function codeBlock(text, { title, label, copyLabel, done, copied = text }) {
    const copy = iconButton("copy", copyLabel, () => copyText(copied, copy, done));
    return el("div", { class: "code", dir: "ltr" },
        el("div", { class: "code-bar" }, el("span", {}, title), copy),
        el("pre", { tabindex: 0, role: "region", "aria-label": label }, el("code", {}, text)));
}

/// Images become links too: showing one would tell its server who reads along.
function link(address, content) {
    const url = plain(address);
    if (!URL.canParse(url) || !SAFE_LINKS.has(new URL(url).protocol)) return content;
    return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, content);
}

/// Copies `text` and says `done` on `button` for a moment.
export async function copyText(text, button, done) {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copySelected(text, button);
    const label = button.querySelector("span");
    const before = label.textContent;
    label.textContent = done;
    button.classList.add("done");
    setIcon(button, "check");
    setTimeout(() => {
        label.textContent = before;
        button.classList.remove("done");
        setIcon(button, "copy");
    }, 1500);
}

/// Where there is no HTTPS, browsers have no clipboard for pages.
function copySelected(text, button) {
    const area = el("textarea", { class: "sr-only", "aria-hidden": "true" });
    area.value = text;
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
}
