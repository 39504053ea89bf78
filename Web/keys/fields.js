import { choices, field } from "../forms.js";
import { MICRO, t } from "../i18n.js";

const DAY = 86_400_000;
const PERIODS = ["second", "minute", "hour", "day"];

/// What one decides when a key is made: of a chatbot's key more than of one's own.
export function keyFields(isForChatbot) {
    const name = field({
        name: "name", label: t("keys.name"), hint: t("keys.nameHint"), required: true, maxlength: 100,
    });
    const scopes = choices({
        name: "scopes", label: t("keys.scopes"), hint: t("keys.scopesHint"),
        options: ["read", "chat", "write"].map((scope) => [scope, t(`keys.scopeIs.${scope}`)]),
        chosen: isForChatbot ? ["chat", "read"] : ["chat", "read", "write"],
    });
    const expiry = field({
        name: "expiry", label: t("keys.expiry"), errorsFor: ["expires_at"], value: "",
        options: [["", t("keys.expiry.never")], ...[7, 30, 90, 365].map((days) => [days, t(`keys.expiry.${days}`)])],
    });
    const count = field({
        name: "count", label: t("keys.limit"), hint: t("keys.limitHint"), type: "number", min: 1, max: 1_000_000,
        step: 1, errorsFor: ["rate_limit"],
    });
    const period = field({
        name: "period", label: t("keys.per"), value: "minute",
        options: PERIODS.map((each) => [each, t(`keys.per.${each}`)]),
    });
    if (!isForChatbot) return [name, scopes, expiry, count, period];

    const kind = field({
        name: "kind", label: t("keys.kind"), value: "secret",
        options: [["secret", t("keys.kindIs.secret")], ["publishable", t("keys.kindIs.publishable")]],
        onchange: () => choose(),
    });
    const origins = field({ name: "origins", label: t("keys.origins"), hint: t("keys.originsHint"), rows: 2 });
    const budget = field({
        name: "budget", label: t("keys.budget"), hint: t("keys.budgetHint"), type: "number", min: 0, step: "any",
    });
    /// A publishable key has one scope, and belongs to websites.
    function choose() {
        const isPublishable = kind.control.value === "publishable";
        scopes.node.hidden = isPublishable;
        origins.required = isPublishable;
        origins.node.querySelector(".optional").hidden = isPublishable;
    }
    return [name, kind, scopes, origins, expiry, count, period, budget];
}

/// The API's form of what was filled in.
export function keyFrom({ name, kind, scopes, origins, expiry, count, period, budget }) {
    const lines = (origins ?? "").split(/\s+/).filter(Boolean);
    return {
        name,
        ...(kind && { kind }),
        ...(kind !== "publishable" && { scopes }),
        ...(lines.length && { origins: lines }),
        ...(expiry && { expires_at: new Date(Date.now() + Number(expiry) * DAY).toISOString() }),
        ...(count !== null && { rate_limit: `${count}/${period}` }),
        ...(typeof budget === "number" && { budget: Math.round(budget * MICRO) }),
    };
}
