import { get } from "../api.js";
import { el, icon } from "../dom.js";
import { language, t } from "../i18n.js";

const PAGE = 100;
const OPEN = "mynah.folders";

/// The folders of the list, each of which is read when it is opened. Which ones are open is kept in this browser.
export class Folders {
    node = el("div", { class: "folders" });
    #open = new Set(stored());
    #folders = new Map();

    /// `add(record, list)` shows a conversation; `root` is what scrolls.
    constructor({ add, root }) {
        Object.assign(this, { add, root });
    }

    /// The folders with what the open ones begin with, to be shown later.
    async read() {
        const { data } = await get("/conversations/folders");
        const collator = new Intl.Collator(language());
        const folders = data.map(({ name }) => new FolderGroup(name, this)).sort((one, other) => collator.compare(one.name, other.name));
        await Promise.all(folders.map((folder) => this.isOpen(folder.name) && folder.read()));
        return folders;
    }

    show(folders) {
        this.#folders = new Map(folders.map((folder) => [folder.name, folder]));
        this.node.replaceChildren(...folders.map(({ node }) => node));
        for (const folder of folders) folder.show();
    }

    /// The list of a folder on view, if it was ever open.
    list(name) {
        return this.#folders.get(name)?.list;
    }

    isOpen(name) {
        return this.#open.has(name);
    }

    set(name, isOpen) {
        if (isOpen) this.#open.add(name);
        else this.#open.delete(name);
        try {
            localStorage.setItem(OPEN, JSON.stringify([...this.#open]));
        } catch {
            // The browser has no room left for this site.
        }
    }

    open(name) {
        this.#folders.get(name)?.toggle(true);
    }
}

class FolderGroup {
    #pages = [];
    #after = null;
    #isRead = false;
    #isReading = false;
    /// Tells when a reader comes near the end of what is shown.
    #end;
    list = el("ul");
    #none = el("p", { class: "hint none", hidden: true }, t("list.folderPinned"));
    #more = el("button", { type: "button", class: "button quiet", hidden: true, onclick: () => this.#readOn() }, t("app.more"));

    constructor(name, folders) {
        Object.assign(this, { name, folders });
        this.button = el("button", {
            type: "button", class: "folder-name", onclick: () => this.toggle(this.body.hidden),
        }, icon("right"), icon("folder"), el("bdi", {}, name));
        this.body = el("div", { hidden: true }, this.list, this.#none, this.#more);
        this.node = el("section", { "data-folder": name }, el("h3", {}, this.button), this.body);
        this.#end = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#readOn(), {
            root: folders.root, rootMargin: "800px 0px",
        });
        this.#end.observe(this.#more);
        this.#mark();
    }

    toggle(isOpen) {
        this.folders.set(this.name, isOpen);
        this.#mark();
        if (isOpen && !this.#isRead) this.#readOn();
    }

    /// Reads the next page, to be shown later.
    async read() {
        const cursor = this.#after ? `&after=${encodeURIComponent(this.#after)}` : "";
        const page = await get(`/conversations?folder=${encodeURIComponent(this.name)}&pinned=false&limit=${PAGE}${cursor}`);
        this.#pages.push(page.data);
        this.#after = page.next;
        this.#isRead = true;
    }

    show() {
        for (const record of this.#pages.splice(0).flat()) this.folders.add(record, this.list);
        this.#more.hidden = !this.#after;
        this.#none.hidden = !this.#isRead || this.list.children.length > 0;
    }

    async #readOn() {
        if (this.#isReading || (this.#isRead && !this.#after)) return;
        this.#isReading = true;
        try {
            await this.read();
            if (this.node.isConnected) this.show();
            // Observed anew, it tells whether the end is still near. After a failure the reader asks again.
            this.#end.unobserve(this.#more);
            this.#end.observe(this.#more);
        } catch {
            this.#end.unobserve(this.#more);
            this.#more.hidden = false;
        } finally {
            this.#isReading = false;
        }
    }

    #mark() {
        const isOpen = this.folders.isOpen(this.name);
        this.body.hidden = !isOpen;
        this.button.setAttribute("aria-expanded", String(isOpen));
    }
}

function stored() {
    try {
        return JSON.parse(localStorage.getItem(OPEN)) ?? [];
    } catch {
        return [];
    }
}
