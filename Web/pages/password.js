import { post } from "../api.js";
import { el } from "../dom.js";
import { field, form } from "../forms.js";
import { t } from "../i18n.js";
import { grantsLeft } from "./grants.js";

/// The form by which `user`, whose password it is, changes it at `path`.
export function passwordSection(user, path) {
    const fields = [
        field({
            name: "current_password", label: t("account.currentPassword"), type: "password", required: true,
            autocomplete: "current-password",
        }),
        field({
            name: "new_password", label: t("account.newPassword"), hint: t("auth.passwordHint"), type: "password",
            required: true, autocomplete: "new-password",
        }),
    ];
    const left = el("div", { class: "stack" });
    const body = form({
        fields,
        submit: t("account.changePassword"),
        async onsubmit(values) {
            await post(path, values);
            for (const entry of fields) entry.control.value = "";
            if (path === "/auth/password") left.replaceChildren(...await grantsLeft());
            return t("account.passwordChanged");
        },
    });
    // Tells password stores whose password this is.
    const name = el("input", {
        class: "sr-only", type: "text", autocomplete: "username", tabindex: -1, "aria-hidden": "true", readonly: true,
    });
    name.value = user.username ?? user.email;
    body.prepend(name);
    return el("section", { class: "card" }, el("h2", {}, t("account.password")), body, left);
}
