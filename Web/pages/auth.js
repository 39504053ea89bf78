import { post } from "../api.js";
import { el } from "../dom.js";
import { field, form } from "../forms.js";
import { t } from "../i18n.js";
import { languagePicker, themeButton } from "../look.js";

const identityField = () => field({
    name: "username", label: t("auth.identity"), required: true, errorsFor: ["username", "email"],
    autocomplete: "username", autocapitalize: "none", spellcheck: "false",
});

const passwordField = (attributes) => field({
    name: "password", label: t("auth.password"), type: "password", required: true, ...attributes,
});

export function signInPage({ relabel, entered }) {
    const identity = identityField();
    const password = passwordField({ autocomplete: "current-password" });
    const code = field({
        name: "code", label: t("auth.code"), hint: t("auth.codeHint"), autocomplete: "one-time-code",
    });
    code.node.hidden = true;
    const body = form({
        fields: [identity, password, code],
        submit: t("auth.signIn"),
        async onsubmit({ code: given, ...values }) {
            try {
                await post("/auth/session", given ? { ...values, code: given } : values);
            } catch (error) {
                if (error.code === "mfa_required") askForCode(code);
                throw error;
            }
            await entered();
        },
    });
    return card(relabel, "auth.signIn", "auth.signInTitle", body,
        [
            el("p", {}, el("a", { href: "#/forgot" }, t("auth.forgot"))),
            el("p", {}, t("auth.toRegister"), " ", el("a", { href: "#/register" }, t("auth.register"))),
        ]);
}

function askForCode(code) {
    code.node.hidden = false;
    code.control.focus();
}

export function registerPage({ relabel, entered }) {
    const identity = identityField();
    const password = passwordField({ hint: t("auth.passwordHint"), autocomplete: "new-password" });
    const body = form({
        fields: [identity, password],
        submit: t("auth.register"),
        async onsubmit({ username: name, password: secret }) {
            const account = name.includes("@") ? { email: name } : { username: name };
            const created = await post("/auth/register", { ...account, password: secret });
            if (!created?.id) return t("auth.verify");
            await post("/auth/session", { username: name, password: secret });
            await entered();
        },
    });
    return card(relabel, "auth.register", "auth.registerTitle", body,
        el("p", {}, t("auth.toSignIn"), " ", el("a", { href: "#/sign-in" }, t("auth.signIn"))));
}

export function card(relabel, title, heading, body, other) {
    return {
        title: t(title),
        node: el("div", { class: "auth" },
            el("div", { class: "auth-top" }, themeButton(), languagePicker(relabel)),
            el("div", { class: "auth-intro" },
                el("img", { src: "/assets/mark.svg", alt: "", width: 64, height: 64 }),
                el("p", { class: "wordmark" }, "Mynah"),
                el("p", { class: "lead" }, t("auth.tagline"))),
            el("div", { class: "card" }, el("h1", { tabindex: -1 }, t(heading)), body, other)),
        opened: () => body.querySelector("input, button").focus(),
    };
}
