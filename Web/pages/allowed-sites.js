import { all, APIError, patch } from "../api.js";
import { ask } from "../dialog.js";
import { el, hidden } from "../dom.js";
import { field, form } from "../forms.js";
import { t } from "../i18n.js";

/// The websites on which a chatbot's widget works, by its publishable keys, and a check whether a page is one of them.
/// Answers `{node, refresh}`.
export function allowedSites(chatbot) {
    const path = `/chatbots/${chatbot.id}/api-keys`;
    let keys = [];
    const list = el("ul", { class: "rows" });
    const none = el("p", { class: "lead" }, t("sites.none"));
    const news = el("p", { class: "form-news", role: "status" });
    const address = field({ name: "address", label: t("sites.check"), hint: t("sites.checkHint"), required: true });
    const check = form({
        fields: [address], submit: t("sites.checkNow"), kind: "",
        onsubmit({ address: page }) {
            const { isAllowed, text } = verdict(page, keys);
            if (!isAllowed) throw new APIError({ param: "address", message: text });
            return text;
        },
    });

    async function refresh(text = "") {
        keys = (await all(path)).filter(({ kind, state }) => kind === "publishable" && state === "active");
        none.hidden = keys.length > 0;
        list.hidden = !keys.length;
        list.replaceChildren(...keys.map(row));
        news.textContent = text;
    }

    function row(key) {
        return el("li", {},
            el("div", { class: "key-facts" },
                el("p", { class: "key-name" }, key.name),
                el("p", { class: "hint", dir: "ltr" }, key.origins.join(" · "))),
            el("div", { class: "buttons" },
                el("button", { type: "button", class: "button", onclick: () => change(key) },
                    el("span", { "aria-hidden": "true" }, t("sites.change")),
                    hidden(t("sites.changeNamed", { name: key.name })))));
    }

    async function change(key) {
        const origins = field({
            name: "origins", label: t("keys.origins"), hint: t("keys.originsHint"), rows: 3, required: true,
            value: key.origins.join("\n"),
        });
        const isDone = await ask({
            title: t("sites.changeTitle", { name: key.name }), help: t("sites.changeHelp"), fields: [origins],
            confirm: t("form.save"),
            act: (values) => patch(`${path}/${key.id}`, { origins: values.origins.split(/\s+/).filter(Boolean) }),
        });
        if (!isDone) return;
        await refresh(t("sites.changed", { name: key.name }));
        [...list.querySelectorAll("button")][keys.findIndex(({ id }) => id === key.id)]?.focus();
    }

    const node = el("div", {}, el("h3", {}, t("sites.title")), el("p", { class: "lead" }, t("sites.help")), none, list,
        news, check);
    return { node, refresh };
}

/// Whether the widget works on a page, in words, and if not, which website was probably meant.
function verdict(page, keys) {
    const text = page.trim();
    const full = /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/]*:\d/.test(text) ? text : `https://${text}`;
    const no = (key, values) => ({ isAllowed: false, text: t(key, values) });
    if (!URL.canParse(full) || !/^https?:$/.test(new URL(full).protocol)) return no("sites.noAddress");
    const { origin, hostname } = new URL(full);
    // What no name can have, such as a space.
    if (hostname.includes("%")) return no("sites.noAddress");
    const key = keys.find(({ origins }) => origins.includes(origin));
    if (key) return { isAllowed: true, text: t("sites.allowed", { origin, name: key.name }) };
    const bare = (name) => name.replace(/^www\./, "");
    const near = keys.flatMap(({ origins }) => origins)
        .find((other) => URL.canParse(other) && bare(new URL(other).hostname) === bare(hostname));
    return near ? no("sites.near", { origin, near }) : no("sites.refused", { origin });
}
