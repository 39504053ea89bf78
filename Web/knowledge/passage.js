import { get } from "../api.js";
import { open } from "../dialog.js";
import { el } from "../dom.js";
import { number, t } from "../i18n.js";

const PAGE = 20;

/// A passage as the model is given it, with its place in the file.
export function passage({ page, heading, text }, ...more) {
    const place = [page && t("passages.page", { page: number(page) }), heading].filter(Boolean);
    return [
        place.length > 0 && el("p", { class: "hint", dir: null },
            place.flatMap((words, at) => [at > 0 && " · ", el("bdi", {}, words)])),
        el("blockquote", { class: "passage-text raw" }, text), ...more,
    ];
}

/// Shows what was read of a file, passage by passage.
export async function showPassages(path, { name, chunks }) {
    const list = el("ol", { class: "passages" });
    const problem = el("p", { class: "form-error", role: "alert" });
    const more = el("button", { type: "button", class: "button", onclick: showMore }, t("app.more"));
    let next = null;

    async function load() {
        const page = await get(`${path}/passages?limit=${PAGE}${next ? `&after=${encodeURIComponent(next)}` : ""}`);
        list.append(...page.data.map((entry) => el("li", { tabindex: -1 },
            el("h3", {}, t("passages.number", { number: number(entry.position) })), passage(entry))));
        next = page.next;
        more.hidden = !next;
    }

    async function showMore() {
        problem.textContent = "";
        const seen = list.childElementCount;
        try {
            await load();
            list.children[seen]?.focus();
        } catch (error) {
            problem.textContent = error.message;
        }
    }

    await load();
    open(name, { class: "wide" },
        el("p", { class: "hint" }, t("passages.help", { count: number(chunks) })),
        el("div", { class: "scrolling", tabindex: 0, role: "region", "aria-label": t("passages.title") },
            list, problem, more),
        el("form", { method: "dialog", class: "buttons" }, el("button", { class: "button" }, t("cite.close"))));
}
