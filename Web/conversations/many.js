import { get, patch } from "../api.js";
import { ask } from "../dialog.js";
import { el } from "../dom.js";
import { field } from "../forms.js";
import { number, t } from "../i18n.js";
import { tell } from "../tabs.js";
import { offer } from "../undo.js";
import { Batch, unfinished } from "./batch.js";

let lastId = 0;

/// What can be done with several conversations at once; each can be taken back as one.
export class Many {
    constructor({ list, user, go }) {
        Object.assign(this, { list, user, go });
    }

    /// Removes them from the server when they can no longer be brought back.
    remove(rows) {
        const ids = rows.map(({ record }) => record.id);
        const open = ids.find((id) => id === this.list.current);
        const putBack = this.list.take(ids);
        const batch = this.#batch(ids.map((id) => ({ id })));
        if (open) this.go("/");
        offer(t("list.deletedMany", { count: number(ids.length) }), {
            undo: () => {
                batch.drop();
                putBack();
                if (open) this.go(`/c/${open}`);
            },
            end: async () => this.#ended(batch, await batch.run(), putBack),
        });
    }

    archive(rows) {
        const archived = !rows[0].record.archived;
        const words = archived ? "list.archivedMany" : "list.unarchivedMany";
        const putBack = this.list.take(rows.map(({ record }) => record.id));
        return this.#change(rows, { archived }, { archived: !archived }, putBack, (count) => t(words, { count }));
    }

    /// Asks for a folder, and puts them there. A name that is refused is refused in the dialog, by the first of them.
    async move(rows) {
        const { data } = await get("/conversations/folders").catch(() => ({ data: [] }));
        const names = new Set(rows.map(({ record }) => record.folder ?? ""));
        let folder = null;
        await ask({
            title: t("list.moveTitle"), fields: folderField(data, names.size === 1 ? [...names][0] : ""),
            confirm: t("list.moveConfirm"),
            act: async (values) => {
                const first = await patch(`/conversations/${rows[0].record.id}`, { folder: values.folder });
                folder = { name: first.folder };
            },
        });
        if (!folder) return;
        const putBack = this.list.take(rows.map(({ record }) => record.id));
        const told = (count) => (folder.name ? t("list.moved", { count, name: folder.name }) : t("list.movedOut", { count }));
        await this.#change(rows, { folder: folder.name }, null, putBack, told);
        this.list.open(folder.name);
    }

    /// Sends what an earlier page could not.
    async resume() {
        const changes = unfinished(this.user);
        if (!changes.length) return;
        const batch = this.#batch(changes);
        await this.#ended(batch, await batch.run(), () => this.list.refresh());
        if (!batch.left.length) offer(t("list.resumed", { count: number(batch.total) }));
        await this.list.refresh();
    }

    /// `back` is the change that takes it back; null puts each into the folder that it was in.
    async #change(rows, body, back, putBack, words) {
        const folders = new Map(rows.map(({ record }) => [record.id, record.folder]));
        const batch = this.#batch(rows.map(({ record }) => ({ id: record.id, body })));
        const error = await batch.run();
        await this.#ended(batch, error, putBack);
        await this.list.refresh();
        if (error) return;
        offer(words(number(batch.done.length)), {
            undo: async () => {
                const undoing = this.#batch(batch.done.map(({ id }) => ({ id, body: back ?? { folder: folders.get(id) } })));
                await this.#ended(undoing, await undoing.run(), () => {});
                await this.list.refresh();
            },
        });
    }

    #batch(changes) {
        return new Batch(this.user, changes, (done, total) => this.list.progress(done, total));
    }

    /// Puts back what was not done, and says so.
    async #ended(batch, error, putBack) {
        this.list.progress(0, 0);
        tell({ list: true });
        // After the session's end the next one goes on.
        if (!error || error.status === 401) return;
        await putBack(batch.left.map(({ id }) => id));
        const counts = { done: number(batch.done.length), count: number(batch.total) };
        offer(t("list.failedMany", { ...counts, reason: error.message }));
    }
}

function folderField(folders, value) {
    lastId += 1;
    const id = `folders-${lastId}`;
    const name = field({
        name: "folder", label: t("list.folder"), hint: t("list.folderHint"), value, maxlength: 60, list: id, autocomplete: "off",
    });
    name.node.append(el("datalist", { id }, folders.map((folder) => el("option", { value: folder.name }))));
    return [name];
}
