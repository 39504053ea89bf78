import { get } from "../api.js";
import { el, iconButton } from "../dom.js";
import { age, t } from "../i18n.js";
import { Actions } from "./actions.js";
import { Folders } from "./folders.js";
import { Many } from "./many.js";
import { openMenu } from "./menu.js";
import { Row } from "./row.js";
import { RunningReplies } from "./running.js";
import { Selection } from "./selection.js";

const PAGE = 100;
const PINNED = "pinned";

/// The conversations beside every page: those that are pinned, then folders, then the others by date; or those in the archive.
export class ConversationList {
    #after = null;
    #isLoading = false;
    /// Answers to what was asked before the last refresh come too late.
    #version = 0;
    #current = null;
    /// Whether it was to be read again while rows were being selected, which stand still meanwhile.
    #isStale = false;
    #rows = new Map();
    /// Tells when a reader comes near the end of what is shown.
    #end;
    #pinned = el("div");
    #dates = el("div");
    #none = el("p", { class: "hint none", hidden: true });
    #more = el("button", { type: "button", class: "button quiet", hidden: true, onclick: () => (this.#after ? this.#load() : this.refresh()) }, t("app.more"));
    #heading = el("h2", {}, t("chat.conversations"));
    #archive = iconButton("archive", t("list.archive"), () => this.#show(!this.isArchive), {
        class: "button quiet square", "aria-pressed": "false",
    });
    #progress = el("progress", { class: "batch", "aria-label": t("list.working"), hidden: true });
    #running = new RunningReplies((id) => this.raise(id), () => this.node.isConnected);
    isArchive = false;

    /// `go(path)` opens a page, `reload()` the one on view once more.
    constructor({ user, go, reload }) {
        this.node = el("nav", { class: "conversation-nav", "aria-label": t("chat.conversations") });
        this.many = new Many({ list: this, user, go });
        this.actions = new Actions({ list: this, go, reload });
        this.selection = new Selection(this);
        this.folders = new Folders({ add: (record, list) => this.#add(record, list), root: this.node });
        this.groups = el("div", { class: "conversations" }, this.#pinned, this.folders.node, this.#dates);
        this.node.append(
            el("div", { class: "conversation-head" }, this.#heading, this.selection.button, this.#archive), this.selection.bar,
            this.#progress, this.#none, this.groups, this.#more);
        this.#end = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#load(), {
            root: this.node, rootMargin: "800px 0px",
        });
        this.many.resume();
        this.refresh();
    }

    get current() {
        return this.#current;
    }

    get rows() {
        return [...this.#rows.values()];
    }

    /// The rows on view, from top to bottom; those of closed folders are not.
    get shown() {
        return [...this.groups.querySelectorAll("li:not([hidden])")].filter((node) => !node.closest("div[hidden]"))
            .map((node) => this.#rows.get(node.dataset.id));
    }

    mark(id) {
        this.#rows.get(this.#current)?.mark(false);
        this.#current = id;
        this.#rows.get(id)?.mark(true);
    }

    async refresh() {
        this.#isStale = this.selection.isOn;
        if (this.#isStale) return;
        this.#version += 1;
        this.#after = null;
        this.#isLoading = false;
        await this.#load(true);
    }

    /// Reads what could not be read while rows were being selected.
    settle() {
        if (this.#isStale) this.refresh();
    }

    /// Shows how much of a longer work is done.
    progress(done, total) {
        this.#progress.hidden = total < 10;
        this.#progress.max = total || 1;
        this.#progress.value = done;
    }

    /// Opens a folder.
    open(name) {
        this.folders.open(name);
    }

    /// Puts the conversation in which something is said at the top of today, of its folder or of the pinned ones.
    raise(id, isRunning = false) {
        if (isRunning) this.#running.add(id);
        else this.#running.drop(id);
        const row = this.#rows.get(id);
        if (!row) {
            if (!this.isArchive) this.refresh();
            return;
        }
        row.isRunning = isRunning;
        if (this.isArchive || this.selection.isOn) return;
        const before = row.node.closest("section");
        const focused = row.node.contains(document.activeElement) ? document.activeElement : null;
        this.#place(row.record, age(Date.now()), true).prepend(row.node);
        focused?.focus();
        if (!before.querySelector("li")) before.remove();
    }

    update(record) {
        this.#rows.get(record.id)?.update(record);
    }

    /// Takes conversations off the list, and answers what puts them back, or those of them that are named.
    take(ids) {
        const rows = ids.map((id) => this.#rows.get(id)).filter(Boolean);
        const hide = () => {
            for (const section of this.groups.querySelectorAll("section:has(li)")) {
                section.hidden = !section.querySelector("li:not([hidden]), :scope > div > .button:not([hidden])");
            }
        };
        for (const { node } of rows) node.hidden = true;
        hide();
        this.selection.end(false);
        const next = this.shown.find(({ node }) => rows[0]?.node.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
        (next?.link ?? this.#archive).focus();
        return (named = ids) => {
            if (rows.some(({ node }) => !node.isConnected)) return this.refresh();
            for (const { node, record } of rows) node.hidden &&= !named.includes(record.id);
            hide();
        };
    }

    async #show(isArchive) {
        this.selection.end(false);
        this.isArchive = isArchive;
        this.#archive.setAttribute("aria-pressed", String(isArchive));
        this.#heading.textContent = isArchive ? t("list.archive") : t("chat.conversations");
        await this.refresh();
    }

    /// The list that a conversation belongs into.
    #place({ pinned, folder }, date, isFirst = false) {
        if (this.isArchive) return group(this.#dates, date, date, isFirst);
        if (pinned) return group(this.#pinned, PINNED, t("list.pinned"), isFirst);
        return this.folders.list(folder) ?? group(this.#dates, date, date, isFirst);
    }

    async #load(isFresh = false) {
        if (this.#isLoading || (!isFresh && !this.#after)) return;
        this.#isLoading = true;
        const version = this.#version;
        try {
            const [pages, folders] = await Promise.all([this.#pages(isFresh), isFresh && !this.isArchive ? this.folders.read() : []]);
            if (version !== this.#version) return;
            const focused = document.activeElement?.closest(".row")?.dataset.id;
            if (isFresh) this.#clear(folders);
            for (const record of pages.flatMap(({ data }) => data)) this.#add(record);
            if (isFresh) this.#rows.get(focused)?.link.focus();
            this.#after = pages.at(-1).next;
            this.#more.hidden = !this.#after;
            this.#none.textContent = this.isArchive ? t("list.archiveNone") : t("chat.none");
            this.#none.hidden = Boolean(this.groups.querySelector("section"));
            this.#isLoading = false;
            // Observed anew, it tells whether the end is still near. After a failure the reader asks again.
            this.#end.unobserve(this.#more);
            this.#end.observe(this.#more);
        } catch {
            if (version !== this.#version) return;
            this.#isLoading = false;
            this.#end.unobserve(this.#more);
            this.#more.hidden = false;
        }
    }

    #pages(isFresh) {
        const cursor = isFresh ? "" : `&after=${encodeURIComponent(this.#after)}`;
        if (this.isArchive) return Promise.all([get(`/conversations?archived=true&limit=${PAGE}${cursor}`)]);
        const others = get(`/conversations?folder=&pinned=false&limit=${PAGE}${cursor}`);
        return Promise.all(isFresh ? [get("/conversations?pinned=true&limit=200"), others] : [others]);
    }

    #clear(folders) {
        this.#rows.clear();
        this.#pinned.replaceChildren();
        this.#dates.replaceChildren();
        this.folders.show(folders);
    }

    #add(record, list = null) {
        if (this.actions.isLeaving(record.id) || this.#rows.has(record.id)) return;
        const row = new Row(record, { onmenu: (button) => openMenu(button, this.actions.of(row)) });
        row.mark(record.id === this.#current);
        this.selection.fit(row);
        if (record.running_message_id) this.#running.add(record.id);
        this.#rows.set(record.id, row);
        (list ?? this.#place(record, age(record.updated_at))).append(row.node);
    }
}

/// The list below a heading, which is made if it is not there.
function group(parent, name, title, isFirst) {
    const found = [...parent.children].find(({ dataset }) => dataset.age === name);
    if (found) return found.querySelector("ul");
    const list = el("ul");
    parent[isFirst ? "prepend" : "append"](el("section", { "data-age": name }, el("h3", {}, title), list));
    return list;
}
