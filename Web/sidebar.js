import { ConversationList } from "./conversations/list.js";
import { el, hidden, icon, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { languagePicker, themeButton } from "./look.js";
import { showShortcuts } from "./shortcuts.js";

const NARROW = matchMedia("(max-width: 48rem)");

/// The column beside every page: conversations, the way to the other pages, theme and language.
///
/// On a narrow screen it is a drawer, which Escape closes.
export class Sidebar {
    #links = [pageLink("/chatbots", "bots", t("bots.title")), pageLink("/account", "account", t("account.title"))];

    constructor({ user, go, reload, onfind, onlanguage, onsignout }) {
        const close = iconButton("close", t("app.closeMenu"), () => this.close(), {
            class: "button quiet square drawer-only",
        });
        this.list = new ConversationList({ user, go, reload });
        this.node = el("aside", { class: "sidebar", id: "sidebar", "aria-label": t("app.sidebar") },
            el("div", { class: "sidebar-top" }, brand(), close),
            el("a", { class: "button new-chat-link", href: "#/" }, icon("plus"), t("chat.new")),
            this.#finder(onfind),
            this.list.node,
            el("nav", { class: "nav", "aria-label": t("app.menu") }, this.#links),
            el("div", { class: "sidebar-end" },
                el("p", { class: "who" }, user.username ?? user.email),
                iconButton("signOut", t("app.signOut"), onsignout, { class: "button quiet square sign-out" }), languagePicker(onlanguage),
                el("div", { class: "sidebar-tools" }, iconButton("help", t("keys.help.title"), showShortcuts), themeButton())));
        this.toggle = iconButton("menu", t("app.menu"), () => this.open(), {
            "aria-expanded": "false", "aria-controls": "sidebar",
        });
        this.topbar = el("header", { class: "topbar" }, this.toggle, brand(), el("span", { class: "spacer" }),
            el("a", { class: "button quiet square", href: "#/", title: t("chat.new") }, icon("plus"), hidden(t("chat.new"))));
        this.shade = el("div", { class: "shade", hidden: true, onclick: () => this.close() });
        document.onkeydown = ({ key, defaultPrevented }) => {
            if (key === "Escape" && !defaultPrevented) this.close();
        };
        NARROW.addEventListener("change", () => this.close(false));
    }

    #finder(onfind) {
        const keys = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘K" : "Ctrl K";
        return el("button", {
            type: "button", class: "button find-button", "aria-keyshortcuts": "Control+K Meta+K",
            onclick: () => {
                this.close(false);
                onfind();
            },
        }, icon("search"), el("span", {}, t("find.open")), el("kbd", { "aria-hidden": "true", dir: "ltr" }, keys));
    }

    get isOpen() {
        return this.node.classList.contains("open");
    }

    open() {
        this.#set(true);
        this.node.querySelector("a, button").focus();
    }

    close(takeFocus = true) {
        if (!this.isOpen) return;
        this.#set(false);
        if (takeFocus) this.toggle.focus();
    }

    /// Marks where one is: a conversation's id or a page's path.
    mark(path, conversation) {
        this.close(false);
        for (const link of this.#links) setCurrent(link, path.startsWith(link.hash.slice(1)));
        this.list.mark(conversation ?? null);
    }

    refresh() {
        return this.list.refresh();
    }

    /// Something is being said in a conversation, or has been said.
    raise(conversation, isRunning) {
        this.list.raise(conversation, isRunning);
    }

    /// Shows what the server has of a conversation, such as another title.
    update(conversation) {
        this.list.update(conversation);
    }

    #set(isOpen) {
        this.node.classList.toggle("open", isOpen);
        this.toggle.setAttribute("aria-expanded", String(isOpen));
        this.shade.hidden = !isOpen;
        for (const part of [document.querySelector("main"), this.topbar]) part.inert = isOpen;
    }
}

function setCurrent(link, isCurrent) {
    if (isCurrent) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
}

function pageLink(path, shape, label) {
    return el("a", { class: "nav-link", href: `#${path}` }, icon(shape), el("span", {}, label));
}

function brand() {
    return el("a", { class: "brand", href: "#/" },
        el("img", { src: "/assets/mark.svg", alt: "", width: 28, height: 28 }), "Mynah");
}
