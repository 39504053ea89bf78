/// Why a call failed; `status` is 0 if no answer came, `retryAfter` is in seconds.
export class Problem extends Error {
    constructor({ status = 0, code = "network", message, retryAfter = null }) {
        super(message);
        Object.assign(this, { status, code, retryAfter });
    }
}

const NAME = "mynah";
/// Conversations of signed-in visitors that one browser remembers for a chatbot.
const REMEMBERED = 5;

/// What the browser keeps between pages, for each chatbot apart: the visitor's token and the open conversations. Where
/// storage is refused, it lasts as long as the page.
export class Memory {
    #own = {};

    read(id) {
        return { ...this.#all()[id], ...this.#own[id] };
    }

    write(id, values) {
        this.#own[id] = { ...this.read(id), ...values };
        try {
            localStorage.setItem(NAME, JSON.stringify({ ...this.#all(), [id]: this.#own[id] }));
        } catch {
            // Full, or refused.
        }
    }

    #all() {
        try {
            return JSON.parse(localStorage.getItem(NAME)) ?? {};
        } catch {
            return {};
        }
    }
}

/// Calls of one widget to its server, as one visitor.
export class Client {
    #server;
    #key;
    #language;
    #memory;
    #identity = null;
    #token = null;
    #chatbot = null;

    constructor({ server, key }, language, memory = new Memory()) {
        this.#server = server;
        this.#key = key;
        this.#language = language;
        this.#memory = memory;
    }

    /// - identity: A signed token, a function that fetches one, or null.
    identify(identity) {
        this.#identity = identity ?? null;
        this.#token = typeof identity === "string" ? identity : null;
    }

    /// What the widget shows first. Gives a newcomer a token.
    async settings() {
        const response = await this.#call("GET", "/widget/config");
        const settings = await response.json();
        this.#chatbot = settings.chatbot_id;
        this.#keep(response.headers.get("X-Visitor"));
        return settings;
    }

    /// The open conversation of the current visitor.
    get conversation() {
        return this.#memory.read(this.#chatbot).conversations?.[this.#who()] ?? null;
    }

    set conversation(id) {
        const { [this.#who()]: _, ...others } = this.#memory.read(this.#chatbot).conversations ?? {};
        const kept = Object.entries(others).slice(-REMEMBERED);
        this.#memory.write(this.#chatbot, {
            conversations: Object.fromEntries(id ? [...kept, [this.#who(), id]] : kept),
        });
    }

    async messages(after) {
        const cursor = after ? `&after=${encodeURIComponent(after)}` : "";
        const path = `/widget/conversations/${this.conversation}/messages?order=desc${cursor}`;
        return (await this.#call("GET", path)).json();
    }

    /// Stores files of the next message in the open conversation, which begins with them if there is none. Answers them as
    /// the message's `attachments`.
    async attach(files, signal) {
        for (let isRepeated = false; ; isRepeated = true) {
            try {
                this.conversation ??= await this.#begin(signal);
                const stored = [];
                for (const file of files) stored.push(await this.#store(file, signal));
                return stored;
            } catch (error) {
                // The conversation is gone: the files begin another.
                if (error.status !== 404 || isRepeated) throw error;
                this.conversation = null;
            }
        }
    }

    /// The bytes of a file of a message.
    async content(message, file) {
        const path = `/widget/conversations/${message.conversation_id}/files/${file.file_id}/content`;
        return (await this.#call("GET", path)).blob();
    }

    stop() {
        return this.#call("POST", `/widget/conversations/${this.conversation}/stop`, {});
    }

    rate(message, rating, comment) {
        return this.#call("POST", `/widget/conversations/${message.conversation_id}/feedback`, {
            message_id: message.id, rating, ...(comment ? { comment } : {}),
        });
    }

    /// The request that sends a message. It can be repeated: the server answers each but once.
    sending(text, attachments = []) {
        const once = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join("-");
        const conversation = this.conversation;
        const body = { message: text, stream: true, attachments: attachments.map(({ file_id }) => ({ file_id })) };
        if (conversation) body.conversation_id = conversation;
        return {
            method: "POST", path: "/widget/chat", isSafe: true, headers: { "Idempotency-Key": once }, body,
        };
    }

    /// The request that follows the running reply.
    following() {
        return { method: "GET", path: `/widget/conversations/${this.conversation}/stream` };
    }

    stream({ method, path, body, headers }, lastId, signal) {
        return this.#call(method, path, body, {
            ...headers, Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}),
        }, signal);
    }

    async #begin(signal) {
        const answer = await this.#call("POST", "/widget/conversations", {}, {}, signal);
        return (await answer.json()).conversation_id;
    }

    /// A file that was stored before the message could be sent is not sent again.
    async #store(file, signal) {
        if (file.conversation !== this.conversation) {
            const form = new FormData();
            form.append("file", file.blob, file.blob.name);
            const path = `/widget/conversations/${this.conversation}/files`;
            const { id, ...stored } = await (await this.#call("POST", path, form, {}, signal)).json();
            Object.assign(file, { conversation: this.conversation, stored: { ...stored, file_id: id } });
        }
        return file.stored;
    }

    async #call(method, path, body, headers = {}, signal = null, isRepeated = false) {
        const token = await this.#visitor();
        const isForm = body instanceof FormData;
        let response;
        try {
            response = await fetch(this.#server + path, {
                method, signal, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
                headers: {
                    "X-API-Key": this.#key, "Accept-Language": this.#language(),
                    ...(token ? { "X-Visitor": token } : {}),
                    ...(body && !isForm ? { "Content-Type": "application/json" } : {}), ...headers,
                },
                body: isForm ? body : body && JSON.stringify(body),
            });
        } catch (error) {
            if (signal?.aborted) throw error;
            throw new Problem({ message: String(error) });
        }
        if (response.ok) {
            this.#keep(response.headers.get("X-Visitor"));
            return response;
        }
        const answer = await response.json().catch(() => null);
        const retryAfter = Number.parseInt(response.headers.get("Retry-After"), 10) || null;
        const problem = new Problem({ status: response.status, code: "unknown", ...answer?.error, retryAfter });
        if (problem.code !== "invalid_visitor" || isRepeated || !this.#forget()) throw problem;
        return this.#call(method, path, body, headers, signal, true);
    }

    #who() {
        if (!this.#token) return "";
        try {
            const claims = this.#token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
            return `=${JSON.parse(atob(claims)).sub}`;
        } catch {
            return "?";
        }
    }

    async #visitor() {
        if (!this.#identity) return this.#chatbot && this.#memory.read(this.#chatbot).visitor;
        return this.#token ??= await this.#identity();
    }

    /// Remembers the token that a newcomer gets.
    #keep(visitor) {
        const isNew = visitor && this.#chatbot && !this.#identity && !this.#memory.read(this.#chatbot).visitor;
        if (isNew) this.#memory.write(this.#chatbot, { visitor });
    }

    /// Drops a token that the server does not take; answers whether another can be had.
    #forget() {
        if (typeof this.#identity === "function") this.#token = null;
        else if (this.#identity) return false;
        else this.#memory.write(this.#chatbot, { visitor: null, conversations: {} });
        return true;
    }
}
