import { el, iconButton } from "./dom.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'" };
const SAFE_LINKS = new Set(["http:", "https:", "mailto:"]);

/// The lexer escapes text for an HTML renderer, which there is none of here.
const plain = (text) => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]);

/// A Markdown text shown in `container`. HTML in it stays text; only blocks that changed since the last call are
/// rebuilt. `lexer(text)` answers tokens in the form of marked's; `words(key)` the texts `code`, `copyCode`, `copied`
/// and `table`.
export class MarkdownBlocks {
    #sources = [];
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
        while (same < blocks.length && this.#sources[same] === blocks[same].raw) same += 1;
        while (this.container.childNodes.length > same) this.container.lastChild.remove();
        this.container.append(...blocks.slice(same).map((token) => this.#block(token)));
        this.#sources = blocks.map((token) => token.raw);
    }

    #lex(text) {
        try {
            return levelled(this.#lexer(text).filter(isShown));
        } catch {
            return [{ type: "paragraph", raw: text, tokens: [{ type: "text", raw: text, text }] }];
        }
    }

    /// Blocks within another. Text in an element with a `dir` of its own would not count for the direction of what is
    /// around it: of a list, which decides on which side the markers are, of a quotation and of a table.
    #blocks(tokens = []) {
        return tokens.filter(isShown).map((token) => this.#block(token, null));
    }

    #block(token, dir = "auto") {
        switch (token.type) {
        case "heading":
            return el(token.level ? `h${token.level}` : "p", { class: "heading", dir }, inline(token.tokens));
        case "paragraph":
            return el("p", { dir }, inline(token.tokens));
        case "code":
            return this.#code(token);
        case "blockquote":
            return el("blockquote", { dir }, this.#blocks(token.tokens));
        case "hr":
            return el("hr");
        case "list":
            return el(token.ordered ? "ol" : "ul", {
                dir, start: token.ordered && token.start !== 1 ? token.start : null,
            }, token.items.map((item) => this.#item(item)));
        case "table":
            return this.#table(token, dir);
        case "text":
            return token.tokens ? el("div", { dir }, inline(token.tokens)) : el("div", { dir }, plain(token.text));
        default:
            return el("p", { class: "raw", dir }, token.raw.trim());
        }
    }

    #item(token) {
        return el("li", {}, token.task && (token.checked ? "☑ " : "☐ "), this.#blocks(token.tokens));
    }

    #code(token) {
        return codeBlock(token.text, {
            title: plain((token.lang ?? "").split(/\s/)[0]), label: this.#words("code"),
            copyLabel: this.#words("copyCode"), done: this.#words("copied"),
        });
    }

    #table(token, dir) {
        const cell = (tag, content, column) => el(
            tag, { class: token.align[column], dir: null }, inline(content.tokens));
        const line = (tag, cells) => el("tr", {}, cells.map((content, column) => cell(tag, content, column)));
        return el("div", { class: "table", tabindex: 0, role: "region", "aria-label": this.#words("table") },
            el("table", { dir },
                el("thead", {}, line("th", token.header)),
                el("tbody", {}, token.rows.map((row) => line("td", row)))));
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

const inline = (tokens = []) => tokens.map(span);

function span(token) {
    switch (token.type) {
    case "strong":
    case "em":
    case "del":
        return el(token.type, {}, inline(token.tokens));
    case "codespan":
        return el("code", { dir: "ltr" }, plain(token.text));
    case "br":
        return el("br");
    case "link":
        return link(token.href, inline(token.tokens));
    case "image":
        return link(token.href, [plain(token.text) || token.raw]);
    case "text":
        return token.tokens ? inline(token.tokens) : plain(token.text);
    case "escape":
        return plain(token.text);
    default:
        return /^<br\s*\/?>$/i.test(token.raw) ? el("br") : token.raw;
    }
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
    setTimeout(() => {
        label.textContent = before;
        button.classList.remove("done");
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
