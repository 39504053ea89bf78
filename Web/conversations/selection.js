import { el, iconButton } from "../dom.js";
import { number, t } from "../i18n.js";

/// Chooses several conversations of the list, for something to be done with all of them.
export class Selection {
    isOn = false;
    #chosen = new Set();
    #last = null;
    #count = el("p", { role: "status" });
    #all = el("input", { type: "checkbox", id: "choose-all", onchange: () => this.#chooseAll(this.#all.checked) });

    constructor(list) {
        this.list = list;
        this.button = iconButton("check", t("list.select"), () => (this.isOn ? this.end() : this.begin()), {
            class: "button quiet square", "aria-pressed": "false",
        });
        this.archive = this.#act("archive", t("list.archiveOne"), (rows) => list.many.archive(rows));
        this.actions = [
            this.#act("folder", t("list.move"), (rows) => list.many.move(rows)), this.archive,
            this.#act("trash", t("chat.delete"), (rows) => list.many.remove(rows)),
        ];
        this.bar = el("div", { class: "selection", role: "group", "aria-label": t("list.selection"), hidden: true },
            el("label", { for: "choose-all" }, this.#all, t("list.selectAll")), this.#count,
            el("div", {}, this.actions, el("span", { class: "spacer" }), iconButton("close", t("list.selectEnd"), () => this.end())));
        list.node.addEventListener("click", (event) => this.#click(event), { capture: true });
        list.node.addEventListener("keydown", (event) => this.#key(event));
    }

    /// Begins, with one that is chosen already if it is given.
    begin(row = null) {
        this.#set(true);
        if (row) this.#choose([row], true);
        (row?.check ?? this.#all).focus();
    }

    end(takeFocus = true) {
        if (!this.isOn) return;
        this.#set(false);
        if (takeFocus) this.button.focus();
        this.list.settle();
    }

    /// Makes a row fit what is being done.
    fit(row) {
        row.isSelectable = this.isOn;
        row.check.checked = this.#chosen.has(row);
    }

    #set(isOn) {
        this.isOn = isOn;
        this.#chosen.clear();
        this.#last = null;
        this.bar.hidden = !isOn;
        this.button.setAttribute("aria-pressed", String(isOn));
        this.list.node.classList.toggle("selecting", isOn);
        this.archive.title = this.list.isArchive ? t("list.unarchive") : t("list.archiveOne");
        this.archive.querySelector(".sr-only").textContent = this.archive.title;
        for (const row of this.list.rows) this.fit(row);
        this.#tell();
    }

    #act(shape, label, act) {
        return iconButton(shape, label, () => act(this.list.rows.filter((row) => this.#chosen.has(row))));
    }

    #click(event) {
        const node = this.isOn && event.target.closest(".row");
        const row = node && this.list.rows.find((each) => each.node === node);
        if (!row) return;
        const isBox = event.target === row.check;
        if (!isBox) event.preventDefault();
        event.stopPropagation();
        const isChosen = isBox ? row.check.checked : !row.check.checked;
        const shown = this.list.shown;
        const [from, to] = [shown.indexOf(event.shiftKey ? this.#last : row), shown.indexOf(row)].sort((one, other) => one - other);
        this.#choose(from < 0 ? [row] : shown.slice(from, to + 1), isChosen);
        this.#last = row;
    }

    #key(event) {
        if (!this.isOn || event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        this.end();
    }

    #chooseAll(isChosen) {
        this.#choose(isChosen ? this.list.shown : this.list.rows, isChosen);
    }

    #choose(rows, isChosen) {
        for (const row of rows) {
            if (isChosen) this.#chosen.add(row);
            else this.#chosen.delete(row);
            row.check.checked = isChosen;
        }
        this.#tell();
    }

    #tell() {
        const count = this.#chosen.size;
        this.#count.textContent = t("list.chosen", { count: number(count) });
        for (const button of this.actions) button.disabled = count === 0;
        const shown = this.list.shown.length;
        this.#all.checked = count > 0 && count >= shown;
        this.#all.indeterminate = count > 0 && count < shown;
    }
}
