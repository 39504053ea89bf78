import { el } from "../dom.js";
import { t } from "../i18n.js";

/// A place to drop files, with a button that opens a dialog for them, and another one. `take(files)` gets what was given.
export function receiveFiles(button, another, take) {
    const input = el("input", {
        type: "file", multiple: true, hidden: true, tabindex: -1, "aria-label": t("files.choose"),
        onchange() {
            take([...input.files]);
            input.value = "";
        },
    });
    button.addEventListener("click", () => input.click());
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    const node = el("div", {
        class: "drop",
        ondragover(event) {
            if (!hasFiles(event)) return;
            event.preventDefault();
            node.classList.add("dropping");
        },
        ondragleave(event) {
            if (!node.contains(event.relatedTarget)) node.classList.remove("dropping");
        },
        ondrop(event) {
            node.classList.remove("dropping");
            if (!hasFiles(event)) return;
            event.preventDefault();
            take([...event.dataTransfer.files]);
        },
    }, input, button, another, el("p", { class: "hint" }, t("files.drop")));
    return node;
}
