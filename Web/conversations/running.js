import { get } from "../api.js";

/// How often a reply that runs elsewhere is asked about, in milliseconds.
const PAUSE = 4000;

/// The conversations in which a reply runs. Nothing tells a page of the end of a reply that it does not follow, so the server is
/// asked, unless the page is in the background.
export class RunningReplies {
    #ids = new Set();
    #timer = null;

    /// `onend(id)` runs when a reply has ended; `isShown()` tells whether the list is still there.
    constructor(onend, isShown) {
        Object.assign(this, { onend, isShown });
    }

    add(id) {
        this.#ids.add(id);
        this.#timer ??= setTimeout(() => this.#look(), PAUSE);
    }

    drop(id) {
        this.#ids.delete(id);
    }

    async #look() {
        if (!this.isShown()) return;
        for (const id of document.hidden ? [] : [...this.#ids]) {
            const running = await get(`/conversations/${id}`).then((record) => record.running_message_id, ({ status }) => status !== 404);
            if (!running && this.#ids.has(id)) this.onend(id);
        }
        this.#timer = this.#ids.size ? setTimeout(() => this.#look(), PAUSE) : null;
    }
}
