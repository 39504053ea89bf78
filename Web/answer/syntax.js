/// What replies have beyond marked's Markdown: formulas and footnotes. Each scan is bounded, for the text is hostile.
const LONGEST = 5000;
const LONGEST_OF_LINE = 600;
/// What begins and ends a formula within a line, and what stands on lines of its own.
const SPANS = [["$$", "$$", true], ["$", "$", false], ["\\(", "\\)", false], ["\\[", "\\]", true]];

let isInstalled = false;

/// Answers marked's tokens of `text`.
export function lexed(text) {
    if (!isInstalled) globalThis.marked.use({ extensions: [blockFormula, formula, footnote, footnoteMark] });
    isInstalled = true;
    const tokens = globalThis.marked.lexer(text);
    const notes = tokens.filter(({ type }) => type === "footnote").map(({ label }) => label);
    tokens.links = { ...tokens.links, "": notes };
    return tokens;
}

/// The place of what comes first, or undefined.
function first(text, ...marks) {
    const places = marks.map((mark) => text.indexOf(mark)).filter((place) => place >= 0);
    return places.length ? Math.min(...places) : undefined;
}

function formulaAt(text, raw, marks) {
    for (const [open, close, isBlock] of marks) {
        if (!text.startsWith(open)) continue;
        const end = endOf(text.slice(0, open === "$" ? LONGEST_OF_LINE : LONGEST), open, close);
        if (end < 0) continue;
        const content = text.slice(open.length, end);
        if (content.trim()) return { type: "formula", raw: raw(end + close.length), text: content, isBlock };
    }
    return undefined;
}

function endOf(text, open, close) {
    if (open !== "$") return text.indexOf(close, open.length);
    // Money is no formula: “$5 and $10”, “$5–$10”.
    if (/\s/.test(text[1] ?? " ")) return -1;
    for (let at = 1; at < text.length && text[at] !== "\n"; at += 1) {
        if (text[at] === "\\") at += 1;
        else if (text[at] === "$") return !/\s/.test(text[at - 1]) && !/[\p{L}\p{N}]/u.test(text[at + 1] ?? "") ? at : -1;
    }
    return -1;
}

const formula = {
    name: "formula",
    level: "inline",
    start: (text) => first(text, "$", "\\(", "\\["),
    tokenizer: (text) => formulaAt(text, (end) => text.slice(0, end), SPANS),
};

const blockFormula = {
    name: "formula",
    level: "block",
    start: (text) => first(text, "\n$$", "\n\\["),
    tokenizer(text) {
        const [indent] = /^ {0,3}/.exec(text);
        const token = formulaAt(text.slice(indent.length), (end) => text.slice(0, end + indent.length), SPANS.filter((span) => span[2]));
        const rest = token && /^[ \t]*(?:\n|$)/.exec(text.slice(token.raw.length));
        return rest ? { ...token, raw: token.raw + rest[0] } : undefined;
    },
};

const footnote = {
    name: "footnote",
    level: "block",
    start: (text) => first(text, "\n[^"),
    tokenizer(text) {
        const found = /^\[\^([^\]\s]{1,40})\]:[ \t]+([^\n]+(?:\n(?!\s*\n|\[\^)[^\n]+)*)(?:\n|$)/.exec(text);
        if (!found) return undefined;
        const token = { type: "footnote", raw: found[0], label: found[1], tokens: [] };
        this.lexer.inline(found[2], token.tokens);
        return token;
    },
};

const footnoteMark = {
    name: "footnoteMark",
    level: "inline",
    start: (text) => first(text, "[^"),
    tokenizer(text) {
        const found = /^\[\^([^\]\s]{1,40})\]/.exec(text);
        return found ? { type: "footnoteMark", raw: found[0], label: found[1] } : undefined;
    },
};
