import { get, post, remove } from "../api.js";
import { ask } from "../dialog.js";
import { el } from "../dom.js";
import { field, form } from "../forms.js";
import { number, t, when } from "../i18n.js";
import { codeBlock } from "../markdown.js";
import { withPassword } from "../password.js";

/// Codes of an authenticator app beside the password: turned on and off at `path`, for users as for operators.
export async function secondFactorSection(path) {
    const heading = el("h2", { tabindex: -1 }, t("mfa.title"));
    const problem = el("p", { class: "form-error", role: "alert" });
    const news = el("p", { class: "form-news", role: "status" });
    const content = el("div", { class: "stack" });
    const button = (text, onclick, kind) => el("button", { type: "button", class: `button ${kind}`, onclick }, text);

    async function state(words = "") {
        const { enabled, since, recovery_codes_left: codes } = await get(path);
        const turnOff = button(t("mfa.turnOff"), end, "danger-text");
        content.replaceChildren(...(enabled
            ? [
                el("p", {}, el("span", { class: "tag active" }, t("mfa.on")), " ",
                    t("mfa.since", { time: when(since), codes: number(codes) })),
                el("div", { class: "buttons" }, turnOff),
            ]
            : [el("div", { class: "buttons" }, button(t("mfa.setUp"), begin, "primary"))]));
        news.textContent = words;
    }

    async function begin() {
        news.textContent = problem.textContent = "";
        try {
            setUp(await withPassword((secret) => post(path, secret)));
        } catch (error) {
            problem.textContent = error.message;
        }
    }

    function setUp({ secret, otpauth_uri: link }) {
        const code = field({
            name: "code", label: t("mfa.code"), required: true, inputmode: "numeric", autocomplete: "one-time-code",
            maxlength: 10,
        });
        const body = form({
            fields: [code],
            submit: t("mfa.confirm"),
            secondary: button(t("form.cancel"), back, ""),
            async onsubmit(values) {
                const { recovery_codes: codes } = await post(`${path}/confirm`, values);
                showCodes(codes);
            },
        });
        content.replaceChildren(
            el("p", {}, t("mfa.addKey")),
            codeBlock(secret.match(/.{1,4}/g).join(" "), {
                title: t("mfa.secret"), label: t("mfa.secret"), copyLabel: t("mfa.copySecret"), copied: secret,
            }),
            el("p", {}, el("a", { class: "button", href: link }, t("mfa.openApp"))),
            body);
        heading.focus();
    }

    /// They are nowhere to be had afterwards, so they stay until one says so.
    function showCodes(codes) {
        const text = codes.join("\n");
        content.replaceChildren(
            el("p", {}, t("mfa.codesHelp")),
            codeBlock(text, { title: t("mfa.codes"), label: t("mfa.codes"), copyLabel: t("mfa.copyCodes") }),
            el("div", { class: "buttons" },
                button(t("mfa.kept"), back, "primary"),
                button(t("mfa.download"), () => save(`${text}\n`), "")));
        news.textContent = t("mfa.turnedOn");
        heading.focus();
    }

    async function back() {
        await state();
        heading.focus();
    }

    async function end() {
        const password = field({
            name: "password", label: t("auth.password"), type: "password", required: true,
            autocomplete: "current-password",
        });
        const agreed = await ask({
            title: t("mfa.turnOffTitle"), help: t("mfa.turnOffHelp"), fields: [password], confirm: t("mfa.turnOff"),
            danger: true, act: (values) => remove(path, values),
        });
        if (!agreed) return;
        await state(t("mfa.turnedOff"));
        heading.focus();
    }

    await state();
    return el("section", { class: "card" }, heading, el("p", { class: "lead" }, t("mfa.help")), news, problem, content);
}

function save(text) {
    const link = el("a", {
        href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: "mynah-recovery-codes.txt",
    });
    link.click();
    URL.revokeObjectURL(link.href);
}
