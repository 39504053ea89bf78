import { get } from "../api.js";
import { el } from "../dom.js";
import { credits, day, midnight, number, t } from "../i18n.js";
import { sums } from "../pages/usage.js";
import { table } from "../table.js";
import { facts, tag } from "./list.js";

/// The last 30 days, and what needs looking after; of each as much as the operator may see.
export async function overviewPage({ may, me }) {
    const asked = (permission, path) => (may(permission) ? get(path) : null);
    const [stats, providers, dead] = await Promise.all([
        asked("stats.read", "/admin/stats"), asked("providers.read", "/admin/providers"),
        asked("jobs.read", "/admin/jobs?state=dead&limit=200"),
    ]);
    const title = t("admin.overview");
    return {
        title,
        node: el("div", { class: "page" },
            el("h1", { tabindex: -1 }, title), el("p", { class: "lead" }, t("admin.welcome", { name: me.name })),
            providers && standing(providers.data, dead), stats && used(stats)),
    };
}

const standing = (providers, dead) => el("section", { class: "card" },
    el("h2", {}, t("admin.standing")),
    el("dl", { class: "facts" }, providers.filter(({ state }) => state !== "unset").map((each) => el("div", {},
        el("dt", {}, each.name),
        el("dd", {}, tag(t(`admin.provider.${each.state}`), each.state === "ready"))))),
    dead && el("p", {}, dead.data.length
        ? el("a", { href: "#/jobs" }, t("admin.deadJobs", { count: number(dead.data.length) }))
        : t("admin.noDeadJobs")));

function used({ users, today, total, days }) {
    const amounts = (each) => facts([
        [t("admin.activeUsers"), number(each.active_users)], [t("admin.newUsers"), number(each.new_users)],
        [t("admin.count.conversations"), number(each.conversations)],
        [t("usage.messages.title"), number(each.messages)], [t("usage.cost.title"), credits(each.cost)],
        [t("usage.failures.title"), number(each.failures)],
    ]);
    const columns = days.length && [
        { title: t("usage.by.day"), cell: (row) => day(row.day), kind: "nowrap" },
        { title: t("admin.activeUsers"), cell: (row) => number(row.active_users), kind: "number" }, ...sums(days),
    ];
    return el("section", { class: "card" },
        el("h2", {}, t("admin.usage")), facts([[t("admin.accounts"), number(users)]]),
        el("h3", {}, t("admin.today")), amounts(today), el("h3", {}, t("admin.last30")), amounts(total),
        days.length ? table(t("admin.last30"), columns, days).node : null,
        el("p", { class: "hint" }, t("usage.utc", { time: midnight() })));
}
