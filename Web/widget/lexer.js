/// Tokens of a Markdown text, in the form of marked's: what chatbots write, in a tenth of its size. HTML stays text.
export function lex(text) {
    return blocks(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

/// Blocks and spans within each other go no deeper; what is inside stays text.
const DEEPEST = 12;
/// A line longer than this, in UTF-16 units, is a paragraph whatever it begins with.
const LONGEST_LINE = 4000;

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const HEADING = /^ {0,3}(#{1,6})(?=\s|$)(.*)$/;
const RULE = /^ {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])( +|$)/;
const DELIMITER = /^ {0,3}\|?(?: *:?-+:? *\|)* *:?-+:? *\|? *$/;

const isBlank = (line) => line.trim() === "";
const matches = (pattern, line) => (line.length > LONGEST_LINE ? null : pattern.exec(line));
const indent = (line) => [.../^[ \t]*/.exec(line)[0]].reduce((sum, each) => sum + (each === "\t" ? 4 : 1), 0);
/// A line without so much of its indentation, or without one tab.
const outdented = (line, width) => line.slice(line[0] === "\t" ? 1 : Math.min(/^ */.exec(line)[0].length, width));
const isTable = (lines, at) => lines[at].includes("|") && at + 1 < lines.length && lines[at + 1].includes("-")
    && lines[at + 1].includes("|") && Boolean(matches(DELIMITER, lines[at + 1]));

/// Whether a line ends the paragraph above it.
function begins(lines, at) {
    const item = matches(ITEM, lines[at]);
    return [FENCE, HEADING, RULE, QUOTE].some((pattern) => matches(pattern, lines[at]))
        || Boolean(item && item[1].length < 4 && item[3] && /^(?:\D|1\D)/.test(item[2])) || isTable(lines, at);
}

function blocks(lines, depth) {
    const tokens = [];
    let at = 0;
    while (at < lines.length) {
        if (isBlank(lines[at])) {
            at += 1;
            continue;
        }
        const [token, next] = depth > DEEPEST ? paragraph(lines, at) : block(lines, at, depth);
        tokens.push({ ...token, raw: lines.slice(at, next).join("\n") });
        at = next;
    }
    return tokens;
}

/// The block that begins at a line, and the line after it.
function block(lines, at, depth) {
    const line = lines[at];
    const fence = matches(FENCE, line);
    if (fence && !(fence[1][0] === "`" && fence[2].includes("`"))) return code(lines, at, fence);
    const heading = matches(HEADING, line);
    if (heading) {
        let end = heading[2].trimEnd().length;
        while (heading[2][end - 1] === "#") end -= 1;
        const text = end === 0 || /\s/.test(heading[2][end - 1]) ? heading[2].slice(0, end) : heading[2];
        return [{ type: "heading", depth: heading[1].length, tokens: inline(text.trim(), 0) }, at + 1];
    }
    if (matches(RULE, line)) return [{ type: "hr" }, at + 1];
    if (QUOTE.test(line)) {
        const next = end(lines, at + 1, (i) => QUOTE.test(lines[i]) || !(isBlank(lines[i]) || begins(lines, i)));
        const inner = lines.slice(at, next).map((each) => each.replace(QUOTE, ""));
        return [{ type: "blockquote", tokens: blocks(inner, depth + 1) }, next];
    }
    const item = matches(ITEM, line);
    if (item && item[1].length < 4) return list(lines, at, item, depth);
    if (isTable(lines, at)) return table(lines, at);
    return paragraph(lines, at);
}

/// The first line from `at` on that does not belong.
function end(lines, at, belongs) {
    let next = at;
    while (next < lines.length && belongs(next)) next += 1;
    return next;
}

function paragraph(lines, at) {
    const next = end(lines, at + 1, (i) => !isBlank(lines[i]) && !begins(lines, i));
    const text = lines.slice(at, next).map((line) => line.trimStart()).join("\n").trimEnd();
    return [{ type: "paragraph", tokens: inline(text, 0) }, next];
}

function code(lines, at, [, marks, lang]) {
    const isEnd = (line) => line.trim().length >= marks.length && [...line.trim()].every((each) => each === marks[0]);
    const margin = indent(lines[at]);
    const next = end(lines, at + 1, (i) => !isEnd(lines[i]));
    const text = lines.slice(at + 1, next).map((line) => (margin ? outdented(line, margin) : line)).join("\n");
    return [{ type: "code", text, lang: lang.trim() }, Math.min(next + 1, lines.length)];
}

function list(lines, at, first, depth) {
    const kind = (mark) => mark.at(-1);
    const items = [];
    let next = at;
    let isLoose = false;
    while (next < lines.length) {
        const item = matches(ITEM, lines[next]);
        if (!item || item[1].length > first[1].length + 1 || kind(item[2]) !== kind(first[2])
            || matches(RULE, lines[next])) break;
        const start = next;
        // Models indent what is inside by two spaces, whatever the marker's width.
        const inside = item[1].length + 2;
        const width = item[0].length - (item[3].length > 4 ? item[3].length - 1 : 0);
        next = end(lines, next + 1, (i) => {
            if (isBlank(lines[i])) return i + 1 < lines.length && indent(lines[i + 1]) >= inside;
            return indent(lines[i]) >= inside
                || !(isBlank(lines[i - 1]) || begins(lines, i) || matches(ITEM, lines[i]));
        });
        const inner = [lines[start].slice(width),
            ...lines.slice(start + 1, next).map((line) => outdented(line, width))];
        const task = /^\[([ xX])\] /.exec(inner[0]);
        if (task) inner[0] = inner[0].slice(4);
        items.push({ task: Boolean(task), checked: task?.[1] !== " ", tokens: blocks(inner, depth + 1) });
        if (lines.slice(start, next).some(isBlank)) isLoose = true;
        const after = end(lines, next, (i) => isBlank(lines[i]));
        const following = after > next && after < lines.length && matches(ITEM, lines[after]);
        if (following && kind(following[2]) === kind(first[2])) {
            isLoose = true;
            next = after;
        }
    }
    if (!isLoose) {
        for (const token of items.flatMap(({ tokens }) => tokens)) if (token.type === "paragraph") token.type = "text";
    }
    const isOrdered = /\d/.test(first[2]);
    return [{ type: "list", ordered: isOrdered, start: isOrdered ? Number.parseInt(first[2], 10) : "", items }, next];
}

function table(lines, at) {
    const header = cells(lines[at]);
    const align = cells(lines[at + 1]).map((text) => (
        text.endsWith(":") ? (text.startsWith(":") ? "center" : "right") : text.startsWith(":") ? "left" : null));
    const next = end(lines, at + 2, (i) => !isBlank(lines[i]) && lines[i].includes("|"));
    const row = (texts) => header.map((_, column) => ({ tokens: inline(texts[column] ?? "", 0) }));
    return [{ type: "table", align, header: row(header), rows: lines.slice(at + 2, next).map(cells).map(row) }, next];
}

/// The cells of a table's line; `\|` and a bar in code do not end one.
function cells(line) {
    const found = [""];
    let isCode = false;
    const text = line.trim().replace(/^\|/, "");
    for (let at = 0; at < text.length; at += 1) {
        if (text[at] === "\\" && text[at + 1] === "|") {
            found[found.length - 1] += "|";
            at += 1;
        } else if (text[at] === "|" && !isCode) {
            found.push("");
        } else {
            if (text[at] === "`") isCode = !isCode;
            found[found.length - 1] += text[at];
        }
    }
    if (found.length > 1 && isBlank(found.at(-1))) found.pop();
    return found.map((each) => each.trim());
}

const LETTER = /[\p{L}\p{N}_]/u;
const ADDRESS = /https?:\/\/[^\s<>"`]+/y;
const MARKUP = new Set([..."\\`*_~[!<h\n"]);
/// How far a link's text and address may reach, in UTF-16 units.
const LONGEST_LINK = 2000;

function inline(text, depth) {
    const tokens = [];
    let plain = "";
    let at = 0;
    /// Marks that nothing closes from here on.
    const unclosed = new Set();
    while (at < text.length) {
        const found = MARKUP.has(text[at]) && depth <= DEEPEST ? span(text, at, depth, unclosed) : null;
        if (!found) {
            plain += text[at];
            at += 1;
            continue;
        }
        if (plain) tokens.push({ type: "text", raw: plain, text: plain });
        plain = "";
        tokens.push(found[0]);
        at = found[1];
    }
    if (plain) tokens.push({ type: "text", raw: plain, text: plain });
    return tokens;
}

/// What begins at a character of markup, and where it ends; null if it is plain text.
function span(text, at, depth, unclosed) {
    switch (text[at]) {
    case "\\":
        if (text[at + 1] === "\n") return [{ type: "br" }, at + 2];
        return /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "") ? [{ type: "escape", text: text[at + 1] }, at + 2] : null;
    case "\n":
        return text.slice(at - 2, at) === "  " ? [{ type: "br" }, at + 1] : null;
    case "`":
        return codespan(text, at, unclosed);
    case "*":
    case "_":
    case "~":
        return emphasis(text, at, depth, unclosed);
    case "!":
        return text[at + 1] === "[" ? link(text, at + 1, depth, unclosed, "image") : null;
    case "[":
        return link(text, at, depth, unclosed, "link");
    case "<":
        return bracketed(text, at);
    default:
        return address(text, at);
    }
}

function run(text, at) {
    let length = 1;
    while (text[at + length] === text[at]) length += 1;
    return length;
}

function codespan(text, at, unclosed) {
    const length = run(text, at);
    const marks = "`".repeat(length);
    const skip = [{ type: "text", raw: marks, text: marks }, at + length];
    if (unclosed.has(marks)) return skip;
    let close = text.indexOf(marks, at + length);
    while (close >= 0 && run(text, close) !== length) close = text.indexOf(marks, close + run(text, close));
    if (close < 0) {
        unclosed.add(marks);
        return skip;
    }
    let inner = text.slice(at + length, close).replaceAll("\n", " ");
    if (/^ .*[^ ].* $/.test(inner.length > LONGEST_LINE ? "" : inner)) inner = inner.slice(1, -1);
    return [{ type: "codespan", text: inner }, close + length];
}

function emphasis(text, at, depth, unclosed) {
    const mark = text[at];
    const length = run(text, at);
    const marks = mark.repeat(Math.min(length, mark === "~" ? 2 : 3));
    const skip = [{ type: "text", raw: text.slice(at, at + length), text: text.slice(at, at + length) }, at + length];
    if (length > 3 || (mark === "~" && length !== 2) || unclosed.has(marks)) return skip;
    if (/^(?:\s|)$/.test(text[at + length] ?? "") || (mark === "_" && LETTER.test(text[at - 1] ?? ""))) return skip;
    const close = closing(text, at + length, marks);
    if (close < 0) {
        unclosed.add(marks);
        return skip;
    }
    const tokens = inline(text.slice(at + length, close), depth + 1);
    const after = close + length;
    if (mark === "~") return [{ type: "del", tokens }, after];
    if (length === 1) return [{ type: "em", tokens }, after];
    return [{ type: "strong", tokens: length === 3 ? [{ type: "em", tokens }] : tokens }, after];
}

function closing(text, from, marks) {
    let at = text.indexOf(marks[0], from);
    while (at >= 0) {
        const length = run(text, at);
        const fits = marks.length === 1 ? length % 2 === 1 : length >= marks.length;
        if (fits && !/\s/.test(text[at - 1]) && text[at - 1] !== "\\"
            && !(marks[0] === "_" && LETTER.test(text[at + length] ?? ""))) return at + length - marks.length;
        at = text.indexOf(marks[0], at + length);
    }
    return -1;
}

function link(text, at, depth, unclosed, type) {
    if (unclosed.has("](")) return null;
    const far = text.slice(at, at + LONGEST_LINK);
    let level = 0;
    let close = 0;
    for (; close < far.length; close += 1) {
        if (far[close] === "\\") close += 1;
        else if (far[close] === "[") level += 1;
        else if (far[close] === "]" && (level -= 1) === 0) break;
    }
    if (level !== 0 || far[close + 1] !== "(") {
        if (text.indexOf("](", at) < 0) unclosed.add("](");
        return null;
    }
    const found = /^\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/
        .exec(text.slice(at + close + 1, at + close + 1 + LONGEST_LINK));
    if (!found) return null;
    const label = far.slice(1, close);
    const href = (found[1] ?? found[2]).replace(/\\([!-/:-@[-`{-~])/g, "$1");
    const raw = text.slice(type === "image" ? at - 1 : at, at + close + 1 + found[0].length);
    const next = at + close + 1 + found[0].length;
    return [{ type, href, raw, text: label, tokens: type === "link" ? inline(label, depth + 1) : [] }, next];
}

function bracketed(text, at) {
    const found = /^<(?:((?:https?:\/\/|mailto:)[^\s<>]{1,2000})|br *\/?)>/i.exec(text.slice(at, at + LONGEST_LINK));
    if (!found) return null;
    if (!found[1]) return [{ type: "br" }, at + found[0].length];
    return [{ type: "link", href: found[1], tokens: [{ type: "text", text: found[1] }] }, at + found[0].length];
}

/// An address that stands in the text as it is, without the punctuation after it.
function address(text, at) {
    ADDRESS.lastIndex = at;
    if (LETTER.test(text[at - 1] ?? "") || !ADDRESS.test(text)) return null;
    let end = ADDRESS.lastIndex;
    const isExtra = (mark) => /[.,:;!?'"*_~।、。，！？؟]/.test(mark)
        || (mark === ")" && !text.slice(at, end).includes("("));
    while (end > at && isExtra(text[end - 1])) end -= 1;
    const href = text.slice(at, end);
    return [{ type: "link", href, tokens: [{ type: "text", text: href }] }, end];
}
