import { post } from "../api.js";
import { el } from "../dom.js";
import { field, form } from "../forms.js";
import { number, t } from "../i18n.js";
import { passage } from "./passage.js";
import { reason } from "./reason.js";

/// Tries what is found for a question, and shows why.
export function searchSection(chatbot) {
    const found = el("ol", { class: "passages", "aria-label": t("search.found"), hidden: true });
    const note = el("p", { class: "form-error", role: "alert" });
    const query = field({
        name: "query", label: t("search.query"), hint: t("search.hint"), required: true, maxlength: 2000,
    });
    const body = form({
        fields: [query],
        submit: t("search.submit"),
        async onsubmit(values) {
            note.textContent = "";
            const { data, error_code: code } = await post(`/chatbots/${chatbot}/knowledge/search`, values);
            found.replaceChildren(...data.map(row));
            found.hidden = !data.length;
            if (code) note.textContent = t("search.wordsOnly", { reason: reason(code) });
            return data.length ? t("search.count", { count: number(data.length) }) : t("search.nothing");
        },
    });
    return el("section", { class: "card", "aria-labelledby": "search-title" },
        el("h2", { id: "search-title" }, t("search.title")), el("p", { class: "lead" }, t("search.help")),
        body, note, found);
}

const row = (entry) => el("li", {},
    el("h3", {}, entry.name),
    passage(entry, el("p", { class: "hint" }, [
        rank("search.byWords", entry.word_rank), rank("search.byMeaning", entry.meaning_rank),
        t("search.score", { score: number(Math.round(entry.score * 100) / 100) }),
    ].join(" · "))));

const rank = (key, place) => (place === null ? t(`${key}.no`) : t(key, { place: number(place) }));
