import { all } from "../api.js";
import { Composer } from "../chat/composer.js";
import { Draft } from "../chat/drafts.js";
import { face } from "../chat/face.js";
import { Picker } from "../chat/picker.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";
import { begin } from "./conversation.js";

const LAST_CHATBOT = "mynah.chatbot";

/// Begins a conversation with a chatbot of one's choice; `wanted` is the one asked for, if any.
export async function newChatPage({ user, sidebar, go }, wanted) {
    const chatbots = await all("/chatbots");
    if (!chatbots.length) return { title: t("chat.new"), node: nothing() };

    const chosen = wanted ?? localStorage.getItem(LAST_CHATBOT);
    const first = chatbots.find((chatbot) => chatbot.id === chosen) ?? chatbots[0];
    const look = el("div", { class: "hero" });
    const words = el("div", { class: "words", "aria-live": "polite" });
    const starters = el("div", { class: "starters", role: "group", "aria-label": t("chat.starters") });
    const picker = new Picker({
        label: t("chat.choose"), value: first.id, onchange: greet,
        options: chatbots.map((chatbot) => ({
            value: chatbot.id, name: chatbot.name, hint: chatbot.description, face: chatbot,
        })),
    });
    const composer = new Composer({ onsend: send, extra: picker.node, draft: new Draft(user, "new") });

    async function send(text, files = []) {
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
    }

    function greet() {
        const chatbot = chatbots.find((entry) => entry.id === picker.value);
        look.replaceChildren(face(chatbot, "large"));
        const text = chatbot.greeting ?? chatbot.description;
        words.replaceChildren(...(text ? [el("p", { class: chatbot.greeting ? "greeting-words" : "lead" }, text)] : []));
        starters.replaceChildren(...(chatbot.starters ?? []).map((starter) => el("button", {
            type: "button", class: "starter", dir: "auto", onclick: () => send(starter),
        }, starter)));
        starters.hidden = !starters.childElementCount;
    }

    greet();
    return {
        title: t("chat.new"),
        path: "/",
        node: el("div", { class: "new-chat" },
            look,
            el("h1", { tabindex: -1 }, user.first_name ? t("chat.newTitleFor", { name: user.first_name }) : t("chat.newTitle")),
            words, composer.node, starters),
        opened() {
            composer.focus(false);
            composer.tellAllowance();
        },
    };
}

function nothing() {
    return el("div", { class: "page empty" },
        el("h1", { tabindex: -1 }, t("chat.noChatbots")),
        el("p", {}, t("chat.noChatbotsHelp")),
        el("a", { class: "button primary", href: "#/chatbots/new" }, t("bots.create")));
}
