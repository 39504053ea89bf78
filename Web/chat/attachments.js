import { el, hidden, icon, iconButton } from "../dom.js";
import { bytes, number, t } from "../i18n.js";
import { ACCEPTED, discard, upload } from "./upload.js";

/// As many files as a message may have.
const MOST = 10;

/// The files that the next message will have: chosen, dropped or pasted, sent to the server at once, and removable until
/// the message is sent.
export class Attachments {
    #files = [];
    #list = el("ul", { class: "attached", "aria-label": t("attach.list"), hidden: true });
    #status = el("span", { class: "sr-only", role: "status" });
    #input = el("input", {
        type: "file", multiple: true, accept: ACCEPTED, hidden: true, tabindex: -1, "aria-label": t("attach.add"),
        onchange: () => {
            this.add(this.#input.files);
            this.#input.value = "";
        },
    });

    constructor({ oncomplain, onchange }) {
        this.oncomplain = oncomplain;
        this.onchange = onchange;
        this.node = el("div", { class: "attachments" }, this.#input, this.#list, this.#status);
        this.button = iconButton("clip", t("attach.add"), () => this.#input.click());
    }

    /// Whether a file is still on its way.
    get isSending() {
        return this.#files.some((file) => file.state === "sending");
    }

    get isEmpty() {
        return this.#files.length === 0;
    }

    add(files) {
        for (const file of files) {
            if (this.#files.length >= MOST) {
                this.oncomplain(t("attach.many", { most: number(MOST) }));
                return;
            }
            this.#send(file);
        }
    }

    /// Takes the files that are ready, for a message; those that failed are dropped.
    take() {
        const ready = this.#files.filter((file) => file.state === "ready");
        this.#files = [];
        this.#show();
        return ready;
    }

    /// Gives files back whose message could not be sent.
    restore(files) {
        this.#files.unshift(...files);
        this.#show();
    }

    /// Lets files be dropped on an element of the page, and pasted into the text.
    receive(node, text) {
        const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
        node.addEventListener("dragover", (event) => {
            if (!hasFiles(event)) return;
            event.preventDefault();
            node.classList.add("dropping");
        });
        node.addEventListener("dragleave", (event) => {
            if (!node.contains(event.relatedTarget)) node.classList.remove("dropping");
        });
        node.addEventListener("drop", (event) => {
            node.classList.remove("dropping");
            if (!hasFiles(event)) return;
            event.preventDefault();
            this.add(event.dataTransfer.files);
            text.focus();
        });
        text.addEventListener("paste", (event) => {
            const files = event.clipboardData?.files ?? [];
            if (!files.length) return;
            event.preventDefault();
            this.add(files);
        });
    }

    async #send(blob) {
        const leaving = new AbortController();
        const file = { blob, name: blob.name || t("attach.file"), state: "sending", leaving };
        file.progress = el("progress", { max: 1, value: 0, "aria-label": t("attach.progress", { name: file.name }) });
        this.#files.push(file);
        this.#show();
        try {
            file.upload = await upload(blob, {
                signal: leaving.signal,
                onprogress: (done) => {
                    file.progress.value = done;
                },
            });
            Object.assign(file, { state: "ready", name: file.upload.name });
            this.#status.textContent = t("attach.added", { name: file.name });
        } catch (error) {
            if (leaving.signal.aborted) return;
            Object.assign(file, { state: "failed", problem: error.message });
            this.#status.textContent = `${file.name}: ${error.message}`;
        }
        this.#show();
    }

    #remove(file) {
        const at = this.#files.indexOf(file);
        file.leaving.abort();
        if (file.upload) discard(file.upload.id);
        this.#files = this.#files.filter((other) => other !== file);
        this.#status.textContent = t("attach.removed", { name: file.name });
        this.#show();
        const next = this.#list.querySelectorAll("button")[Math.min(at, this.#files.length - 1)];
        (next ?? this.button).focus();
    }

    #show() {
        this.#list.replaceChildren(...this.#files.map((file) => this.#item(file)));
        this.#list.hidden = this.isEmpty;
        this.onchange();
    }

    #item(file) {
        const below = {
            sending: file.progress,
            ready: el("span", { class: "hint" }, bytes(file.blob.size)),
            failed: el("span", { class: "field-error", dir: "auto" }, file.problem),
        };
        return el("li", { class: file.state },
            icon(file.blob.type.startsWith("image/") ? "picture" : "page"),
            el("span", { class: "file-words" }, el("bdi", { class: "file-name" }, file.name), below[file.state]),
            iconButton("close", t("attach.remove", { name: file.name }), () => this.#remove(file)));
    }
}

/// The files of a message as they are shown with it. `conversation` is the id of the conversation that has them.
export function attachmentList(conversation, files) {
    return el("ul", { class: "files", "aria-label": t("attach.ofMessage") },
        files.map((file) => el("li", {}, shown(conversation, file))));
}

function shown(conversation, { file_id: id, name, bytes: size, content_type: type }) {
    const words = [icon(type.startsWith("image/") ? "picture" : "page"),
        el("span", { class: "file-words" }, el("bdi", { class: "file-name" }, name),
            el("span", { class: "hint" }, bytes(size)))];
    if (!id) return el("span", { class: "file" }, words);
    const href = `/conversations/${conversation}/files/${id}/content`;
    const link = el("a", { class: "file", href, download: name }, words, hidden(t("attach.download")));
    if (!/^image\/(png|jpeg|gif|webp)$/.test(type)) return link;
    const picture = el("img", {
        src: href, alt: name, loading: "lazy", decoding: "async",
        // A picture that has been removed leaves its name.
        onerror: () => picture.remove(),
    });
    link.prepend(picture);
    return link;
}
