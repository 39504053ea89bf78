import { get, patch } from "../api.js";
import { el } from "../dom.js";
import { field, form } from "../forms.js";
import { t } from "../i18n.js";

/// Whether a chatbot answers from its files only, and what it says if they have no answer.
export function strictSection(chatbot) {
    const path = `/chatbots/${chatbot.id}`;
    const given = chatbot.fallback_messages?.no_source;
    const choice = field({
        name: "is_strict", label: t("strict.choice"), value: given ? "yes" : "no",
        options: ["no", "yes"].map((value) => [value, t(`strict.${value}`)]), onchange: draw,
    });
    const text = field({
        name: "no_source", label: t("strict.text"), hint: t("strict.textHint"), rows: 3, required: true, maxlength: 2000,
        value: given ?? t("strict.usual"), errorsFor: ["no_source", "fallback_messages.no_source"],
    });
    const body = form({
        fields: [choice, text],
        submit: t("form.save"),
        async onsubmit({ is_strict: isStrict, no_source: words }) {
            // Other texts may have been changed meanwhile.
            const { fallback_messages: others } = await get(path);
            const messages = { ...others, no_source: isStrict === "yes" ? words : null };
            const isEmpty = Object.values(messages).every((message) => message === null);
            await patch(path, { fallback_messages: isEmpty ? null : messages });
            return t("form.saved");
        },
    });

    function draw() {
        text.node.hidden = choice.read() !== "yes";
    }

    draw();
    return el("section", { class: "card", "aria-labelledby": "strict-title" },
        el("h2", { id: "strict-title" }, t("strict.title")), el("p", { class: "lead" }, t("strict.help")), body);
}
