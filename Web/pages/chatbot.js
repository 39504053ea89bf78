import { get, patch, post, remove } from "../api.js";
import { ask } from "../dialog.js";
import { el, icon } from "../dom.js";
import { field, form } from "../forms.js";
import { t } from "../i18n.js";
import { promptsSection } from "./prompts.js";
import { usageSection } from "./usage.js";
import { websiteSection } from "./website.js";

const settings = (chatbot = {}) => [
    field({ name: "name", label: t("bots.name"), value: chatbot.name, required: true, maxlength: 200 }),
    field({ name: "description", label: t("bots.description"), value: chatbot.description }),
    field({ name: "greeting", label: t("bots.greeting"), hint: t("bots.greetingHint"), value: chatbot.greeting }),
    field({
        name: "model", label: t("bots.model"), hint: t("bots.modelHint"), value: chatbot.model, spellcheck: "false",
    }),
    field({
        name: "temperature", label: t("bots.temperature"), hint: t("bots.temperatureHint"), value: chatbot.temperature,
        type: "number", min: 0, max: 2, step: "any",
    }),
    field({
        name: "max_tokens", label: t("bots.maxTokens"), value: chatbot.max_tokens, type: "number", min: 1, step: 1,
    }),
];

const back = () => el("a", { class: "back", href: "#/chatbots" }, t("bots.title"));

export function newChatbotPage({ go }) {
    const [name, ...others] = settings();
    const instructions = field({
        name: "instructions", label: t("bots.instructions"), hint: t("bots.instructionsHint"), rows: 6,
        errorsFor: ["content"],
    });
    let created = null;
    const body = form({
        fields: [name, instructions, ...others],
        submit: t("bots.create"),
        async onsubmit({ instructions: content, ...values }) {
            const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
            created = created ? await patch(`/chatbots/${created.id}`, given) : await post("/chatbots", given);
            if (content) await post(`/chatbots/${created.id}/prompts`, { content });
            go(`/chatbots/${created.id}/chat`);
        },
    });
    return {
        title: t("bots.new"),
        node: el("div", { class: "page narrow" },
            back(), el("h1", { tabindex: -1 }, t("bots.new")), el("section", { class: "card" }, body)),
    };
}

export async function chatbotPage({ go }, id) {
    const chatbot = await get(`/chatbots/${id}`);
    const [prompts, website, usage] = await Promise.all([
        promptsSection(id), websiteSection(chatbot), usageSection(id),
    ]);
    const title = el("h1", { tabindex: -1 }, chatbot.name);
    const chat = el("a", { class: "button primary", href: `#/chatbots/${id}/chat` }, t("bots.chat"));
    // Only those who may change a chatbot see its instructions.
    if (!prompts) return viewed(chatbot, title, chat);
    const body = form({
        fields: settings(chatbot),
        submit: t("form.save"),
        async onsubmit(values) {
            Object.assign(chatbot, await patch(`/chatbots/${id}`, values));
            title.textContent = chatbot.name;
            return t("form.saved");
        },
    });

    async function erase() {
        const agreed = await ask({
            title: t("bots.deleteTitle", { name: chatbot.name }), help: t("bots.deleteHelp"),
            confirm: t("bots.delete"), danger: true,
            act: () => remove(`/chatbots/${id}`),
        });
        if (agreed) go("/chatbots");
    }

    return {
        title: chatbot.name,
        node: el("div", { class: "page narrow" },
            back(),
            el("header", { class: "page-header" },
                title,
                el("div", { class: "buttons" },
                    el("a", { class: "button", href: `#/chatbots/${id}/knowledge` }, icon("page"), t("bots.knowledge")),
                    el("a", { class: "button", href: `#/chatbots/${id}/keys` }, icon("key"), t("keys.title")), chat)),
            prompts,
            el("section", { class: "card" }, el("h2", {}, t("bots.settings")), body),
            website,
            usage,
            el("div", { class: "end-of-page" },
                el("button", { type: "button", class: "button danger-text", onclick: erase },
                    icon("trash"), t("bots.delete")))),
    };
}

/// A chatbot for those who may talk to it and not change it.
function viewed(chatbot, title, chat) {
    const facts = ["description", "greeting", "model"].filter((name) => chatbot[name]);
    return {
        title: chatbot.name,
        node: el("div", { class: "page narrow" },
            back(), el("header", { class: "page-header" }, title, chat),
            el("section", { class: "card stack" }, el("p", { class: "lead" }, t("bots.viewed")),
                facts.length > 0 && el("dl", { class: "facts" }, facts.map((name) => el("div", {},
                    el("dt", {}, t(`bots.${name}`)), el("dd", {}, chatbot[name])))))),
    };
}
