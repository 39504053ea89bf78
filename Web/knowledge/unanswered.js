import { el, hidden } from "../dom.js";
import { number, t, when } from "../i18n.js";
import { PagedList } from "./paged.js";

/// Questions that no file answered, each once, from which curated answers are made. Answers `{node, reload}`.
export async function unansweredSection(chatbot, answers) {
    const list = new PagedList({
        path: `/chatbots/${chatbot}/unanswered`, none: t("unanswered.none"), label: t("unanswered.title"), rows,
    });
    const heading = el("h2", { id: "unanswered-title", tabindex: -1 }, t("unanswered.title"));

    async function answer(entry) {
        const id = entry.curated_answer_id;
        if (await (id ? answers.change(id) : answers.add(entry.question))) heading.focus();
    }

    function rows(entries) {
        const groups = Map.groupBy(entries.filter((entry) => entry.question), (entry) => entry.question.trim());
        return [...groups.values()].map(row);
    }

    function row(asked) {
        const [entry] = asked;
        const [words, label] = entry.curated_answer_id
            ? ["unanswered.change", "answers.changeNamed"] : ["unanswered.write", "unanswered.writeNamed"];
        return el("li", {},
            el("div", { class: "key-facts" },
                el("p", { class: "key-name", dir: null }, el("strong", { dir: "auto" }, entry.question),
                    entry.curated_answer_id && el("span", { class: "tag good" }, t("unanswered.answered"))),
                el("p", { class: "clipped hint" }, entry.answer),
                el("p", { class: "hint" }, [
                    when(entry.created_at), asked.length > 1 && t("unanswered.times", { count: number(asked.length) }),
                ].filter(Boolean).join(" · "))),
            el("button", { type: "button", class: "button", onclick: () => answer(entry) },
                el("span", { "aria-hidden": "true" }, t(words)), hidden(t(label, { question: entry.question }))));
    }

    await list.load();
    return {
        reload: () => list.reload(),
        node: el("section", { class: "card", "aria-labelledby": "unanswered-title" },
            heading, el("p", { class: "lead" }, t("unanswered.help")), list.node),
    };
}
