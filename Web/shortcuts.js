import { open } from "./dialog.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";

const KEYS = [
    ["Enter", "keys.help.send"], ["Shift+Enter", "keys.help.line"], ["↑", "keys.help.edit"], ["Esc", "keys.help.stop"],
    ["/", "keys.help.write"], ["Ctrl+K", "keys.help.find"], ["Ctrl+Shift+O", "keys.help.new"], ["?", "keys.help.help"],
];

const isWriting = ({ target }) => target.closest?.("input, textarea, select, [contenteditable]");

/// Whether keys ask for the finder, also on keyboards with other letters.
export function asksToFind({ ctrlKey, metaKey, altKey, shiftKey, key, code }) {
    const isK = key.toLowerCase() === "k" || (code === "KeyK" && !/^[a-z]$/i.test(key));
    return (ctrlKey || metaKey) && !altKey && !shiftKey && isK;
}

/// Listens for the console's shortcuts; `go(path)` opens a page, `find()` the finder.
export function listenForShortcuts(go, find) {
    addEventListener("keydown", (event) => {
        if (event.defaultPrevented || event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
        const hasControl = event.ctrlKey || event.metaKey;
        if (hasControl && event.shiftKey && event.key.toLowerCase() === "o") go("/");
        else if (asksToFind(event)) find();
        else if (hasControl || isWriting(event)) return;
        else if (event.key === "?") showShortcuts();
        else if (event.key === "/" && document.querySelector("#message")) document.querySelector("#message").focus();
        else return;
        event.preventDefault();
    });
}

export function showShortcuts() {
    const close = el("button", { type: "button", class: "button primary", onclick: () => dialog.close() }, t("keys.help.close"));
    const dialog = open(t("keys.help.title"), {},
        el("dl", { class: "shortcuts" }, KEYS.map(([keys, text]) => el("div", {},
            el("dt", { dir: "ltr" }, keys.split("+").map((key) => el("kbd", {}, key))), el("dd", {}, t(text))))),
        el("div", { class: "buttons" }, close));
    close.focus();
}
