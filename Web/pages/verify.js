import { post } from "../api.js";
import { el } from "../dom.js";
import { form } from "../forms.js";
import { t } from "../i18n.js";
import { card } from "./auth.js";

/// Where the link of a mail leads that confirms its address. It takes a click: programs that look at mail open links.
export function verifyPage({ relabel, query }) {
    const body = form({
        fields: [],
        submit: t("auth.confirmEmail"),
        async onsubmit() {
            await post("/auth/email/verify", { token: query.get("token") ?? "" });
            return t("auth.emailConfirmed");
        },
    });
    return card(relabel, "auth.confirmEmail", "auth.confirmEmailTitle", body,
        el("p", {}, el("a", { href: "#/" }, t("app.home"))));
}
