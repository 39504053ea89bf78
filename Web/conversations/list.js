import { get } from "../api.js";
import { el, iconButton } from "../dom.js";
import { age, t } from "../i18n.js";
import { Actions } from "./actions.js";
import { openMenu } from "./menu.js";
import { Row } from "./row.js";
import { RunningReplies } from "./running.js";

const PAGE = 100;
const PINNED = "pinned";

/// The conversations beside every page: those that are pinned, then the others by date; or those in the archive.
export class ConversationList {
    #after = null;
    #isLoading = false;
    /// Answers to what was asked before the last refresh come too late.
    #version = 0;
    #current = null;
    #isArchive = false;
    #rows = new Map();
    /// Tells when a reader comes near the end of what is shown.
    #end;
    #groups = el("div", { class: "conversations" });
    #none = el("p", { class: "hint none", hidden: true });
    #more = el("button", { type: "button", class: "button quiet", hidden: true, onclick: () => this.#load() }, t("app.more"));
    #heading = el("h2", {}, t("chat.conversations"));
    #archive = iconButton("archive", t("list.archive"), () => this.#show(!this.#isArchive), {
        class: "button quiet square", "aria-pressed": "false",
    });
    #running = new RunningReplies((id) => this.raise(id), () => this.node.isConnected);

    /// `go(path)` opens a page, `reload()` the one on view once more.
    constructor({ go, reload }) {
        this.actions = new Actions({ list: this, go, reload });
        this.node = el("nav", { class: "conversation-nav", "aria-label": t("chat.conversations") },
            el("div", { class: "conversation-head" }, this.#heading, this.#archive), this.#none, this.#groups, this.#more);
        this.#end = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#load(), {
            root: this.node, rootMargin: "800px 0px",
        });
        this.refresh();
    }

    get current() {
        return this.#current;
    }

    mark(id) {
        this.#rows.get(this.#current)?.mark(false);
        this.#current = id;
        this.#rows.get(id)?.mark(true);
    }

    async refresh() {
        this.#version += 1;
        this.#after = null;
        this.#isLoading = false;
        await this.#load(true);
    }

    /// Puts the conversation in which something is said at the top of today, or of the pinned ones.
    raise(id, isRunning = false) {
        if (isRunning) this.#running.add(id);
        else this.#running.drop(id);
        const row = this.#rows.get(id);
        if (!row) {
            if (!this.#isArchive) this.refresh();
            return;
        }
        row.isRunning = isRunning;
        if (this.#isArchive) return;
        const before = row.node.closest("section");
        const focused = row.node.contains(document.activeElement) ? document.activeElement : null;
        this.#group(row.record.pinned ? PINNED : age(Date.now()), true).prepend(row.node);
        focused?.focus();
        if (!before.querySelector("li")) before.remove();
    }

    update(record) {
        this.#rows.get(record.id)?.update(record);
    }

    /// Takes a conversation off the list, and answers what puts it back.
    take(id) {
        const row = this.#rows.get(id);
        const { node } = row;
        node.hidden = true;
        const section = node.closest("section");
        const hide = () => { section.hidden = !section.querySelector("li:not([hidden])"); };
        hide();
        const next = [...this.#groups.querySelectorAll("li:not([hidden]) a")].find((link) => node.compareDocumentPosition(link) & 4);
        (next ?? this.#archive).focus();
        return () => {
            if (!node.isConnected) return this.refresh();
            node.hidden = false;
            hide();
        };
    }

    async #show(isArchive) {
        this.#isArchive = isArchive;
        this.#archive.setAttribute("aria-pressed", String(isArchive));
        this.#heading.textContent = isArchive ? t("list.archive") : t("chat.conversations");
        await this.refresh();
    }

    #group(name, isFirst = false) {
        const found = [...this.#groups.children].find(({ dataset }) => dataset.age === name);
        if (found) return found.querySelector("ul");
        const list = el("ul");
        const group = el("section", { "data-age": name }, el("h3", {}, name === PINNED ? t("list.pinned") : name), list);
        const pinned = this.#groups.querySelector(`[data-age=${PINNED}]`);
        if (!isFirst) this.#groups.append(group);
        else if (pinned && name !== PINNED) pinned.after(group);
        else this.#groups.prepend(group);
        return list;
    }

    async #load(isFresh = false) {
        if (this.#isLoading || (!isFresh && !this.#after)) return;
        this.#isLoading = true;
        const version = this.#version;
        try {
            const pages = await this.#pages(isFresh);
            if (version !== this.#version) return;
            if (isFresh) this.#clear();
            for (const record of pages.flatMap(({ data }) => data)) this.#add(record);
            this.#after = pages.at(-1).next;
            this.#more.hidden = !this.#after;
            this.#none.textContent = this.#isArchive ? t("list.archiveNone") : t("chat.none");
            this.#none.hidden = this.#rows.size > 0;
        } catch {
            if (version === this.#version) this.#more.hidden = false;
        } finally {
            if (version === this.#version) {
                this.#isLoading = false;
                // Observed anew, it tells whether the end is still near.
                this.#end.unobserve(this.#more);
                this.#end.observe(this.#more);
            }
        }
    }

    #pages(isFresh) {
        const cursor = isFresh ? "" : `&after=${encodeURIComponent(this.#after)}`;
        if (this.#isArchive) return Promise.all([get(`/conversations?archived=true&limit=${PAGE}${cursor}`)]);
        const others = get(`/conversations?pinned=false&limit=${PAGE}${cursor}`);
        return Promise.all(isFresh ? [get("/conversations?pinned=true&limit=200"), others] : [others]);
    }

    #clear() {
        this.#rows.clear();
        this.#groups.replaceChildren();
    }

    #add(record) {
        if (this.actions.isLeaving(record.id) || this.#rows.has(record.id)) return;
        const row = new Row(record, { onmenu: (button) => openMenu(button, this.actions.of(row)) });
        row.mark(record.id === this.#current);
        if (record.running_message_id) this.#running.add(record.id);
        this.#rows.set(record.id, row);
        this.#group(record.pinned && !this.#isArchive ? PINNED : age(record.updated_at)).append(row.node);
    }
}
