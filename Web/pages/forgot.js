import { post } from "../api.js";
import { el } from "../dom.js";
import { field, form } from "../forms.js";
import { t } from "../i18n.js";
import { card } from "./auth.js";

const toSignIn = () => el("p", {}, el("a", { href: "#/sign-in" }, t("auth.signIn")));

export function forgotPage({ relabel }) {
    const body = form({
        fields: [
            field({
                name: "email", label: t("account.email"), hint: t("auth.forgotHelp"), type: "email", required: true,
                autocomplete: "email",
            }),
        ],
        submit: t("auth.forgotSend"),
        async onsubmit(values) {
            await post("/auth/password/forgot", values);
            return t("auth.forgotSent");
        },
    });
    return card(relabel, "auth.forgot", "auth.forgot", body, toSignIn());
}

/// Where the link of a mail leads that lets one choose a new password.
export function resetPage({ relabel, query }) {
    const password = field({
        name: "password", label: t("account.newPassword"), hint: t("auth.passwordHint"), type: "password",
        required: true, autocomplete: "new-password",
    });
    const body = form({
        fields: [password],
        submit: t("auth.reset"),
        async onsubmit(values) {
            await post("/auth/password/reset", { ...values, token: query.get("token") ?? "" });
            password.control.value = "";
            return t("auth.resetDone");
        },
    });
    return card(relabel, "auth.reset", "auth.resetTitle", body, [
        toSignIn(), el("p", {}, el("a", { href: "#/forgot" }, t("auth.anotherLink"))),
    ]);
}
