import { send } from "../api.js";

/// Requests under way at a time.
const AT_ONCE = 3;
/// Requests that are sent at once when the page is left; browsers allow no more than some.
const AT_LEAVING = 20;
const STORED = "mynah.unfinished.";

const pending = new Set();
let isLeft = false;

/// Whether a change of this conversation is still to be sent.
export const isPending = (id) => [...pending].some((batch) => batch.has(id));

/// What an earlier page of this user could not send, which is now the caller's to send.
export function unfinished(user) {
    const changes = read(user);
    localStorage.removeItem(STORED + user.id);
    return changes;
}

function read(user) {
    try {
        return JSON.parse(localStorage.getItem(STORED + user.id)) ?? [];
    } catch {
        return [];
    }
}

/// Changes of many conversations, sent a few at a time. A change is `{id, body}`; without a body it deletes.
///
/// They leave room for the user's other requests, wait when the server says so, and end with the first failure. What is not sent
/// when the page is left stays in this browser, and the next page sends it.
export class Batch {
    done = [];
    #left;
    #sending = new Set();
    #error = null;

    /// `onprogress(done, total)` runs after each change.
    constructor(user, changes, onprogress = () => {}) {
        Object.assign(this, { user, onprogress, total: changes.length });
        this.#left = [...changes];
        pending.add(this);
    }

    /// What is not done.
    get left() {
        return [...this.#sending, ...this.#left];
    }

    has(id) {
        return this.left.some((change) => change.id === id);
    }

    /// Nothing of it is sent any more.
    drop() {
        this.#left = [];
        pending.delete(this);
    }

    /// Answers the error that ended it, if one did.
    async run() {
        const workers = isLeft ? Math.min(AT_LEAVING, this.total) : AT_ONCE;
        await Promise.all(Array.from({ length: workers }, () => this.#work()));
        pending.delete(this);
        if (this.#error?.status === 401) this.keep();
        return this.#error;
    }

    keep() {
        try {
            localStorage.setItem(STORED + this.user.id, JSON.stringify([...read(this.user), ...this.left]));
        } catch {
            // The browser has no room left for this site: the conversations stay as they are on the server.
        }
    }

    async #work() {
        while (this.#left.length && !this.#error) {
            const change = this.#left.shift();
            this.#sending.add(change);
            try {
                await this.#send(change);
                this.done.push(change);
            } catch (error) {
                this.#error ??= error;
                this.#left.unshift(change);
            }
            this.#sending.delete(change);
            this.onprogress(this.done.length, this.total);
        }
    }

    async #send({ id, body }) {
        try {
            const response = await send(body ? "PATCH" : "DELETE", `/conversations/${id}`, { body: body ?? undefined, keepalive: true });
            await pause(spared(response.headers));
        } catch (error) {
            // It is gone already.
            if (error.status === 404) return;
            if (error.status !== 429) throw error;
            await pause(error.retryAfter ?? 5);
            await this.#send({ id, body });
        }
    }
}

const pause = (seconds) => seconds && new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/// Seconds to wait so that a quarter of the limit stays for the user's other requests.
function spared(headers) {
    const [limit, remaining, reset] = ["Limit", "Remaining", "Reset"].map((name) => Number(headers.get(`RateLimit-${name}`) ?? NaN));
    return remaining < limit / 4 ? (reset / (limit - remaining)) * AT_ONCE * 1.5 : 0;
}

// Before what waits for its undo time begins.
addEventListener("pagehide", () => {
    isLeft = true;
    for (const batch of pending) batch.keep();
}, { capture: true });
// A page that comes back goes on itself.
addEventListener("pageshow", () => {
    isLeft = false;
    for (const { user } of pending) localStorage.removeItem(STORED + user.id);
});
