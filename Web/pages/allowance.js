import { el } from "../dom.js";
import { credits, number, t, when } from "../i18n.js";
import { bar } from "../table.js";

/// The user's plan: what it allows, and what is left of it.
export function allowanceSection({ plan, limits, used, credits: money, resets_at: end }) {
    const models = limits.models?.join(", ") || t(limits.models ? "usage.noModels" : "usage.allModels");
    const rate = limits.requests_per_minute;
    return el("section", { class: "card" }, el("h2", {}, t("usage.title")),
        el("dl", { class: "facts" },
            fact(t("usage.plan"), plan.name), fact(t("usage.models"), models),
            fact(t("usage.rate"), rate === null ? t("usage.noLimit") : number(rate))),
        el("ul", { class: "meters" },
            meter(t("usage.messages"), used.messages_today, limits.messages_per_day),
            meter(t("usage.conversations"), used.conversations_today, limits.conversations_per_day),
            meter(t("usage.keys"), used.keys, limits.keys),
            balance(money)),
        el("p", { class: "hint" }, t("usage.resets", { time: when(end) })));
}

const fact = (label, value) => el("div", {}, el("dt", {}, label), el("dd", {}, value));

function meter(label, used, limit) {
    if (limit === null) return row(label, t("usage.unlimited", { used: number(used) }));
    const left = number(Math.max(0, limit - used));
    return row(label, t("usage.of", { used: number(used), limit: number(limit), left }), used / limit);
}

function balance({ balance: left, reserved, per_month: monthly, renews_at: time }) {
    if (monthly === null) return row(t("usage.credits"), t("usage.noLimit"));
    const values = { left: credits(left), monthly: credits(monthly), reserved: credits(reserved), time: when(time) };
    const node = row(t("usage.credits"), t("usage.creditsLeft", values), 1 - left / monthly);
    node.append(el("p", { class: "hint" }, t("usage.renews", values)));
    if (reserved) node.append(el("p", { class: "hint" }, t("usage.reserved", values)));
    return node;
}

function row(label, words, share) {
    return el("li", {},
        el("p", {}, el("span", {}, label), el("strong", {}, words)), share !== undefined && bar(share));
}
