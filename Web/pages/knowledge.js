import { get } from "../api.js";
import { el, icon } from "../dom.js";
import { addTexts, t } from "../i18n.js";
import { texts as bn } from "../i18n/knowledge-bn.js";
import { texts as en } from "../i18n/knowledge-en.js";
import { answersSection } from "../knowledge/answers.js";
import { filesSection } from "../knowledge/files.js";
import { searchSection } from "../knowledge/search.js";
import { strictSection } from "../knowledge/strict.js";
import { unansweredSection } from "../knowledge/unanswered.js";

addTexts({ en, bn });

/// What a chatbot knows: its files, what is found in them, and what is said if they have no answer.
export async function knowledgePage({ signal }, id) {
    const chatbot = await get(`/chatbots/${id}`);
    const answers = await answersSection(id);
    const [files, unanswered] = await Promise.all([filesSection(id, signal), unansweredSection(id, answers)]);
    answers.onchange = unanswered.reload;
    const title = t("knowledge.of", { name: chatbot.name });
    return {
        title,
        node: el("div", { class: "page narrow" },
            el("a", { class: "back", href: `#/chatbots/${id}` }, el("bdi", {}, chatbot.name)),
            el("header", { class: "page-header" },
                el("h1", { tabindex: -1 }, title),
                el("a", { class: "button primary", href: `#/chatbots/${id}/chat` }, icon("bots"), t("bots.chat"))),
            files, searchSection(id), strictSection(chatbot), unanswered.node, answers.node),
    };
}
