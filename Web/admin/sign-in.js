import { field, form } from "../forms.js";
import { t } from "../i18n.js";
import { card } from "../pages/auth.js";
import { signIn } from "./session.js";

/// `enter` shows what the operator may see, `relabel` all in another language.
export function signInPage({ relabel, enter }) {
    const code = field({
        name: "code", label: t("auth.code"), hint: t("auth.codeHint"), autocomplete: "one-time-code",
    });
    code.node.hidden = true;
    const body = form({
        fields: [
            field({
                name: "role", label: t("admin.signInAs"), value: "admin",
                options: [["admin", t("admin.admin")], ["staff", t("admin.staff")]],
            }),
            field({
                name: "username", label: t("account.username"), required: true, autocomplete: "username",
                autocapitalize: "none", spellcheck: "false",
            }),
            field({
                name: "password", label: t("auth.password"), type: "password", required: true,
                autocomplete: "current-password",
            }),
            code,
        ],
        submit: t("auth.signIn"),
        async onsubmit({ role: as, code: given, ...values }) {
            try {
                await signIn(as, given ? { ...values, code: given } : values);
            } catch (error) {
                if (error.code === "mfa_required") code.node.hidden = false;
                throw error;
            }
            await enter();
        },
    });
    return card(relabel, "auth.signIn", "admin.title", body, null);
}
