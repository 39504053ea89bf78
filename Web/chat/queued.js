import { el, iconButton } from "../dom.js";
import { t } from "../i18n.js";

/// A message that is sent when the running reply has ended. `onnow()` runs if it is not to wait, and `onback()` if its writer
/// wants it back.
export class Queued {
    #message = null;
    #text = el("p", { class: "queued-text", dir: "auto" });

    constructor({ onnow, onback }) {
        this.node = el("div", { class: "queued", role: "group", "aria-label": t("chat.queued"), hidden: true },
            el("div", { class: "queued-words" }, el("p", { class: "hint" }, t("chat.queued")), this.#text),
            el("button", { type: "button", class: "button quiet", onclick: onnow }, t("chat.sendNow")),
            iconButton("edit", t("chat.queuedBack"), onback, { class: "button quiet square" }));
    }

    get text() {
        return this.#message?.text ?? "";
    }

    put(text, files) {
        this.#show({ text, files });
    }

    /// The message, which then waits no more; null if there is none.
    take() {
        const message = this.#message;
        this.#show(null);
        return message;
    }

    #show(message) {
        this.#message = message;
        this.#text.textContent = this.text;
        this.node.hidden = !message;
    }
}
