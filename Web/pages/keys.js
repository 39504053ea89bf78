import { get } from "../api.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";
import { keysSection } from "../keys/list.js";

/// The keys by which applications and websites reach a chatbot.
export async function keysPage(_, id) {
    const path = `/chatbots/${id}/api-keys`;
    const [chatbot, section] = await Promise.all([get(`/chatbots/${id}`), keysSection({ path, chatbot: id })]);
    const title = t("keys.of", { name: chatbot.name });
    return {
        title,
        node: el("div", { class: "page narrow" },
            el("a", { class: "back", href: `#/chatbots/${id}` }, el("bdi", {}, chatbot.name)),
            el("h1", { tabindex: -1 }, title), section),
    };
}
