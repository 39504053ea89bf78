import { t } from "../i18n.js";
import { Picker } from "./picker.js";

/// The lists from which another chatbot of the workspace, or another model of this one, is chosen; none of one entry.
export function partnerPickers({ chatbot, chatbots, onchatbot, onmodel }) {
    const others = chatbots.filter((entry) => entry.workspace_id === chatbot.workspace_id);
    const models = [...new Set([chatbot.model, ...(chatbot.models ?? [])].filter(Boolean))];
    const pickers = [];
    if (others.length > 1) {
        pickers.push(new Picker({
            label: t("chat.choose"), value: chatbot.id, onchange: onchatbot,
            options: others.map((entry) => ({ value: entry.id, name: entry.name, hint: entry.description, face: entry })),
        }));
    }
    if (models.length > 1) {
        pickers.push(new Picker({
            label: t("bots.model"), value: models[0], onchange: onmodel,
            options: models.map((name) => ({ value: name, name })),
        }));
    }
    return pickers.map(({ node }) => node);
}
