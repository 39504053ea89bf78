import { patch, post, put, remove } from "../api.js";
import { field } from "../forms.js";
import { credits, MICRO, t } from "../i18n.js";
import { changedLimits, limit, limitFields, models, monthly } from "./limits.js";
import { asking, column, listPage, tag, timeColumn } from "./list.js";

const deletion = (name, path) => [t("admin.delete"), t("admin.deleteNamed", { name }), asking(() => ({
    title: t("admin.deleteTitle", { name }), confirm: t("admin.delete"), danger: true, act: () => remove(path),
}), t("admin.gone", { name })), "danger-text"];

const change = (name, question) => [t("bots.edit"), t("bots.editNamed", { name }), asking(question, t("form.saved"))];

const yesNo = (name, label, value, [yes, no]) => field({
    name, label, value: value ? "yes" : "no", options: [["yes", yes], ["no", no]],
});

export const plansPage = ({ may }) => listPage({
    title: t("admin.plans"), path: "/admin/plans",
    columns: [
        column(t("setup.name"), (plan) => [plan.name, " ", plan.is_default && tag(t("admin.default"), true)]),
        ...["requests_per_minute", "messages_per_day", "conversations_per_day", "keys"].map((name) =>
            column(t(`limit.${name}`), (plan) => limit(plan[name]), "number")),
        column(t("limit.credits_per_month"), (plan) => monthly(plan.credits_per_month), "number"),
        column(t("limit.models"), (plan) => models(plan.models)),
    ],
    actions: may("plans.write") && ((plan) => [
        change(plan.name, () => planQuestion(plan)), deletion(plan.name, `/admin/plans/${plan.id}`),
    ]),
    add: may("plans.write") && [t("admin.newPlan"), asking(() => planQuestion({}), t("form.saved"))],
});

function planQuestion(plan) {
    const name = field({ name: "name", label: t("setup.name"), value: plan.name, required: true, maxlength: 64 });
    const standard = yesNo("is_default", t("admin.isDefault"), plan.is_default, [t("admin.yes"), t("admin.no")]);
    return {
        title: plan.name ?? t("admin.newPlan"), help: t("admin.emptyIsUnlimited"), confirm: t("form.save"),
        fields: [
            name, ...limitFields(plan, { hint: t("admin.modelsHint"), withCredits: true }),
            ...(plan.is_default ? [] : [standard]),
        ],
        act({ name: given, is_default: choice, ...values }) {
            const body = {
                ...changedLimits(values, plan), ...(given === plan.name ? {} : { name: given }),
                ...(choice === "yes" ? { is_default: true } : {}),
            };
            return plan.id ? patch(`/admin/plans/${plan.id}`, body) : post("/admin/plans", body);
        },
    };
}

const pricePath = (model) => `/admin/prices/${encodeURIComponent(model)}`;

export const pricesPage = ({ may }) => listPage({
    title: t("admin.prices"), help: t("admin.pricesHelp"), path: "/admin/prices",
    columns: [
        column(t("admin.model"), (price) => price.model),
        column(t("admin.input"), (price) => credits(price.input_per_million), "number"),
        column(t("admin.output"), (price) => credits(price.output_per_million), "number"),
        timeColumn(t("admin.changed"), "updated_at"),
    ],
    actions: may("prices.write") && ((price) => [
        change(price.model, () => priceQuestion(price)), deletion(price.model, pricePath(price.model)),
    ]),
    add: may("prices.write") && [t("admin.newPrice"), asking(() => priceQuestion(null), t("form.saved"))],
});

function priceQuestion(price) {
    const box = (name, label) => field({
        name, label, type: "number", min: 0, step: "any", required: true, value: price && price[name] / MICRO,
    });
    const model = field({
        name: "model", label: t("admin.model"), hint: t("admin.priceModelHint"), required: true, spellcheck: "false",
    });
    return {
        title: price?.model ?? t("admin.newPrice"), confirm: t("form.save"),
        fields: [
            ...(price ? [] : [model]), box("input_per_million", t("admin.input")),
            box("output_per_million", t("admin.output")),
        ],
        act: ({ model: name = price?.model, ...values }) => put(pricePath(name), Object.fromEntries(
            Object.entries(values).map(([key, value]) => [key, Math.round(value * MICRO)]))),
    };
}

export const ipRulesPage = ({ may }) => listPage({
    title: t("admin.ipRules"), help: t("admin.ipRulesHelp"), path: "/admin/ip-rules",
    columns: [
        column(t("admin.network"), (rule) => rule.cidr),
        column(t("admin.rule"), (rule) => tag(t(`admin.${rule.action}`), rule.action === "allow")),
        column(t("admin.note"), (rule) => rule.note), timeColumn(t("admin.created"), "created_at"),
    ],
    actions: may("ip_rules.write") && ((rule) => [deletion(rule.cidr, `/admin/ip-rules/${rule.id}`)]),
    add: may("ip_rules.write") && [t("admin.newRule"), asking(() => ({
        title: t("admin.newRule"), confirm: t("form.save"),
        fields: [
            field({ name: "cidr", label: t("admin.network"), hint: t("admin.networkHint"), required: true }),
            field({
                name: "action", label: t("admin.rule"), value: "deny",
                options: ["deny", "allow"].map((each) => [each, t(`admin.${each}`)]),
            }),
            field({ name: "note", label: t("admin.note"), maxlength: 200 }),
        ],
        act: ({ note, ...values }) => post("/admin/ip-rules", { ...values, ...(note ? { note } : {}) }),
    }), t("form.saved"))],
});

export const providersPage = ({ may }) => listPage({
    title: t("admin.providers"), help: t("admin.providersHelp"), path: "/admin/providers",
    columns: [
        column(t("setup.name"), (each) => [each.name, " ", each.is_default && tag(t("admin.default"), true)]),
        column(t("admin.state"), (each) => tag(t(`admin.provider.${each.state}`), each.state === "ready")),
        column(t("admin.baseURL"), (each) => each.base_url ?? "–", "id"),
        column(t("admin.apiKey"), (each) => t(each.has_key ? "admin.keySet" : "admin.no")),
        column(t("admin.running"), (each) => `${each.running} / ${each.waiting}`, "number"),
        timeColumn(t("admin.changed"), "updated_at"),
    ],
    actions: may("providers.write") && ((each) => (each.name !== "local"
        ? [
            change(each.name, () => providerQuestion(each)),
            ...(each.is_changed
                ? [[t("admin.reset"), t("admin.resetNamed", { name: each.name }), asking(() => ({
                    title: t("admin.resetTitle", { name: each.name }), help: t("admin.resetHelp"),
                    confirm: t("admin.reset"),
                    act: () => put(`/admin/providers/${each.name}`, { api_key: null, base_url: null, enabled: true }),
                }), t("form.saved"))]]
                : []),
        ]
        : [])),
});

function providerQuestion(provider) {
    return {
        title: provider.name, help: t("admin.providerHelp"), confirm: t("form.save"),
        fields: [
            field({ name: "base_url", label: t("admin.baseURL"), type: "url", value: provider.base_url }),
            field({
                name: "api_key", label: t("admin.apiKey"), hint: t("admin.apiKeyHint"), type: "password",
                autocomplete: "off",
            }),
            yesNo("enabled", t("admin.inUse"), provider.enabled, [t("admin.yes"), t("admin.no")]),
        ],
        act: ({ base_url: url, api_key: key, enabled }) => put(`/admin/providers/${provider.name}`, {
            ...(url === provider.base_url ? {} : { base_url: url }), ...(key ? { api_key: key } : {}),
            enabled: enabled === "yes",
        }),
    };
}
