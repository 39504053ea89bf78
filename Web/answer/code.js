import { el, iconButton } from "../dom.js";
import { number, t } from "../i18n.js";
import { codeBlock } from "../markdown.js";
import { highlight } from "./highlight.js";

/// Longer code is folded, in lines.
const FOLDED = 30;

/// Code in a reply: its language, buttons to copy and to wrap it, coloured, and folded if it is long. `unfolded` holds the
/// beginnings of blocks that the reader has unfolded, for a block is made anew while it grows.
export function replyCode(text, language, unfolded) {
    const node = codeBlock(text, { title: language });
    const copy = node.querySelector(".code-bar button");
    copy.className = "button quiet copy-code";
    copy.querySelector("span").className = "";
    copy.removeAttribute("title");
    const wrap = iconButton("wrap", t("chat.wrap"), () => {
        const isWrapped = node.classList.toggle("wrapped");
        wrap.setAttribute("aria-pressed", String(isWrapped));
    }, { "aria-pressed": "false" });
    copy.before(el("span", { class: "spacer" }), wrap);
    const lines = text.split("\n").length;
    if (lines > FOLDED) fold(node, lines, text.slice(0, 80), unfolded);
    highlight(node.querySelector("code"), text, language);
    return node;
}

function fold(node, lines, key, unfolded) {
    const button = el("button", { type: "button", class: "button quiet unfold", onclick: () => show(!unfolded.has(key)) });
    function show(isOpen) {
        if (isOpen) unfolded.add(key);
        else unfolded.delete(key);
        node.classList.toggle("folded", !isOpen);
        button.setAttribute("aria-expanded", String(isOpen));
        button.textContent = isOpen ? t("chat.foldCode") : t("chat.unfoldCode", { lines: number(lines) });
    }
    show(unfolded.has(key));
    node.append(button);
}
