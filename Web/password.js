import { ask } from "./dialog.js";
import { field } from "./forms.js";
import { t } from "./i18n.js";

/// Makes `call({})`, or `call({ password })` where the sign-in is too old for it and the user gives the password.
export async function withPassword(call) {
    try {
        return await call({});
    } catch (error) {
        if (error.code !== "reauthentication_required") throw error;
        const secret = field({
            name: "password", label: t("auth.password"), type: "password", required: true,
            autocomplete: "current-password",
        });
        let answer;
        const agreed = await ask({
            title: t("auth.confirmTitle"), help: t("auth.confirmHelp"), fields: [secret], confirm: t("auth.confirm"),
            async act(values) {
                answer = await call(values);
            },
        });
        if (!agreed) throw error;
        return answer;
    }
}
