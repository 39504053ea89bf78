import { all } from "../api.js";
import { t } from "../i18n.js";
import { plain } from "../plain.js";
import { showShortcuts } from "../shortcuts.js";

/// The console's pages and actions.
const pages = () => [
    { icon: "plus", name: t("chat.new"), path: "/" },
    { icon: "bots", name: t("bots.title"), path: "/chatbots" },
    { icon: "plus", name: t("bots.new"), path: "/chatbots/new" },
    { icon: "account", name: t("account.title"), detail: t("find.account"), path: "/account" },
    { icon: "down", name: t("imports.title"), path: "/imports" },
    { icon: "help", name: t("keys.help.title"), act: showShortcuts },
];

const ofChatbot = ({ id, name }) => [
    { icon: "chat", name: t("bots.chatWith", { name }), path: `/chatbots/${id}/chat` },
    { icon: "edit", name: t("bots.editNamed", { name }), path: `/chatbots/${id}` },
    { icon: "page", name: t("find.knowledgeOf", { name }), path: `/chatbots/${id}/knowledge` },
];

/// Returns what answers those of them that have all words of a text; those of chatbots only for a text.
export function places() {
    const chatbots = all("/chatbots").catch(() => []);
    return async (text) => {
        const words = plain(text).split(/\s+/).filter(Boolean);
        const known = words.length ? [...pages(), ...(await chatbots).flatMap(ofChatbot)] : pages();
        return known.filter(({ name, detail = "" }) => words.every((word) => plain(`${name} ${detail}`).includes(word))).slice(0, 8);
    };
}
