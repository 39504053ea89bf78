import { field } from "../forms.js";
import { MICRO, credits, number, t } from "../i18n.js";

export const LIMITS = [
    "requests_per_minute", "messages_per_day", "conversations_per_day", "keys", "files", "chatbots", "workspaces",
    "prompt_versions", "end_users", "stored_bytes",
];
const MONEY = "credits_per_month";

/// A limit in words.
export const limit = (value) => (value === null ? t("usage.noLimit") : number(value));
export const monthly = (value) => (value === null ? t("usage.noLimit") : credits(value));
export const models = (value) => (value === null ? t("usage.allModels") : value.join(", ") || t("usage.noModels"));

/// Fields for the limits of `known`, a plan or a user; empty ones do not limit, or leave it to the plan.
export function limitFields(known, { hint, withCredits = false }) {
    const box = (name, value, step) => field({ name, label: t(`limit.${name}`), type: "number", min: 0, step, value });
    return [
        ...LIMITS.map((name) => box(name, known[name], 1)),
        ...(withCredits ? [box(MONEY, known[MONEY] == null ? null : known[MONEY] / MICRO, "any")] : []),
        field({ name: "models", label: t("limit.models"), hint, rows: 2, value: known.models?.join("\n") }),
    ];
}

/// What was changed of `known`, as the API takes it. What is as it was is not sent.
export function changedLimits(values, known) {
    const wanted = { ...values };
    if (MONEY in wanted && wanted[MONEY] !== null) wanted[MONEY] = Math.round(wanted[MONEY] * MICRO);
    wanted.models = wanted.models?.split(/\s+/).filter(Boolean) ?? null;
    const isSame = (name) => JSON.stringify(wanted[name]) === JSON.stringify(known[name] ?? null)
        || (name === "models" && wanted.models === null && known.models?.length === 0);
    return Object.fromEntries(Object.entries(wanted).filter(([name]) => !isSame(name)));
}
