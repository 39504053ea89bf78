import { all, get, patch, remove } from "../api.js";
import { ask } from "../dialog.js";
import { el, hidden } from "../dom.js";
import { field, form } from "../forms.js";
import { keysSection } from "../keys/list.js";
import { t, when } from "../i18n.js";
import { accessLogSection } from "./access-log.js";
import { allowanceSection } from "./allowance.js";
import { notificationsSection } from "./notifications.js";
import { passwordSection } from "./password.js";
import { secondFactorSection } from "./second-factor.js";

export async function accountPage(context) {
    const known = await get("/users/me");
    const [sessions, usage, keys, factor, accesses] = await Promise.all([
        all("/auth/sessions"), get("/users/me/usage"), keysSection({ path: "/users/me/api-keys" }),
        secondFactorSection("/auth/mfa/totp"), accessLogSection(),
    ]);
    return {
        title: t("account.title"),
        node: el("div", { class: "page narrow" },
            el("h1", { tabindex: -1 }, t("account.title")),
            profile(known), allowanceSection(usage), notificationsSection(), passwordSection(known, "/auth/password"), factor, keys,
            signedIn(sessions), accesses, bringIn(), copy(), end(context)),
    };
}

function section(title, help, ...content) {
    return el("section", { class: "card" }, el("h2", {}, title), help && el("p", { class: "lead" }, help), content);
}

function profile(user) {
    const fact = (label, value) => value && el("div", {}, el("dt", {}, label), el("dd", {}, value));
    const text = (name, label, autocomplete) => field({ name, label, value: user[name], autocomplete });
    const body = form({
        fields: [
            text("first_name", t("account.firstName"), "given-name"),
            text("last_name", t("account.lastName"), "family-name"),
        ],
        submit: t("form.save"),
        async onsubmit(values) {
            await patch("/users/me", values);
            return t("form.saved");
        },
    });
    return section(t("account.profile"), t("account.profileHelp"),
        el("dl", { class: "facts" },
            fact(t("account.username"), user.username), fact(t("account.email"), user.email)),
        body);
}

function signedIn(sessions) {
    const news = el("p", { class: "form-news", role: "status" });
    return section(t("account.sessions"), t("account.sessionsHelp"),
        news, el("ul", { class: "rows" }, sessions.map((session) => row(session, news))));
}

function row(session, news) {
    const name = device(session.user_agent);
    const time = t("account.lastUsed", { time: when(session.last_used_at) });
    const node = el("li", {},
        el("div", {},
            el("p", {}, name), el("p", { class: "hint" }, [session.address, time].filter(Boolean).join(" · "))),
        session.is_current
            ? el("span", { class: "tag active" }, t("account.thisSession"))
            : el("button", { type: "button", class: "button", onclick: revoke },
                el("span", { "aria-hidden": "true" }, t("account.endSession")),
                hidden(t("account.endNamed", { name }))));
    async function revoke() {
        try {
            await remove(`/auth/sessions/${session.id}`);
            node.remove();
            news.textContent = t("account.ended");
        } catch (error) {
            news.textContent = error.message;
        }
    }
    return node;
}

const BROWSERS = {
    Edge: /Edg\//, Opera: /OPR\//, Firefox: /Firefox\//, Chrome: /Chrom(e|ium)\//, Safari: /Safari\//,
};
const SYSTEMS = { Android: /Android/, iOS: /iPhone|iPad/, Windows: /Windows/, macOS: /Mac OS/, Linux: /Linux/ };

/// A browser and its system in words that one recognises, from its user agent.
function device(agent) {
    if (!agent) return t("account.unknownDevice");
    const find = (names) => Object.keys(names).find((name) => names[name].test(agent));
    return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(" · ") || [...agent].slice(0, 80).join("");
}

const bringIn = () => section(t("imports.title"), t("imports.help"),
    el("a", { class: "button", href: "#/imports" }, t("imports.open")));

const copy = () => section(t("account.export"), t("account.exportHelp"),
    el("a", { class: "button", href: "/users/me/export", download: "mynah.json" }, t("account.download")));

function end({ left, go }) {
    const secret = () => field({
        name: "password", label: t("auth.password"), type: "password", required: true, autocomplete: "current-password",
    });
    async function erase() {
        const agreed = await ask({
            title: t("account.deleteTitle"), help: `${t("account.deleteHelp")} ${t("account.deleteConfirm")}`,
            fields: [secret()], confirm: t("account.delete"), danger: true,
            act: (values) => remove("/users/me", values),
        });
        if (!agreed) return;
        left();
        go("/sign-in");
    }
    return section(t("account.delete"), t("account.deleteHelp"),
        el("button", { type: "button", class: "button danger", onclick: erase }, t("account.delete")));
}
