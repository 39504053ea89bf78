import { el } from "../dom.js";
import { t } from "../i18n.js";

/// A message's text while it is edited in its place. `onsend(text)` gets another text; `onclose()` runs if it stays as it
/// is. Enter sends, Escape leaves.
export class Editor {
    #was;

    constructor(text, { onsend, onclose }) {
        this.#was = text;
        this.onsend = onsend;
        this.onclose = onclose;
        this.text = el("textarea", {
            "aria-label": t("chat.editLabel"), oninput: () => this.#fit(), onkeydown: (event) => this.#key(event),
        });
        this.text.value = text;
        this.node = el("form", { class: "editor", onsubmit: (event) => this.#submit(event) },
            this.text,
            el("div", { class: "buttons" },
                el("button", { type: "button", class: "button quiet", onclick: onclose }, t("form.cancel")),
                el("button", { type: "submit", class: "button primary" }, t("chat.send"))));
    }

    /// Puts the cursor at the end.
    focus() {
        this.#fit();
        this.text.focus();
        this.text.setSelectionRange(this.text.value.length, this.text.value.length);
    }

    #key(event) {
        if (event.isComposing) return;
        if (event.key === "Escape") this.onclose();
        else if (event.key !== "Enter" || event.shiftKey) return;
        else this.node.requestSubmit();
        event.preventDefault();
    }

    #submit(event) {
        event.preventDefault();
        const text = this.text.value.trim();
        if (!text) return;
        if (text === this.#was) this.onclose();
        else this.onsend(text);
    }

    #fit() {
        this.text.style.height = "auto";
        this.text.style.height = `${this.text.scrollHeight}px`;
    }
}
