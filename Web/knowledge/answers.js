import { patch, post, remove } from "../api.js";
import { ask } from "../dialog.js";
import { el, hidden, icon } from "../dom.js";
import { field } from "../forms.js";
import { t, when } from "../i18n.js";
import { PagedList } from "./paged.js";

/// As long as the question of a curated answer may be, in Unicode scalars.
const LONGEST = 500;

/// A chatbot's curated answers. Answers `{node, add(question), change(id)}`; `onchange` is called after each change.
export async function answersSection(chatbot) {
    const path = `/chatbots/${chatbot}/answers`;
    const news = el("p", { class: "form-news", role: "status" });
    const heading = el("h2", { id: "answers-title", tabindex: -1 }, t("answers.title"));
    const list = new PagedList({
        path, none: t("answers.none"), label: t("answers.title"), rows: (answers) => answers.map(row),
    });

    const section = {
        node: el("section", { class: "card", "aria-labelledby": "answers-title" },
            el("header", { class: "page-header" }, heading,
                el("button", { type: "button", class: "button", onclick: () => section.add("") },
                    icon("plus"), t("answers.add"))),
            el("p", { class: "lead" }, t("answers.help")), news, list.node),
        onchange: async () => {},
        add: (question) => write({ title: t("answers.add"), question, act: (values) => post(path, values) }),
        async change(id) {
            const answer = await list.find((entry) => entry.id === id);
            return answer ? edit(answer) : false;
        },
    };

    const edit = (answer) => write({
        title: t("answers.change"), ...answer, act: (values) => patch(`${path}/${answer.id}`, values),
    });

    async function write({ title, question, answer = "", act }) {
        const fields = [
            field({
                name: "question", label: t("answers.question"), hint: t("answers.questionHint"), required: true,
                rows: 2, value: Array.from(question).slice(0, LONGEST).join(""),
            }),
            field({ name: "answer", label: t("answers.answer"), required: true, rows: 5, value: answer }),
        ];
        const isDone = await ask({ title, fields, confirm: t("form.save"), act });
        if (isDone) await changed(t("answers.saved"));
        return isDone;
    }

    async function erase(answer) {
        const isDone = await ask({
            title: t("answers.deleteTitle"), help: t("answers.deleteHelp", answer), confirm: t("answers.delete"),
            danger: true, act: () => remove(`${path}/${answer.id}`),
        });
        if (!isDone) return;
        await changed(t("answers.deleted"));
        heading.focus();
    }

    async function changed(text) {
        await Promise.all([list.reload(), section.onchange()]);
        news.textContent = text;
    }

    function row(answer) {
        const { question } = answer;
        const button = (act, kind, text, label) => el("button", {
            type: "button", class: `button ${kind}`, onclick: () => act(answer),
        }, el("span", { "aria-hidden": "true" }, text), hidden(label));
        return el("li", {},
            el("div", { class: "key-facts" },
                el("p", {}, el("strong", {}, question)), el("p", { class: "raw" }, answer.answer),
                el("p", { class: "hint" }, when(answer.updated_at))),
            el("div", { class: "buttons" },
                button(edit, "", t("answers.change"), t("answers.changeNamed", { question })),
                button(erase, "danger-text", t("answers.delete"), t("answers.deleteNamed", { question }))));
    }

    await list.load();
    return section;
}
