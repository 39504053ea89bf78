import { post } from "../api.js";
import { discard, uploadAny } from "../chat/upload.js";
import { el, iconButton } from "../dom.js";
import { bytes, t } from "../i18n.js";

/// Files on their way to the server, one after another, each with its progress. `refusal(file, others)` says why one cannot
/// be added, and `ondone(name)` is called when one is there.
export class Sending {
    #waiting = [];
    #isBusy = false;
    #list = el("ul", { class: "rows sending", "aria-label": t("files.sending"), hidden: true });
    #status = el("p", { class: "sr-only", role: "status" });

    constructor({ path, signal, refusal, ondone }) {
        Object.assign(this, { path, signal, refusal, ondone });
        this.node = el("div", {}, this.#list, this.#status);
        addEventListener("beforeunload", (event) => this.#isBusy && event.preventDefault(), { signal });
    }

    add(files) {
        for (const blob of files) {
            const entry = this.#entry(blob);
            const others = this.#waiting.length;
            this.#list.append(entry.node);
            this.#list.hidden = false;
            const problem = this.refusal(blob.size, others);
            if (problem) this.#fail(entry, problem);
            else this.#waiting.push(entry);
        }
        this.#work();
    }

    #entry(blob) {
        const { name } = blob;
        const entry = { blob, name, leaving: new AbortController() };
        this.signal.addEventListener("abort", () => entry.leaving.abort());
        entry.progress = el("progress", { max: 1, value: 0, "aria-label": t("files.progress", { name }) });
        entry.words = el("p", { class: "hint" }, [bytes(blob.size), t("files.waiting")].join(" · "));
        entry.node = el("li", { "data-state": "sending" },
            el("div", { class: "key-facts" }, el("p", {}, el("bdi", {}, name)), entry.words, entry.progress),
            iconButton("close", t("files.stopNamed", { name }), () => this.#remove(entry)));
        return entry;
    }

    /// Sends what waits, unless that is being done.
    async #work() {
        if (this.#isBusy) return;
        this.#isBusy = true;
        for (let entry = this.#waiting[0]; entry; entry = this.#waiting[0]) {
            await this.#send(entry);
            this.#waiting = this.#waiting.filter((other) => other !== entry);
        }
        this.#isBusy = false;
    }

    async #send(entry) {
        const { signal } = entry.leaving;
        entry.words.textContent = [bytes(entry.blob.size), t("files.isSent")].join(" · ");
        try {
            const sent = await uploadAny(entry.blob, {
                signal,
                onprogress: (done) => {
                    entry.progress.value = done;
                },
            });
            await this.#create(sent.id);
        } catch (error) {
            if (!signal.aborted) this.#fail(entry, error.message);
            return;
        }
        this.#drop(entry);
        this.#status.textContent = t("files.added", { name: entry.name });
        await this.ondone();
    }

    async #create(upload) {
        try {
            await post(this.path, { upload_id: upload });
        } catch (error) {
            discard(upload);
            throw error;
        }
    }

    #fail(entry, problem) {
        entry.node.dataset.state = "failed";
        entry.progress.remove();
        entry.words.className = "field-error";
        entry.words.textContent = problem;
        this.#status.textContent = `${entry.name}: ${problem}`;
    }

    #remove(entry) {
        entry.leaving.abort();
        this.#waiting = this.#waiting.filter((other) => other !== entry);
        const next = entry.node.nextElementSibling ?? entry.node.previousElementSibling;
        this.#drop(entry);
        this.#status.textContent = t("files.stopped", { name: entry.name });
        (next?.querySelector("button") ?? this.last)?.focus();
    }

    #drop(entry) {
        entry.node.remove();
        this.#list.hidden = !this.#list.childElementCount;
    }
}
