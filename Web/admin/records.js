import { get, post } from "../api.js";
import { open } from "../dialog.js";
import { el } from "../dom.js";
import { field } from "../forms.js";
import { credits, number, t, when } from "../i18n.js";
import { codeBlock } from "../markdown.js";
import { anyOf, column, facts, listPage, short, tag, timeColumn, timeFilter } from "./list.js";

const text = (name, label) => field({ name, label, spellcheck: "false" });
const times = () => [timeFilter("from", t("admin.from")), timeFilter("to", t("admin.to"))];
const isGood = { complete: true, success: true };

export const logsPage = () => listPage({
    title: t("admin.logs"), help: t("admin.logsHelp"), path: "/admin/message-logs",
    filters: [
        text("user_id", t("admin.userID")), text("chatbot_id", t("admin.chatbotID")),
        anyOf("outcome", t("admin.outcome"), ["complete", "partial", "failed"]), ...times(),
    ],
    columns: [
        timeColumn(t("admin.time"), "created_at"),
        column(t("admin.user"), (log) => short(log.user_id ?? log.end_user_id)),
        column(t("admin.model"), model),
        column(t("admin.outcome"), (log) => tag(log.error_code ?? log.outcome, isGood[log.outcome])),
        column(t("usage.tokens.title"), (log) => number(log.prompt_tokens + log.completion_tokens), "number"),
        column(t("usage.cost.title"), (log) => credits(log.cost), "number"),
        column(t("admin.milliseconds"), (log) => number(log.total_ms), "number"),
    ],
    actions: (log) => [[t("admin.open"), t("admin.openLog", { time: when(log.created_at) }), () => showLog(log)]],
});

const model = (log) => [log.provider, log.model].filter(Boolean).join("/");

function showLog(log) {
    const content = el("div", { class: "stack", tabindex: -1 });
    const ids = ["id", "user_id", "end_user_id", "key_id", "payer_id", "chatbot_id", "conversation_id", "request_id"];
    const reveal = el("button", { type: "button", class: "button", onclick: read }, t("admin.readLog"));
    async function read() {
        try {
            const { content: said } = await get(`/admin/message-logs/${log.id}?content=true`);
            content.replaceChildren(...(said
                ? [block(t("admin.question"), said.question), block(t("admin.answer"), said.answer)]
                : [el("p", {}, t("admin.notKept"))]));
            reveal.remove();
            content.focus();
        } catch (error) {
            content.replaceChildren(el("p", { class: "form-error", role: "alert" }, error.message));
        }
    }
    const dialog = open(t("admin.log"), { class: "wide" },
        facts([
            [t("admin.time"), when(log.created_at)], [t("admin.model"), model(log)],
            [t("admin.outcome"), log.error_code ?? log.outcome],
            ...ids.filter((name) => log[name]).map((name) => [name, log[name]]),
        ]),
        el("p", { class: "hint" }, t("admin.readLogHelp")), content,
        el("div", { class: "buttons" },
            el("button", { type: "button", class: "button primary", onclick: () => dialog.close() }, t("keys.done")),
            reveal));
}

const block = (title, said) => el("section", {}, el("h3", {}, title), el("p", { class: "raw" }, said ?? "–"));

export async function auditPage() {
    const head = await get("/admin/audit-log/head");
    return listPage({
        title: t("admin.audit"), help: t("admin.auditHelp"), path: "/admin/audit-log",
        above: codeBlock(`${head.sequence}:${head.mac}`, {
            title: t("admin.head"), label: t("admin.head"), copyLabel: t("admin.copyHead"),
        }),
        filters: [
            text("actor", t("admin.actor")), text("action", t("admin.action")), text("target", t("admin.target")),
            text("outcome", t("admin.outcome")), ...times(),
        ],
        columns: [
            timeColumn(t("admin.time"), "created_at"), column(t("admin.actor"), (entry) => entry.actor, "id"),
            column(t("admin.action"), (entry) => entry.action),
            column(t("admin.target"), (entry) => entry.target ?? "–", "id"),
            column(t("admin.outcome"), (entry) => tag(entry.outcome, isGood[entry.outcome])),
            column(t("admin.detail"), (entry) => entry.detail && JSON.stringify(entry.detail), "detail"),
            column(t("admin.address"), (entry) => entry.address ?? "–"),
        ],
    });
}

export const jobsPage = ({ may }) => listPage({
    title: t("admin.jobs"), path: "/admin/jobs",
    filters: [anyOf("state", t("admin.state"), ["queued", "running", "dead"])],
    columns: [
        column(t("admin.kind"), (job) => job.kind),
        column(t("admin.state"), (job) => tag(job.state, job.state !== "dead")),
        column(t("admin.attempts"), (job) => number(job.attempts), "number"), timeColumn(t("admin.due"), "run_at"),
        column(t("admin.lastError"), (job) => job.last_error, "detail"),
    ],
    actions: may("jobs.write") && ((job) => (job.state === "dead"
        ? [[t("app.retry"), t("admin.retryNamed", { name: job.kind }), async () => {
            await post(`/admin/jobs/${job.id}/retry`);
            return t("admin.retried", { name: job.kind });
        }]]
        : [])),
});
