import { patch, send } from "../api.js";
import { ask } from "../dialog.js";
import { field } from "../forms.js";
import { t } from "../i18n.js";
import { tell } from "../tabs.js";
import { offer } from "../undo.js";
import { isPending } from "./batch.js";

/// What can be done with a conversation of the list.
export class Actions {
    #leaving = new Set();

    constructor({ list, go, reload }) {
        Object.assign(this, { list, go, reload });
    }

    /// Whether it is being removed, and can still be brought back.
    isLeaving(id) {
        return this.#leaving.has(id) || isPending(id);
    }

    of(row) {
        const { pinned, archived } = row.record;
        const { many, selection } = this.list;
        return [
            { icon: "edit", label: t("chat.rename"), act: () => this.#rename(row) },
            !archived && { icon: "pin", label: pinned ? t("list.unpin") : t("list.pin"), act: () => this.#pin(row) },
            { icon: "folder", label: t("list.move"), act: () => many.move([row]) },
            {
                icon: "archive", label: archived ? t("list.unarchive") : t("list.archiveOne"), act: () => this.#archive(row),
            },
            { icon: "check", label: t("list.select"), act: () => selection.begin(row) },
            { icon: "trash", label: t("chat.delete"), danger: true, act: () => this.#remove(row) },
        ].filter(Boolean);
    }

    #rename(row) {
        const name = field({
            name: "title", label: t("chat.titleLabel"), value: row.record.title, required: true, maxlength: 200,
        });
        return ask({
            title: t("chat.renameTitle"), fields: [name], confirm: t("form.save"),
            act: async (values) => {
                row.update(await patch(`/conversations/${row.record.id}`, values));
                this.#changed(row);
            },
        });
    }

    async #pin({ record }) {
        try {
            await patch(`/conversations/${record.id}`, { pinned: !record.pinned });
        } catch (error) {
            offer(error.message);
            return;
        }
        await this.list.refresh();
        tell({ list: true });
    }

    async #archive({ record }) {
        const change = (archived) => patch(`/conversations/${record.id}`, { archived });
        const putBack = this.list.take([record.id]);
        try {
            await change(!record.archived);
        } catch (error) {
            putBack();
            offer(error.message);
            return;
        }
        tell({ list: true });
        offer(record.archived ? t("list.unarchived") : t("list.archived"), {
            undo: async () => {
                await change(record.archived);
                putBack();
                tell({ list: true });
            },
        });
    }

    /// Removes it from the server when it can no longer be brought back.
    #remove({ record, title }) {
        const putBack = this.list.take([record.id]);
        const isOpen = record.id === this.list.current;
        this.#leaving.add(record.id);
        if (isOpen) this.go("/");
        const finish = (restore) => {
            this.#leaving.delete(record.id);
            if (restore) putBack();
        };
        offer(t("list.deleted", { title }), {
            undo: () => {
                finish(true);
                if (isOpen) this.go(`/c/${record.id}`);
            },
            end: async () => {
                try {
                    await send("DELETE", `/conversations/${record.id}`, { keepalive: true });
                    tell({ list: true });
                    finish(false);
                } catch (error) {
                    finish(error.status !== 404);
                    if (error.status !== 404) offer(error.message);
                }
            },
        });
    }

    #changed(row) {
        tell({ list: true });
        if (row.record.id === this.list.current) this.reload();
    }
}
