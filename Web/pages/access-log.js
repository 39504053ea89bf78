import { get } from "../api.js";
import { el } from "../dom.js";
import { t, when } from "../i18n.js";

const PAGE = 20;

/// Who of the operators could read which of the user's conversations, and why.
export async function accessLogSection() {
    const list = el("ul", { class: "rows" });
    const more = el("button", { type: "button", class: "button", onclick: load }, t("app.more"));
    const none = el("p", { class: "hint" }, t("access.none"));
    let after = null;

    async function load() {
        const cursor = after ? `&after=${encodeURIComponent(after)}` : "";
        const page = await get(`/users/me/access-log?limit=${PAGE}${cursor}`);
        list.append(...page.data.map(entry));
        after = page.next;
        more.hidden = !after;
        none.hidden = list.childElementCount > 0;
    }

    await load();
    return el("section", { class: "card" },
        el("h2", {}, t("access.title")), el("p", { class: "lead" }, t("access.help")), none, list, more);
}

function entry({ operator_name: name, reason, conversation_id: id, created_at: from, expires_at: to }) {
    return el("li", {},
        el("div", { class: "key-facts" },
            el("p", {}, el("strong", {}, name)), el("p", { class: "raw" }, reason),
            el("p", { class: "hint" }, t("access.time", { from: when(from), to: when(to) }))),
        el("a", { class: "button", href: `#/c/${id}` }, t("access.conversation")));
}
