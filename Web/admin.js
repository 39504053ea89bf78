import { operatorsPage } from "./admin/operators.js";
import { overviewPage } from "./admin/overview.js";
import { readingPage } from "./admin/reading.js";
import { auditPage, jobsPage, logsPage } from "./admin/records.js";
import { forget, renew, role, signOut } from "./admin/session.js";
import { ipRulesPage, plansPage, pricesPage, providersPage } from "./admin/settings.js";
import { signInPage } from "./admin/sign-in.js";
import { deletedPage, managedUserPage, supportPage, supportedUserPage, usersPage } from "./admin/users.js";
import { APIError, get, onSignedOut } from "./api.js";
import { el, iconButton } from "./dom.js";
import { addTexts, t } from "./i18n.js";
import { texts as bn } from "./i18n/admin-bn.js";
import { texts as en } from "./i18n/admin-en.js";
import { passwordSection } from "./pages/password.js";
import { secondFactorSection } from "./pages/second-factor.js";
import { languagePicker, themeButton } from "./look.js";
import "./shapes.js";

addTexts({ en, bn });

/// What staff may from which level on; admins may what their account lists, or everything.
const STAFF = {
    "support.users": 1, "support.limits": 2, "support.mail": 2, "support.disable": 3, "support.conversations": 3,
};

/// Each with the permission that it needs, if any, and the name under which it stands in the menu.
const SECTIONS = [
    { path: "/", name: "admin.overview", page: overviewPage },
    { path: "/users", need: "users.read", name: "admin.users", page: usersPage, one: managedUserPage },
    { path: "/deleted", need: "users.read", name: "admin.deleted", page: deletedPage },
    { path: "/support", need: "support.users", name: "admin.support", page: supportPage, one: supportedUserPage },
    { path: "/reading", need: "support.conversations", name: "admin.reading", page: readingPage },
    { path: "/plans", need: "plans.read", name: "admin.plans", page: plansPage },
    { path: "/prices", need: "prices.read", name: "admin.prices", page: pricesPage },
    { path: "/logs", need: "logs.read", name: "admin.logs", page: logsPage },
    { path: "/audit", need: "audit.read", name: "admin.audit", page: auditPage },
    { path: "/operators", need: "operators.read", name: "admin.operators", page: operatorsPage },
    { path: "/ip-rules", need: "ip_rules.read", name: "admin.ipRules", page: ipRulesPage },
    { path: "/providers", need: "providers.read", name: "admin.providers", page: providersPage },
    { path: "/jobs", need: "jobs.read", name: "admin.jobs", page: jobsPage },
    { path: "/account", name: "account.title", page: accountPage },
];

const main = el("main", { id: "content", tabindex: -1 });
let me = null;
let shows = 0;

const path = () => decodeURI(location.hash.slice(1)) || "/";

function may(permission) {
    if (me.role === "staff") return STAFF[permission] <= me.level;
    return me.permissions === null || me.permissions.includes(permission);
}

const allowed = () => SECTIONS.filter(({ need }) => !need || may(need));

function go(to) {
    if (path() === to) show();
    else location.hash = to;
}

function frame() {
    document.body.className = me ? "operators" : "signed-out";
    const skip = el("a", { class: "skip", href: "#content", onclick: toContent }, t("app.skip"));
    document.body.replaceChildren(...(me ? [skip, bar()] : []), main);
}

function toContent(event) {
    event.preventDefault();
    main.focus();
}

const bar = () => el("header", { class: "operator-bar" },
    el("div", { class: "operator-top" },
        el("a", { class: "brand", href: "#/" },
            el("img", { src: "/assets/mark.svg", alt: "", width: 28, height: 28 }), t("admin.title")),
        el("span", { class: "spacer" }), el("span", { class: "who", dir: "auto" }, me.username),
        iconButton("signOut", t("app.signOut"), leave), languagePicker(relabel), themeButton()),
    el("nav", { class: "operator-nav", "aria-label": t("app.menu") },
        allowed().map((section) => el("a", { href: `#${section.path}` }, t(section.name)))));

/// Of pages asked for one after the other, the last is shown.
async function show() {
    shows += 1;
    const number = shows;
    const page = await load();
    if (number !== shows) return;
    main.replaceChildren(page.node);
    document.title = `${page.title} · Mynah`;
    const [, first] = path().split("/");
    for (const link of document.querySelectorAll(".operator-nav a")) {
        if (link.hash === `#/${first}`) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    }
    main.querySelector("h1")?.focus({ preventScroll: true });
    page.opened?.();
}

async function load() {
    if (!me) return signInPage({ relabel, enter });
    const [, first, id] = path().split("/");
    const section = allowed().find((each) => each.path === `/${first}`);
    const build = id ? section?.one : section?.page;
    if (!build) return notice(t("app.notFound"));
    try {
        return await build({ me, may, go }, id && encodeURIComponent(id));
    } catch (error) {
        if (!(error instanceof APIError)) throw error;
        return notice(t("app.failed"), error.message);
    }
}

const notice = (title, message) => ({
    title,
    node: el("div", { class: "page empty" }, el("h1", { tabindex: -1 }, title),
        message && el("p", { role: "alert" }, message),
        el("button", { type: "button", class: "button primary", onclick: show }, t("app.retry"))),
});

async function accountPage() {
    const base = `/${me.role}`;
    return {
        title: t("account.title"),
        node: el("div", { class: "page narrow" },
            el("h1", { tabindex: -1 }, t("account.title")),
            await secondFactorSection(`${base}/mfa/totp`), passwordSection(me, `${base}/password`)),
    };
}

async function enter() {
    me = await get(`/${role()}/me`);
    frame();
    show();
}

async function leave() {
    try {
        await signOut();
    } finally {
        left();
    }
}

function left() {
    forget();
    if (!me) return;
    me = null;
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    history.replaceState(null, "", location.pathname);
    frame();
    show();
}

function relabel() {
    frame();
    show();
}

async function start() {
    onSignedOut(left);
    addEventListener("hashchange", show);
    try {
        if (await renew()) return await enter();
    } catch (error) {
        document.body.replaceChildren(main);
        main.replaceChildren(notice(t("app.failed"), error.message).node);
        main.querySelector("button").onclick = () => location.reload();
        return;
    }
    frame();
    show();
}

start();
