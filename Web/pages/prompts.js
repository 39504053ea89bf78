import { all, post } from "../api.js";
import { el, hidden } from "../dom.js";
import { field, form } from "../forms.js";
import { number, t, when } from "../i18n.js";

/// A chatbot's instructions: the versions so far and the box for the next one, which begins as the active one. Null for
/// those who may not change the chatbot, who do not see them.
export async function promptsSection(chatbot) {
    const path = `/chatbots/${chatbot}/prompts`;
    let prompts;
    try {
        prompts = await all(path);
    } catch (error) {
        if (error.status === 403) return null;
        throw error;
    }
    const list = el("div", { class: "versions" });
    const news = el("p", { class: "form-news", role: "status" });
    const content = field({
        name: "content", label: t("prompts.content"), hint: t("bots.instructionsHint"), rows: 8, required: true,
        value: prompts.find((prompt) => prompt.is_active)?.content,
    });
    const body = form({
        fields: [content],
        submit: t("prompts.save"),
        async onsubmit(values) {
            const made = await post(path, { ...values, activate: true });
            await refresh();
            return t("prompts.activated", { number: number(made.version) });
        },
    });

    async function refresh() {
        prompts = await all(path);
        draw();
    }

    async function activate(prompt) {
        const version = number(prompt.version);
        try {
            await post(`${path}/${prompt.id}/activate`);
            await refresh();
            content.control.value = prompt.content;
            news.textContent = t("prompts.activated", { number: version });
            list.querySelector("summary")?.focus();
        } catch (error) {
            news.textContent = error.message;
        }
    }

    function draw() {
        list.replaceChildren(...prompts.map((prompt) => {
            const version = number(prompt.version);
            return el("details", {},
                el("summary", {}, el("span", { class: "version" }, t("prompts.version", { number: version })),
                    prompt.is_active && el("span", { class: "tag active" }, t("prompts.active")),
                    el("span", { class: "hint" }, when(prompt.created_at))),
                el("p", { class: "raw" }, prompt.content),
                !prompt.is_active && el("button", { type: "button", class: "button", onclick: () => activate(prompt) },
                    el("span", { "aria-hidden": "true" }, t("prompts.activate")),
                    hidden(t("prompts.activateNamed", { number: version }))));
        }));
        versions.hidden = prompts.length === 0;
        help.textContent = prompts.length ? t("prompts.help") : t("prompts.none");
    }

    const help = el("p", { class: "lead" });
    const versions = el("div", {}, el("h3", {}, t("prompts.versions")), news, list);
    draw();
    return el("section", { class: "card" }, el("h2", {}, t("prompts.title")), help, body, versions);
}

