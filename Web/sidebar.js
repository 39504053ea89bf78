import { get } from "./api.js";
import { el, hidden, icon, iconButton } from "./dom.js";
import { age, language, languages, setLanguage, t } from "./i18n.js";
import { showShortcuts } from "./shortcuts.js";

const PAGE = 30;
const NARROW = matchMedia("(max-width: 48rem)");

/// The column beside every page: conversations, the way to the other pages, theme and language.
///
/// On a narrow screen it is a drawer, which Escape closes.
export class Sidebar {
    #after = null;
    #isLoading = false;
    #current = null;
    #conversations = el("div", { class: "conversations" });
    #none = el("p", { class: "hint none", hidden: true }, t("chat.none"));
    #more = el("button", {
        type: "button", class: "button quiet", hidden: true, onclick: () => this.#load(),
    }, t("app.more"));
    #links = [pageLink("/chatbots", "bots", t("bots.title")), pageLink("/account", "account", t("account.title"))];

    constructor({ user, onlanguage, onsignout }) {
        const close = iconButton("close", t("app.closeMenu"), () => this.close(), {
            class: "button quiet square drawer-only",
        });
        this.node = el("aside", { class: "sidebar", id: "sidebar", "aria-label": t("app.sidebar") },
            el("div", { class: "sidebar-top" }, brand(), close),
            el("a", { class: "button new-chat-link", href: "#/" }, icon("plus"), t("chat.new")),
            el("nav", { class: "conversation-nav", "aria-label": t("chat.conversations") },
                el("h2", {}, t("chat.conversations")), this.#none, this.#conversations, this.#more),
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
        document.onkeydown = ({ key }) => {
            if (key === "Escape") this.close();
        };
        new IntersectionObserver(([entry]) => entry.isIntersecting && this.#load()).observe(this.#more);
        NARROW.addEventListener("change", () => this.close(false));
        this.refresh();
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
        this.#current = conversation ?? null;
        this.close(false);
        for (const link of this.#links) setCurrent(link, path.startsWith(link.hash.slice(1)));
        for (const link of this.#entries) setCurrent(link, link.dataset.id === this.#current);
    }

    async refresh() {
        this.#after = null;
        await this.#load(true);
    }

    /// Puts the conversation in which something was just said at the top.
    raise(conversation) {
        const link = this.#entries.find((other) => other.dataset.id === conversation);
        if (!link) {
            this.refresh();
            return;
        }
        const entry = link.parentElement;
        const group = entry.closest("section");
        this.#group(age(Date.now()), true).prepend(entry);
        if (!group.querySelector("li")) group.remove();
    }

    /// The list of the conversations of one time; made at an end of all if there is none.
    #group(name, isFirst = false) {
        const found = [...this.#conversations.children].find(({ dataset }) => dataset.age === name);
        if (found) return found.querySelector("ul");
        const list = el("ul");
        const group = el("section", { "data-age": name }, el("h3", {}, name), list);
        if (isFirst) this.#conversations.prepend(group);
        else this.#conversations.append(group);
        return list;
    }

    get #entries() {
        return [...this.#conversations.querySelectorAll("a")];
    }

    async #load(isFresh = false) {
        if (this.#isLoading || (!isFresh && !this.#after)) return;
        this.#isLoading = true;
        try {
            const cursor = isFresh ? "" : `&after=${encodeURIComponent(this.#after)}`;
            const { data, next } = await get(`/conversations?limit=${PAGE}${cursor}`);
            if (isFresh) this.#conversations.replaceChildren();
            for (const entry of data) this.#group(age(entry.updated_at)).append(this.#entry(entry));
            this.#after = next;
            this.#more.hidden = !next;
            this.#none.hidden = this.#conversations.childElementCount > 0;
        } catch {
            this.#more.hidden = false;
        } finally {
            this.#isLoading = false;
        }
    }

    #entry(conversation) {
        const title = conversation.title || t("chat.untitled");
        const link = el("a", { href: `#/c/${conversation.id}`, "data-id": conversation.id, dir: "auto", title }, title);
        setCurrent(link, conversation.id === this.#current);
        return el("li", {}, link);
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

export function languagePicker(onchange) {
    const option = ({ code, name }) => el("option", { value: code, lang: code, selected: code === language() }, name);
    const picker = el("select", {
        class: "language", "aria-label": t("app.language"),
        onchange() {
            setLanguage(picker.value);
            onchange();
        },
    }, languages.map(option));
    return picker;
}

export function themeButton() {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const make = () => iconButton(isDark() ? "sun" : "moon", isDark() ? t("app.light") : t("app.dark"), () => {
        root.dataset.theme = isDark() ? "light" : "dark";
        localStorage.setItem("mynah.theme", root.dataset.theme);
        const next = make();
        button.replaceWith(next);
        button = next;
        next.focus();
    }, { class: "button quiet square theme" });
    let button = make();
    return button;
}
