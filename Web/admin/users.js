import { get, patch, post, remove } from "../api.js";
import { ask } from "../dialog.js";
import { el } from "../dom.js";
import { field } from "../forms.js";
import { MICRO, credits, number, t, when } from "../i18n.js";
import { LIMITS, changedLimits, limit, limitFields, models, monthly } from "./limits.js";
import { column, facts, listPage, reason, tag, timeColumn } from "./list.js";

const nameOf = (user) => user.username ?? user.email ?? user.id;
const search = () => field({ name: "q", label: t("admin.search"), hint: t("admin.searchHint"), type: "search" });
const state = (user) => (user.disabled_at ? tag(t("admin.disabled")) : tag(t("admin.active"), true));

/// The names of the plans by their ids, for those who may know them; to others a plan is its id.
async function planNames(may) {
    const plans = may("plans.read") ? (await get("/admin/plans?limit=200")).data : [];
    return new Map(plans.map((plan) => [plan.id, plan.name]));
}

const columns = (base, plans) => [
    column(t("admin.user"), (user) => el("a", { href: `#${base}/${user.id}` }, nameOf(user))),
    column(t("account.email"), (user) => user.email ?? "–"),
    column(t("usage.plan"), (user) => plans.get(user.plan) ?? user.plan),
    column(t("admin.state"), state),
    timeColumn(t("admin.lastSignIn"), "last_sign_in_at"),
    timeColumn(t("admin.created"), "created_at"),
];

const booleans = (name, label, [yes, no]) => field({
    name, label, options: [["", t("admin.any")], ["true", yes], ["false", no]],
});

export const usersPage = async ({ may }) => listPage({
    title: t("admin.users"), path: "/admin/users", columns: columns("/users", await planNames(may)),
    filters: [search(), booleans("disabled", t("admin.state"), [t("admin.disabled"), t("admin.active")])],
});

export const supportPage = async ({ may }) => listPage({
    title: t("admin.support"), path: "/staff/users", columns: columns("/support", await planNames(may)),
    filters: [search()],
});

export const deletedPage = ({ may }) => listPage({
    title: t("admin.deleted"), help: t("admin.deletedHelp"), path: "/admin/deleted-users", filters: [search()],
    columns: [
        column(t("admin.user"), nameOf), column(t("admin.reason"), (user) => user.reason),
        column(t("admin.by"), (user) => user.deleted_by), timeColumn(t("admin.deletedAt"), "deleted_at"),
        timeColumn(t("admin.purgeAt"), "purge_at"),
    ],
    actions: may("users.write") && ((user) => [[
        t("admin.restore"), t("admin.restoreNamed", { name: nameOf(user) }), async () => {
            await post(`/admin/deleted-users/${user.id}/restore`);
            return t("admin.restored", { name: nameOf(user) });
        },
    ]]),
});

/// One user, at `path`: what is known, and what may be done by `acts(user)`, `[text, act, kind]` each. An act answers
/// whether it was done, or what to say of it.
async function userPage({ go }, path, base, title, details, acts) {
    let user = await get(path);
    const heading = el("h1", { tabindex: -1 }, nameOf(user));
    const news = el("p", { class: "form-news", role: "status" });
    const problem = el("p", { class: "form-error", role: "alert" });
    const content = el("div", { class: "stack" });
    const buttons = el("div", { class: "buttons" });

    function draw() {
        content.replaceChildren(
            facts([
                [t("admin.id"), user.id], [t("account.email"), user.email], [t("admin.state"), state(user)],
                [t("admin.confirmed"), user.email ? t(user.email_verified ? "admin.yes" : "admin.no") : undefined],
                [t("admin.created"), when(user.created_at)],
                [t("admin.lastSignIn"), user.last_sign_in_at && when(user.last_sign_in_at)],
            ]),
            ...details(user));
        buttons.replaceChildren(...acts(user).map(([text, act, kind = ""]) =>
            el("button", { type: "button", class: `button ${kind}`, onclick: () => run(act) }, text)));
    }

    async function run(act) {
        news.textContent = problem.textContent = "";
        try {
            const done = await act();
            if (!done) return;
            if (done === "gone") return go(base);
            user = await get(path);
            draw();
            news.textContent = done === true ? t("form.saved") : done;
            heading.focus();
        } catch (error) {
            problem.textContent = error.message;
        }
    }

    draw();
    return {
        title: nameOf(user),
        node: el("div", { class: "page" },
            el("a", { class: "back", href: `#${base}` }, title), heading, news, problem,
            el("section", { class: "card" }, content, buttons)),
    };
}

const limitFacts = (limits) => facts([
    ...LIMITS.map((name) => [t(`limit.${name}`), limit(limits[name])]),
    [t("limit.credits_per_month"), monthly(limits.credits_per_month)], [t("limit.models"), models(limits.models)],
]);

const sub = (text, ...content) => [el("h2", {}, text), ...content];

export async function managedUserPage(context, id) {
    const path = `/admin/users/${id}`;
    const { may } = context;
    const plans = await planNames(may);
    const details = (user) => [
        ...sub(t("usage.plan"), facts([
            [t("usage.plan"), plans.get(user.plan) ?? user.plan], [t("usage.credits"), credits(user.credits)],
        ])),
        ...sub(t("admin.limits"), limitFacts(user.effective_limits)),
        ...sub(t("admin.has"), facts(Object.entries(user.counts).map(([key, count]) => [
            t(`admin.count.${key}`), number(count),
        ]))),
    ];
    const acts = (user) => [
        ...(may("users.write")
            ? [[t("admin.changePlan"), () => changePlan(path, user, plans)]] : []),
        ...(may("credits.write") ? [[t("admin.changeCredits"), () => changeCredits(path)]] : []),
        ...(may("users.write")
            ? [
                [user.disabled_at ? t("admin.enable") : t("admin.disable"), () => disable(path, user)],
                [t("admin.delete"), () => erase(path, user), "danger-text"],
            ]
            : []),
    ];
    return userPage(context, path, "/users", t("admin.users"), details, acts);
}

function changePlan(path, user, plans) {
    const plan = field({
        name: "plan", label: t("usage.plan"), value: user.plan, required: true,
        ...(plans.size ? { options: [...plans] } : {}),
    });
    return ask({
        title: t("admin.changePlan"), help: t("admin.ownLimits"),
        fields: [plan, ...limitFields(user.limits, { hint: t("admin.modelsHint") })], confirm: t("form.save"),
        async act({ plan: chosen, ...values }) {
            const limits = changedLimits(values, user.limits);
            await patch(path, {
                ...(chosen === user.plan ? {} : { plan: chosen }), ...(Object.keys(limits).length ? { limits } : {}),
            });
        },
    });
}

const token = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

function changeCredits(path) {
    // A try whose answer was lost and the next one count as one.
    let key = token();
    const amount = field({
        name: "delta", label: t("admin.amount"), hint: t("admin.amountHint"), type: "number", step: "any",
        required: true, errorsFor: ["delta", "balance"],
    });
    return ask({
        title: t("admin.changeCredits"), fields: [amount, reason()], confirm: t("admin.changeCredits"),
        async act(values) {
            const body = { ...values, delta: Math.round(values.delta * MICRO) };
            try {
                await post(`${path}/credits`, body, { headers: { "Idempotency-Key": key } });
            } catch (error) {
                if (error.status) key = token();
                throw error;
            }
        },
    });
}

async function disable(path, user) {
    if (!user.disabled_at) {
        return ask({
            title: t("admin.disableTitle", { name: nameOf(user) }), help: t("admin.disableHelp"),
            confirm: t("admin.disable"), danger: true, act: () => patch(path, { disabled: true }),
        });
    }
    await patch(path, { disabled: false });
    return true;
}

async function erase(path, user) {
    const keep = field({
        name: "export", label: t("admin.export"), value: "no",
        options: [["no", t("admin.no")], ["yes", t("admin.exportYes")]],
    });
    const agreed = await ask({
        title: t("admin.deleteTitle", { name: nameOf(user) }), help: t("admin.deleteHelp"), fields: [reason(), keep],
        confirm: t("admin.delete"), danger: true,
        act: (values) => remove(path, { reason: values.reason, export: values.export === "yes" }),
    });
    return agreed && "gone";
}

/// A user as support sees it: today's use and the limits, and what the level allows.
export function supportedUserPage(context, id) {
    const path = `/staff/users/${id}`;
    const { may } = context;
    const details = (user) => [
        ...sub(t("admin.today"), facts([
            [t("usage.messages"), number(user.today.messages)],
            [t("usage.conversations"), number(user.today.conversations)], [t("usage.plan"), user.plan],
        ])),
        ...sub(t("admin.limits"), limitFacts(user.limits)),
    ];
    const call = (name, words) => async () => {
        await post(`${path}/${name}`);
        return words;
    };
    const acts = (user) => [
        may("support.limits") && [t("admin.resetLimits"), call("reset-limits", t("admin.limitsReset"))],
        may("support.mail") && user.email && !user.email_verified
            && [t("admin.resend"), call("resend-verification", t("admin.resent"))],
        may("support.disable") && !user.disabled_at && [t("admin.disable"), () => ask({
            title: t("admin.disableTitle", { name: nameOf(user) }), help: t("admin.disableHelp"), fields: [reason()],
            confirm: t("admin.disable"), danger: true, act: (values) => post(`${path}/disable`, values),
        }), "danger-text"],
    ].filter(Boolean);
    return userPage(context, path, "/support", t("admin.support"), details, acts);
}
