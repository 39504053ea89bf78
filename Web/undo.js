import { el, iconButton } from "./dom.js";
import { t } from "./i18n.js";

/// How long something can be taken back, in milliseconds.
const PATIENCE = 8000;

let current = null;

/// Tells what was done, at the foot of the page, with a button that takes it back: `undo()`. `end()` runs when that is no longer
/// possible: after a time without the pointer or the focus on it, when something else is told, or when the page is left.
export function offer(text, { undo, end } = {}) {
    finish();
    const button = undo && el("button", { type: "button", class: "button quiet", onclick: () => take() }, t("undo.undo"));
    const close = iconButton("close", t("undo.close"), () => finish());
    const node = el("div", { class: "undo", role: "status" }, el("p", {}, text), button, close);
    let timer = null;
    const wait = () => { timer ??= setTimeout(finish, PATIENCE); };
    const hold = () => {
        clearTimeout(timer);
        timer = null;
    };
    for (const name of ["mouseenter", "focusin"]) node.addEventListener(name, hold);
    for (const name of ["mouseleave", "focusout"]) node.addEventListener(name, wait);
    const leave = () => {
        hold();
        node.remove();
        current = null;
    };
    const take = async () => {
        leave();
        try {
            await undo();
        } catch (error) {
            offer(error.message);
        }
    };
    current = { leave, end };
    document.body.append(node);
    wait();
}

/// Ends what could be taken back until now.
export async function finish() {
    const ending = current;
    ending?.leave();
    await ending?.end?.();
}

addEventListener("pagehide", () => finish());
