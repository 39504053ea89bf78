import { el } from "../dom.js";
import { t } from "../i18n.js";

/// Lines, and UTF-16 units, above which a message is folded.
const LINES = 20;
const OWN = 1500;
const REPLY = 6000;

export const isLong = (text, isOurs) => text.length > (isOurs ? OWN : REPLY) || (isOurs && text.split("\n").length > LINES);

/// Folds `node`, with a button after it that shows the whole. What takes the focus within it is shown, too.
export function fold(node) {
    const button = el("button", { type: "button", class: "button quiet unfold", onclick: () => show(node.classList.contains("folded")) });
    function show(isOpen) {
        node.classList.toggle("folded", !isOpen);
        button.setAttribute("aria-expanded", String(isOpen));
        button.textContent = isOpen ? t("chat.fold") : t("chat.unfold");
    }
    node.addEventListener("focusin", () => show(true));
    show(false);
    node.after(button);
    return () => {
        show(true);
        button.remove();
    };
}
