import { APIError, forgetEarly, get, onSignedOut, remove } from "./api.js";
import { forgetDrafts } from "./chat/drafts.js";
import { el } from "./dom.js";
import { openFinder } from "./find/finder.js";
import { t } from "./i18n.js";
import { accountPage } from "./pages/account.js";
import { registerPage, signInPage } from "./pages/auth.js";
import { chatbotPage, newChatbotPage } from "./pages/chatbot.js";
import { chatbotsPage } from "./pages/chatbots.js";
import { conversationPage } from "./pages/conversation.js";
import { forgotPage, resetPage } from "./pages/forgot.js";
import { importsPage } from "./pages/imports.js";
import { keysPage } from "./pages/keys.js";
import { knowledgePage } from "./pages/knowledge.js";
import { newChatPage } from "./pages/new-chat.js";
import { sharedPage } from "./pages/shared.js";
import { verifyPage } from "./pages/verify.js";
import "./shapes.js";
import { listenForShortcuts } from "./shortcuts.js";
import { Sidebar } from "./sidebar.js";
import { skeleton } from "./skeleton.js";
import { hear } from "./tabs.js";
import { finish } from "./undo.js";

const ROUTES = [
    [/^\/$/, newChatPage],
    [/^\/c\/([^/]+)$/, conversationPage],
    [/^\/chatbots$/, chatbotsPage],
    [/^\/chatbots\/new$/, newChatbotPage],
    [/^\/chatbots\/([^/]+)$/, chatbotPage],
    [/^\/chatbots\/([^/]+)\/chat$/, newChatPage],
    [/^\/chatbots\/([^/]+)\/keys$/, keysPage],
    [/^\/chatbots\/([^/]+)\/knowledge$/, knowledgePage],
    [/^\/account$/, accountPage],
    [/^\/imports$/, importsPage],
];
const SIGNED_OUT_ROUTES = { "/sign-in": signInPage, "/register": registerPage, "/forgot": forgotPage };
/// Where the links lead that people get, signed in or not.
const LINK_ROUTES = [[/^\/reset$/, resetPage], [/^\/verify$/, verifyPage], [/^\/shared\/([\w-]+)$/, sharedPage]];

/// A page that takes longer to load is announced by a skeleton, in milliseconds.
const PATIENCE = 250;

const main = el("main", { id: "content", tabindex: -1 });
let user = null;
let sidebar = null;
/// Ends what the page on view has under way.
let leaving = new AbortController();

const path = () => decodeURI(location.hash.slice(1).split("?")[0]) || "/";
const query = () => new URLSearchParams(location.hash.split("?")[1]);

function go(to) {
    if (location.hash.slice(1) === to) show();
    else location.hash = to;
}

function find() {
    if (user) openFinder(go);
}

function frame() {
    sidebar = user && new Sidebar({ user, go, reload: show, onfind: find, onlanguage: relabel, onsignout: signOut });
    document.body.className = user ? "signed-in" : "signed-out";
    const skip = el("a", { class: "skip", href: "#content", onclick: toContent }, t("app.skip"));
    document.body.replaceChildren(skip, ...(sidebar ? [sidebar.topbar, sidebar.node, sidebar.shade] : []), main);
}

function toContent(event) {
    event.preventDefault();
    main.focus();
}

async function show() {
    leaving.abort();
    leaving = new AbortController();
    const { signal } = leaving;
    const here = path();
    const timer = setTimeout(() => signal.aborted || main.replaceChildren(skeleton()), PATIENCE);
    const page = await load(here, signal);
    clearTimeout(timer);
    if (signal.aborted) return;
    main.replaceChildren(page.node);
    document.title = `${page.title} · Mynah`;
    sidebar?.mark(page.path ?? here, page.current);
    const heading = main.querySelector("h1");
    heading?.focus({ preventScroll: true });
    page.opened?.();
}

async function load(here, signal) {
    const context = { user, sidebar, signal, go, relabel, entered, left, query: query() };
    const isLink = LINK_ROUTES.some(([candidate]) => candidate.test(here));
    if (!user && !isLink) return (SIGNED_OUT_ROUTES[here] ?? signInPage)(context);
    const address = here in SIGNED_OUT_ROUTES ? "/" : here;
    const [pattern, build] = [...LINK_ROUTES, ...ROUTES].find(([candidate]) => candidate.test(address)) ?? [];
    if (!build) return notFound();
    try {
        return await build(context, ...pattern.exec(address).slice(1));
    } catch (error) {
        if (!(error instanceof APIError)) throw error;
        return error.status === 404 ? notFound() : failed(error);
    }
}

function notFound() {
    const title = t("app.notFound");
    return {
        title,
        node: el("div", { class: "page empty" }, el("h1", { tabindex: -1 }, title), el("p", {}, t("app.notFoundHelp")),
            el("a", { class: "button primary", href: "#/" }, t("app.home"))),
    };
}

function failed(error) {
    const title = t("app.failed");
    return {
        title,
        node: el("div", { class: "page empty" },
            el("h1", { tabindex: -1 }, title), el("p", { role: "alert" }, error.message),
            el("button", { type: "button", class: "button primary", onclick: show }, t("app.retry"))),
    };
}

/// Goes on to the page first asked for, after a sign-in.
async function entered() {
    user = await get("/users/me");
    frame();
    if (path() in SIGNED_OUT_ROUTES) go("/");
    else show();
}

async function signOut() {
    try {
        await finish();
        await remove("/auth/session");
    } catch (error) {
        return main.replaceChildren(failed(error).node);
    }
    forgetDrafts();
    // Without an event, which would draw the page again under the reader's hands.
    history.replaceState(null, "", "#/sign-in");
    left();
}

/// The session has ended; the address stays for the next sign-in.
function left() {
    if (!user) return;
    user = null;
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    frame();
    show();
}

function relabel() {
    finish();
    frame();
    show();
}

async function start() {
    onSignedOut(left);
    addEventListener("hashchange", show);
    hear(({ list, conversation, isOver }) => (list ? sidebar?.refresh() : sidebar?.raise(conversation, !isOver)));
    listenForShortcuts((to) => user && go(to), find);
    try {
        user = await get("/users/me");
    } catch (error) {
        if (error.status !== 401) {
            document.body.replaceChildren(main);
            main.replaceChildren(failed(error).node);
            main.querySelector("button").onclick = () => location.reload();
            return;
        }
    }
    frame();
    await show();
    forgetEarly();
}

start();
