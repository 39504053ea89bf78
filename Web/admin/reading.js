import { get, post } from "../api.js";
import { el } from "../dom.js";
import { field, form } from "../forms.js";
import { t, when } from "../i18n.js";
import { reason } from "./list.js";

/// A user's conversation, read for a stated reason that the user sees.
export function readingPage() {
    const messages = el("ol", { class: "reading" });
    const news = el("p", { class: "form-news", role: "status" });
    const more = el("button", { type: "button", class: "button", hidden: true }, t("app.more"));
    const which = field({
        name: "conversation", label: t("admin.conversation"), hint: t("admin.conversationHint"), required: true,
        spellcheck: "false",
    });
    const body = form({
        fields: [which, reason(t("admin.readingReasonHint"))],
        submit: t("admin.read"),
        async onsubmit({ conversation, ...values }) {
            messages.replaceChildren();
            // People send the address of the page as often as the id.
            const path = `/staff/conversations/${encodeURIComponent(conversation.trim().split("/").pop())}`;
            const access = await post(`${path}/access`, values);
            await load(path, null);
            news.textContent = t("admin.readingUntil", { time: when(access.expires_at) });
        },
    });

    async function load(path, after) {
        const page = await get(`${path}/messages?limit=100${after ? `&after=${encodeURIComponent(after)}` : ""}`);
        messages.append(...page.data.map(shown));
        more.hidden = !page.next;
        more.onclick = () => load(path, page.next).catch((error) => { news.textContent = error.message; });
    }

    return {
        title: t("admin.reading"),
        node: el("div", { class: "page narrow" },
            el("h1", { tabindex: -1 }, t("admin.reading")), el("p", { class: "lead" }, t("admin.readingHelp")),
            el("section", { class: "card" }, body), news, messages, more),
    };
}

const shown = ({ sender, content, created_at: time }) => el("li", { class: "card" },
    el("p", { class: "hint" }, t(`admin.sender.${sender}`), " · ", when(time)), el("p", { class: "raw" }, content));
