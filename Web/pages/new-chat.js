import { all } from "../api.js";
import { Composer } from "../chat/composer.js";
import { greeting } from "../chat/message.js";
import { el, hidden } from "../dom.js";
import { t } from "../i18n.js";
import { begin } from "./conversation.js";

const LAST_CHATBOT = "mynah.chatbot";

/// Begins a conversation with a chatbot of one's choice; `wanted` is the one asked for, if any.
export async function newChatPage({ sidebar, go }, wanted) {
    const chatbots = await all("/chatbots");
    if (!chatbots.length) return { title: t("chat.new"), node: nothing() };

    const chosen = wanted ?? localStorage.getItem(LAST_CHATBOT);
    const first = chatbots.find((chatbot) => chatbot.id === chosen) ?? chatbots[0];
    const words = el("div", { "aria-live": "polite" });
    const picker = el("select", { id: "chatbot", onchange: () => greet() },
        chatbots.map((chatbot) => el("option", { value: chatbot.id, selected: chatbot === first }, chatbot.name)));
    const composer = new Composer({
        async onsend(text, files) {
            composer.isBusy = true;
            try {
                const conversation = await begin(picker.value, text, files);
                localStorage.setItem(LAST_CHATBOT, picker.value);
                sidebar.refresh();
                go(`/c/${conversation.id}`);
            } catch (error) {
                composer.isBusy = false;
                composer.restore(text, files);
                composer.complain(error.message);
            }
        },
        extra: el("label", { class: "picker" }, hidden(t("chat.choose")), picker),
    });

    function greet() {
        const chatbot = chatbots.find((entry) => entry.id === picker.value);
        words.replaceChildren(chatbot.greeting
            ? greeting(chatbot.greeting, chatbot.name)
            : el("p", { class: "lead" }, chatbot.description ?? ""));
    }

    greet();
    return {
        title: t("chat.new"),
        path: "/",
        node: el("div", { class: "new-chat" },
            el("img", { class: "hero", src: "/assets/mark.svg", alt: "", width: 56, height: 56 }),
            el("h1", { tabindex: -1 }, t("chat.newTitle")), words, composer.node),
        opened: () => composer.focus(),
    };
}

function nothing() {
    return el("div", { class: "page empty" },
        el("h1", { tabindex: -1 }, t("chat.noChatbots")),
        el("p", {}, t("chat.noChatbotsHelp")),
        el("a", { class: "button primary", href: "#/chatbots/new" }, t("bots.create")));
}
