import { all, get } from "../api.js";
import { el } from "../dom.js";
import { field } from "../forms.js";
import { credits, day, midnight, number, t } from "../i18n.js";
import { bar, table } from "../table.js";

const WAYS = ["day", "model", "key"];

/// What a chatbot was used for in the last 30 days; null for those who may not see it.
export async function usageSection(chatbot) {
    const by = field({
        name: "by", label: t("usage.by"), value: "day", options: WAYS.map((way) => [way, t(`usage.by.${way}`)]),
        onchange: () => show(by.read()),
    });
    const content = el("div", { class: "stack" });
    const problem = el("p", { class: "form-error", role: "alert" });

    async function show(way) {
        problem.textContent = "";
        try {
            const [usage, names] = await Promise.all([
                get(`/chatbots/${chatbot}/usage?by=${way}`), way === "key" ? keyNames(chatbot) : null,
            ]);
            if (way === by.read()) content.replaceChildren(...drawn(usage, names));
        } catch (error) {
            if (error.status === 403) throw error;
            problem.textContent = error.message;
        }
    }

    try {
        await show("day");
    } catch {
        return null;
    }
    return el("section", { class: "card" },
        el("h2", {}, t("usage.ofChatbot")), el("p", { class: "lead" }, t("usage.last30")), by.node, problem, content);
}

const keyNames = async (chatbot) =>
    new Map((await all(`/chatbots/${chatbot}/api-keys`)).map((key) => [key.id, key.name]));

function drawn({ by, total, data }, names) {
    const name = {
        day: (row) => day(row.day),
        model: (row) => [row.provider, row.model].filter(Boolean).join("/"),
        key: (row) => (row.key_id ? names.get(row.key_id) ?? row.key_id : t("usage.noKey")),
    }[by];
    if (!data.length) return [el("p", { class: "hint" }, t("usage.none"))];
    const first = { title: t(`usage.by.${by}`), cell: name, kind: "nowrap" };
    const facts = [
        ["messages", number(total.messages)], ["tokens", number(total.prompt_tokens + total.completion_tokens)],
        ["cost", credits(total.cost)], ["failures", number(total.failures)],
    ];
    return [
        el("dl", { class: "facts" },
            facts.map(([key, value]) => el("div", {}, el("dt", {}, t(`usage.${key}.title`)), el("dd", {}, value)))),
        table(t("usage.ofChatbot"), [first, ...sums(data)], data).node,
        by === "day" && el("p", { class: "hint" }, t("usage.utc", { time: midnight() })),
    ].filter(Boolean);
}

/// The columns of `data`, rows of which each sums up some of the messages.
export function sums(data) {
    const most = Math.max(...data.map((row) => row.messages));
    const column = (key, cell) => ({ title: t(`usage.${key}.title`), kind: "number", cell });
    return [
        column("messages", (row) => [number(row.messages), bar(row.messages / most)]),
        column("tokens", (row) => number(row.prompt_tokens + row.completion_tokens)),
        column("cost", (row) => credits(row.cost)),
        column("failures", (row) => number(row.failures)),
        ...("first_token_ms" in data[0] ? [column("firstToken", firstToken)] : []),
    ];
}

const firstToken = ({ first_token_ms: time }) => (time === null ? "–" : t("usage.seconds", {
    seconds: number(Math.round(time / 10) / 100),
}));
