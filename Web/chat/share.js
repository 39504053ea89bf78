import { all, post, remove } from "../api.js";
import { open } from "../dialog.js";
import { el } from "../dom.js";
import { field, form } from "../forms.js";
import { days as period, t, when } from "../i18n.js";
import { codeBlock } from "../markdown.js";

const DAY = 86_400_000;

/// Makes and ends links by which anyone who has them reads the conversation.
export async function offerShare(id) {
    const path = `/conversations/${id}/share`;
    const made = el("div", { "aria-live": "polite" });
    const list = el("ul", { class: "rows" });
    const links = el("section", { hidden: true }, el("h3", {}, t("share.links")), list);
    const news = el("p", { class: "form-error", role: "alert" });
    const days = field({
        name: "days", label: t("share.ends"), value: "30", type: "number",
        options: [1, 7, 30, 365].map((count) => [String(count), period(count)]),
    });
    const body = form({
        fields: [days],
        submit: t("share.make"),
        secondary: el("button", { type: "button", class: "button", onclick: () => dialog.close() }, t("share.close")),
        async onsubmit({ days: count }) {
            // A minute less, so that a clock that is a little ahead asks for no more than a year.
            const expires_at = new Date(Date.now() + Number(count) * DAY - 60_000).toISOString();
            const { url } = await post(path, { expires_at });
            made.replaceChildren(codeBlock(url, {
                title: t("share.link"), label: t("share.link"), copyLabel: t("share.copy"),
            }), el("p", { class: "hint" }, t("share.once")));
            made.querySelector("button").focus();
            await refresh();
        },
    });
    const dialog = open(t("share.title"), { class: "wide" },
        el("p", {}, t("share.help")), news, body, made, links);
    days.control.focus();

    async function refresh() {
        const entries = await all(path);
        links.hidden = entries.length === 0;
        list.replaceChildren(...entries.map((entry) => row(entry, end)));
    }

    async function end(entry) {
        news.textContent = "";
        try {
            await remove(`${path}/${entry.id}`);
            made.replaceChildren();
            await refresh();
            days.control.focus();
        } catch (error) {
            news.textContent = error.message;
        }
    }

    try {
        await refresh();
    } catch (error) {
        news.textContent = error.message;
    }
}

function row(entry, end) {
    const facts = t("share.row", { made: when(entry.created_at), ends: when(entry.expires_at) });
    return el("li", {}, el("p", { class: "key-facts" }, facts),
        el("button", { type: "button", class: "button danger", onclick: () => end(entry) }, t("share.end")));
}
