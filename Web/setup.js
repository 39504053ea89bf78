import { post } from "./api.js";
import { el } from "./dom.js";
import { field, form } from "./forms.js";
import { t } from "./i18n.js";

const token = new URLSearchParams(location.search).get("token") ?? "";
// Neither the history nor a screenshot needs it.
history.replaceState(null, "", location.pathname);

const body = form({
    fields: [
        field({
            name: "username", label: t("setup.username"), required: true, autocomplete: "username",
            autocapitalize: "none", spellcheck: "false",
        }),
        field({ name: "name", label: t("setup.name"), autocomplete: "name" }),
        field({
            name: "password", label: t("auth.password"), hint: t("auth.passwordHint"), type: "password",
            required: true, autocomplete: "new-password",
        }),
    ],
    submit: t("setup.submit"),
    async onsubmit({ name, ...values }) {
        const made = await post("/setup", { token, ...values, ...(name ? { name } : {}) });
        heading.focus();
        body.replaceWith(
            el("p", { role: "status" }, t("setup.done", { username: made.username })),
            el("p", {}, el("a", { href: "/admin" }, t("auth.signIn"))));
    },
});

const heading = el("h1", { tabindex: -1 }, t("setup.title"));
document.title = `${t("setup.title")} · Mynah`;
document.body.append(el("main", { class: "auth" },
    el("div", { class: "auth-intro" },
        el("img", { src: "/assets/mark.svg", alt: "", width: 64, height: 64 }),
        el("p", { class: "wordmark" }, "Mynah"),
        el("p", { class: "lead" }, t("auth.tagline"))),
    el("div", { class: "card" }, heading, el("p", {}, t("setup.help")), body)));
body.querySelector("input").focus();
