import { el, iconButton } from "../dom.js";
import { number, t } from "../i18n.js";

/// ‹ 2/3 ›: which version of a message is shown, and the way to the others. Nothing if there is one only. `onshow(id)`
/// shows another one.
export function versions({ id, siblings = [] }, onshow) {
    const at = siblings.indexOf(id);
    if (at < 0 || siblings.length < 2) return null;
    const [step, of] = [number(at + 1), number(siblings.length)];
    const previous = iconButton("left", t("chat.previousVersion"), () => show(-1), { disabled: at === 0 });
    const next = iconButton("right", t("chat.nextVersion"), () => show(1), { disabled: at + 1 === siblings.length });
    function show(by) {
        const wanted = siblings[at + by];
        if (wanted) onshow(wanted, by);
    }
    return el("span", {
        class: "alternatives", role: "group", "aria-label": t("chat.version", { step, of }),
        onkeydown: (event) => {
            const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
            if (!by) return;
            event.preventDefault();
            show(by);
        },
    }, previous, el("span", { "aria-hidden": "true" }, `${step}/${of}`), next);
}
