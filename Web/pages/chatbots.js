import { all } from "../api.js";
import { el, hidden, icon } from "../dom.js";
import { t } from "../i18n.js";

export async function chatbotsPage() {
    const chatbots = await all("/chatbots");
    const create = el("a", { class: "button primary", href: "#/chatbots/new" }, icon("plus"), t("bots.new"));
    const title = t("bots.title");
    if (!chatbots.length) {
        return {
            title,
            node: el("div", { class: "page empty" },
                el("h1", { tabindex: -1 }, t("bots.none")), el("p", {}, t("bots.noneHelp")), create),
        };
    }
    return {
        title,
        node: el("div", { class: "page" },
            el("header", { class: "page-header" },
                el("div", {}, el("h1", { tabindex: -1 }, title), el("p", { class: "lead" }, t("bots.help"))), create),
            el("ul", { class: "cards" }, chatbots.map(entry))),
    };
}

function entry(chatbot) {
    const { id, name } = chatbot;
    return el("li", { class: "card" },
        el("h2", {}, name),
        el("p", { class: "description" }, chatbot.description ?? ""),
        chatbot.model && el("p", { class: "tag" }, chatbot.model),
        el("div", { class: "buttons" },
            link(`#/chatbots/${id}/chat`, t("bots.chat"), t("bots.chatWith", { name })),
            link(`#/chatbots/${id}`, t("bots.edit"), t("bots.editNamed", { name }))));
}

const link = (href, text, label) =>
    el("a", { class: "button", href }, el("span", { "aria-hidden": "true" }, text), hidden(label));
