import { loadMarked } from "../answer/marked.js";
import { APIError, get } from "../api.js";
import { Message } from "../chat/message.js";
import { el } from "../dom.js";
import { number, t, when } from "../i18n.js";

/// A conversation as a link shows it, to anyone: read from its beginning, page by page.
export async function sharedPage({ user, signal }, token) {
    const list = el("ol", { class: "messages" });
    const news = el("p", { class: "form-error", role: "alert" });
    const more = el("button", { type: "button", class: "button older", hidden: true, onclick: () => add() },
        t("share.more"));
    let next = null;

    const read = () => get(`/shared/${token}?limit=100${next ? `&after=${encodeURIComponent(next)}` : ""}`, { signal });

    function show(page) {
        const speaker = { name: page.chatbot_name };
        list.append(...page.data.map((record) => shared(record, speaker)));
        next = page.next;
        more.hidden = !next;
    }

    async function add() {
        more.disabled = true;
        news.textContent = "";
        try {
            show(await read());
        } catch (error) {
            if (!(error instanceof APIError)) throw error;
            news.textContent = error.message;
        } finally {
            more.disabled = false;
        }
    }

    let page;
    try {
        [page] = await Promise.all([read(), loadMarked()]);
    } catch (error) {
        if (error.status !== 404) throw error;
        return gone();
    }
    const title = page.title || t("chat.untitled");
    show(page);
    return {
        title,
        node: el("div", { class: "page narrow" },
            el("header", {},
                el("h1", { tabindex: -1 }, title),
                el("p", { class: "hint" }, t("share.shown", { name: page.chatbot_name, time: when(page.created_at) }))),
            list, news, more,
            user ? null : el("p", {}, el("a", { class: "button", href: "#/" }, t("share.own")))),
    };
}

function gone() {
    const title = t("share.gone");
    return {
        title,
        node: el("div", { class: "page empty" }, el("h1", { tabindex: -1 }, title), el("p", {}, t("share.goneHelp")),
            el("a", { class: "button primary", href: "#/" }, t("app.home"))),
    };
}

/// Without buttons. Its sources have names only.
function shared({ citations, ...record }, speaker) {
    const message = new Message({ ...record, reasoning: null, attachments: [] }, { speaker, on: {}, isPublic: true });
    if (citations?.length) {
        message.node.append(el("ul", { class: "sources", "aria-label": t("cite.sources") },
            citations.map(({ n, name, page }) => el("li", { dir: "auto" },
                `[${number(n)}] `, page ? t("cite.page", { name, page: number(page) }) : name))));
    }
    return message.node;
}
