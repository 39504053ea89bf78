import { all, post, remove } from "../api.js";
import { ask } from "../dialog.js";
import { el, hidden, icon } from "../dom.js";
import { field } from "../forms.js";
import { credits, number, t, when } from "../i18n.js";
import { withPassword } from "../password.js";
import { keyFields, keyFrom } from "./fields.js";
import { showIssued } from "./issued.js";

/// The keys at `path`, with all that can be done to them: of `chatbot`, or the user's own where there is none.
export async function keysSection({ path, chatbot }) {
    let keys = await all(path);
    const news = el("p", { class: "form-news", role: "status" });
    const list = el("ul", { class: "rows" });
    const none = el("p", { class: "lead" }, t("keys.none"));
    const heading = el("h2", { tabindex: -1 }, chatbot ? t("keys.title") : t("keys.mine"));

    async function refresh(text) {
        keys = await all(path);
        draw();
        news.textContent = text;
    }

    function draw() {
        none.hidden = keys.length > 0;
        list.hidden = !keys.length;
        list.replaceChildren(...keys.map((key) => row(key, { rotate, revoke })));
    }

    async function create() {
        const fields = keyFields(Boolean(chatbot));
        let issued = null;
        await ask({
            title: t("keys.new"), fields, confirm: t("keys.create"),
            async act(values) {
                const body = keyFrom(values);
                issued = await withPassword((secret) => post(path, { ...body, ...secret }));
            },
        });
        if (!issued) return;
        await refresh(t("keys.created", { name: issued.name }));
        showIssued(issued, chatbot);
    }

    async function rotate(key) {
        const overlap = field({
            name: "overlap_seconds", label: t("keys.overlap"), hint: t("keys.overlapHint"), value: "86400",
            options: [["0", t("keys.overlap.none")], ["3600", t("keys.overlap.hour")], ["86400", t("keys.overlap.day")],
                ["604800", t("keys.overlap.week")]],
        });
        let issued = null;
        await ask({
            title: t("keys.rotateTitle", { name: key.name }), help: t("keys.rotateHelp"), fields: [overlap],
            confirm: t("keys.rotate"),
            async act(values) {
                const body = { overlap_seconds: Number(values.overlap_seconds) };
                issued = await withPassword((secret) => post(`${path}/${key.id}/rotate`, { ...body, ...secret }));
            },
        });
        if (!issued) return;
        await refresh(t("keys.rotated", { name: key.name }));
        heading.focus();
        showIssued(issued, chatbot);
    }

    async function revoke(key) {
        const agreed = await ask({
            title: t("keys.revokeTitle", { name: key.name }), help: t("keys.revokeHelp"), confirm: t("keys.revoke"),
            danger: true, act: () => remove(`${path}/${key.id}`),
        });
        if (!agreed) return;
        await refresh(t("keys.revoked", { name: key.name }));
        heading.focus();
    }

    draw();
    return el("section", { class: "card" },
        el("header", { class: "page-header" }, heading,
            el("button", { type: "button", class: "button primary", onclick: create }, icon("plus"), t("keys.new"))),
        el("p", { class: "lead" }, chatbot ? t("keys.help") : t("keys.mineHelp")), news, none, list);
}

function row(key, { rotate, revoke }) {
    const { name } = key;
    const button = (act, text, label, kind) => el("button", {
        type: "button", class: `button ${kind}`, onclick: () => act(key),
    }, el("span", { "aria-hidden": "true" }, text), hidden(label));
    return el("li", {},
        el("div", { class: "key-facts" },
            el("p", { class: "key-name", dir: null }, el("strong", { dir: "auto" }, name),
                key.kind === "publishable" && el("span", { class: "tag" }, t("keys.kind.publishable")),
                key.state === "active"
                    ? el("span", { class: "tag active" }, t("keys.state.active"))
                    : el("span", { class: "tag ended" }, t(`keys.state.${key.state}`))),
            el("p", { class: "key-prefix" }, `${key.prefix}_…`),
            el("p", { class: "hint" }, facts(key).join(" · "))),
        key.state !== "revoked" && el("div", { class: "buttons" },
            key.state === "active" && button(rotate, t("keys.rotate"), t("keys.rotateNamed", { name }), ""),
            button(revoke, t("keys.revoke"), t("keys.revokeNamed", { name }), "danger-text")));
}

function facts(key) {
    const end = key.state === "expired" ? "keys.expired" : "keys.expires";
    const budget = { spent: credits(key.spent), budget: credits(key.budget) };
    return [
        key.scopes.map((scope) => t(`keys.scope.${scope}`)).join(", "),
        key.last_used_at ? t("account.lastUsed", { time: when(key.last_used_at) }) : t("keys.neverUsed"),
        key.state === "revoked" ? t("keys.revokedAt", { time: when(key.revoked_at) })
            : key.expires_at ? t(end, { time: when(key.expires_at) }) : t("keys.neverExpires"),
        key.rate_limit && limit(key.rate_limit),
        key.budget !== null && t("keys.spent", budget),
        key.origins.join(", "),
    ].filter(Boolean);
}

function limit(text) {
    const [count, period] = text.split("/");
    return t(`keys.limit.${period}`, { count: number(Number(count)) });
}
