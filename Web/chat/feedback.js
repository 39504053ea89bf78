import { APIError, put } from "../api.js";
import { el, iconButton } from "../dom.js";
import { t } from "../i18n.js";

/// Thumbs for a reply. A thumb down asks in `place` what was wrong.
export function thumbs(message, place) {
    const status = el("p", { class: "hint", role: "status" });
    const send = (body) => put(`/conversations/${message.conversation_id}/messages/${message.id}/feedback`, body);
    const buttons = [["thumbUp", t("chat.good"), 1], ["thumbDown", t("chat.bad"), -1]].map(([shape, label, rating]) => {
        const button = iconButton(shape, label, () => rate(rating));
        return { button, rating };
    });

    function mark(chosen) {
        message.rating = chosen;
        for (const { button, rating } of buttons) button.setAttribute("aria-pressed", String(rating === chosen));
    }

    async function rate(rating) {
        try {
            await send({ rating });
            mark(rating);
            place.replaceChildren(...(rating < 0 ? [comment()] : []), status);
            status.textContent = "";
            place.querySelector("textarea")?.focus();
        } catch (error) {
            if (!(error instanceof APIError)) throw error;
            place.replaceChildren(status);
            status.textContent = error.message;
        }
    }

    function comment() {
        const text = el("textarea", { rows: 2, maxlength: 2000 });
        const close = () => {
            form.remove();
            buttons[1].button.focus();
        };
        const form = el("form", {
            class: "comment",
            onkeydown: (event) => event.key === "Escape" && close(),
            async onsubmit(event) {
                event.preventDefault();
                const words = text.value.trim();
                try {
                    if (words) await send({ rating: -1, comment: words });
                } catch (error) {
                    status.textContent = error.message;
                    return;
                }
                close();
                status.textContent = words ? t("chat.commentThanks") : "";
            },
        }, el("label", {}, t("chat.comment"), text),
        el("div", { class: "buttons" },
            el("button", { type: "submit", class: "button primary" }, t("chat.commentSend")),
            el("button", { type: "button", class: "button quiet", onclick: close }, t("form.cancel"))));
        text.value = message.comment ?? "";
        return form;
    }

    mark(message.rating);
    return buttons.map(({ button }) => button);
}
