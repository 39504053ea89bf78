import { get, post } from "../api.js";
import { ask } from "../dialog.js";
import { el } from "../dom.js";
import { field } from "../forms.js";
import { t } from "../i18n.js";

/// What the account has handed out and a new password does not end, with one button that ends it; empty if there is nothing.
export async function grantsLeft() {
    const left = await get("/auth/grants");
    const items = [
        ...left.api_keys.map((key) => t("grants.key", { name: key.name, prefix: key.prefix })),
        left.second_factor.enabled && t("grants.secondFactor"),
        ...left.invitations.map((one) => t("grants.invitation", {
            person: one.email ?? one.username ?? one.user_id ?? t("grants.link"),
        })),
        ...left.memberships.map((one) => t("grants.membership", {
            person: one.username ?? one.user_id, workspace: one.workspace_name,
        })),
    ].filter(Boolean);
    if (items.length === 0) return [];
    const news = el("p", { class: "form-news", role: "status" });
    const list = el("ul", { class: "rows" }, items.map((item) => el("li", {}, el("p", {}, item))));
    const help = el("p", {}, t("grants.help"));
    const button = el("button", { type: "button", class: "button danger-text", onclick: end }, t("grants.end"));
    async function end() {
        const password = field({
            name: "password", label: t("auth.password"), type: "password", required: true,
            autocomplete: "current-password",
        });
        const agreed = await ask({
            title: t("grants.endTitle"), help: t("grants.endHelp"), fields: [password], confirm: t("grants.end"),
            danger: true, act: (values) => post("/auth/grants/revoke", values),
        });
        if (!agreed) return;
        help.remove();
        list.remove();
        button.parentElement.remove();
        news.textContent = t("grants.ended");
    }
    return [help, list, el("div", { class: "buttons" }, button), news];
}
