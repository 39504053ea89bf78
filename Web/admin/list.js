import { get } from "../api.js";
import { ask } from "../dialog.js";
import { el, hidden } from "../dom.js";
import { field, form } from "../forms.js";
import { t, when } from "../i18n.js";
import { table } from "../table.js";

const PAGE = 50;

/// An act of a list: a question with `fields`, then `act(values)`, then `words`.
export const asking = (question, words) => async (row) => (await ask(question(row)) ? words : null);

/// A page with what `path` lists. `filters` are fields whose values are sent along; `actions(row)` are
/// `[text, name, act, kind]` each, and `add` is `[text, act]`. An `act` answers what to say after it, or nothing where
/// nothing was done.
export async function listPage({ title, help, path, columns, filters = [], actions, add, above = [] }) {
    const heading = el("h1", { tabindex: -1 }, title);
    const news = el("p", { class: "form-news", role: "status" });
    const problem = el("p", { class: "form-error", role: "alert" });
    const none = el("p", { class: "hint" }, t("admin.none"));
    const more = el("button", { type: "button", class: "button", onclick: () => shown(load) }, t("app.more"));
    const rows = table(title, actions ? [...columns, { title: t("admin.actions"), cell: buttons }] : columns);
    let after = null;

    async function load() {
        more.disabled = true;
        try {
            await loadPage();
        } finally {
            more.disabled = false;
        }
    }

    async function loadPage() {
        const query = new URLSearchParams({ limit: PAGE, ...(after ? { after } : {}) });
        for (const { name, read } of filters) {
            const value = read();
            if (value) query.set(name, value);
        }
        const page = await get(`${path}?${query}`);
        if (!after) rows.clear();
        rows.add(page.data);
        after = page.next;
        more.hidden = !after;
        none.hidden = rows.length > 0;
        rows.node.hidden = rows.length === 0;
    }

    function reload() {
        after = null;
        return load();
    }

    async function shown(work) {
        problem.textContent = news.textContent = "";
        try {
            await work();
        } catch (error) {
            problem.textContent = error.message;
        }
    }

    const run = (act, row) => shown(async () => {
        const words = await act(row);
        if (!words) return;
        await reload();
        news.textContent = words;
        heading.focus();
    });

    function buttons(row) {
        return el("div", { class: "row-actions" }, actions(row).map(([text, name, act, kind = ""]) =>
            actionButton(text, name, () => run(act, row), kind)));
    }

    await load();
    const search = filters.length > 0 && form({ fields: filters, submit: t("admin.show"), onsubmit: reload });
    return {
        title,
        node: el("div", { class: "page" },
            el("header", { class: "page-header" },
                el("div", {}, heading, help && el("p", { class: "lead" }, help)),
                add && el("button", { type: "button", class: "button primary", onclick: () => run(add[1]) }, add[0])),
            above, search && el("div", { class: "filters" }, search), news, problem, none, rows.node, more),
    };
}

export const actionButton = (text, name, onclick, kind = "") =>
    el("button", { type: "button", class: `button ${kind}`, onclick },
        el("span", { "aria-hidden": "true" }, text), hidden(name));

/// Columns by how their values are written.
export const column = (title, cell, kind) => ({ title, cell, kind });
export const timeColumn = (title, key) => column(title, (row) => (row[key] ? when(row[key]) : "–"), "nowrap");

export const tag = (text, isGood) => el("span", { class: `tag ${isGood ? "active" : "ended"}` }, text);

export const facts = (pairs) => el("dl", { class: "facts" }, pairs.filter(([, value]) => value !== undefined).map(
    ([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value ?? "–"))));

/// The end of an id, which is where ids of the same time differ.
export const short = (id) => (id ? el("span", { class: "id", title: id }, `…${id.slice(-8)}`) : "–");

/// A filter for a time, which is chosen by the reader's clock.
export function timeFilter(name, label) {
    const entry = field({ name, label, type: "datetime-local" });
    return { ...entry, read: () => entry.control.value && new Date(entry.control.value).toISOString() };
}

export const anyOf = (name, label, values) =>
    field({ name, label, options: [["", t("admin.any")], ...values.map((value) => [value, value])] });

/// Why something is done; it is kept in the record.
export const reason = (hint) => field({
    name: "reason", label: t("admin.reason"), hint: hint ?? t("admin.reasonHint"), required: true, maxlength: 500,
});
