import { open } from "../dialog.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";
import { codeBlock } from "../markdown.js";
import { snippet } from "./snippet.js";

/// Shows a key, this once, and how it is used.
export function showIssued(issued, chatbot) {
    const { key, name } = issued;
    const done = el("button", {
        type: "button", class: "button primary", onclick: () => dialog.close(),
    }, t("keys.done"));
    const dialog = open(t("keys.issued", { name }), { class: "wide" },
        el("p", {}, t(issued.kind === "publishable" ? "keys.oncePublic" : "keys.once")),
        codeBlock(key, { title: t("keys.key"), label: t("keys.key"), copyLabel: t("keys.copy") }),
        examples(issued, chatbot).map(([title, code]) => codeBlock(code, {
            title, label: t("keys.example", { name: title }), copyLabel: t("keys.copyExample", { name: title }),
        })),
        el("div", { class: "buttons" }, done));
    dialog.querySelector(".code-bar button").focus();
}

function examples({ key, kind, scopes }, chatbot) {
    const server = location.origin;
    if (kind === "publishable") return [["HTML", snippet(key)]];
    if (kind === "user") return [["curl", `curl ${server}/users/me \\\n  -H 'X-API-Key: ${key}'`]];
    if (!scopes.includes("chat")) return [["curl", `curl ${server}/chatbots/${chatbot} \\\n  -H 'X-API-Key: ${key}'`]];
    return [
        ["curl", [
            `curl ${server}/v1/chat/completions \\`,
            `  -H 'Authorization: Bearer ${key}' \\`,
            "  -H 'Content-Type: application/json' \\",
            `  -d '{"model": "${chatbot}", "messages": [{"role": "user", "content": "Hello"}]}'`,
        ].join("\n")],
        ["Python", [
            "from openai import OpenAI",
            "",
            `client = OpenAI(base_url="${server}/v1", api_key="${key}")`,
            "reply = client.chat.completions.create(",
            `    model="${chatbot}",`,
            '    messages=[{"role": "user", "content": "Hello"}],',
            ")",
            "print(reply.choices[0].message.content)",
        ].join("\n")],
    ];
}
