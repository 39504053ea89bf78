import { follow } from "../event-stream.js";
import { Problem } from "./client.js";
import { duration } from "./texts.js";

/// Read aloud in full up to here, in characters.
const LONGEST_ANNOUNCEMENT = 400;
/// Codes that say the chatbot cannot be used at all for now.
const UNAVAILABLE = new Set([
    "budget_exhausted", "insufficient_credits", "key_expired", "key_revoked", "invalid_api_key", "origin_refused",
    "key_not_allowed", "ip_refused", "account_disabled",
]);

/// What is said in one widget: sends messages and follows replies. `view` shows it: `{t, language, thread, notice,
/// announce, isBusy, restore, emit}`.
export class Chat {
    #client;
    #view;
    #leaving = new AbortController();
    /// While files are sent.
    #attaching = null;

    constructor(client, view) {
        this.#client = client;
        this.#view = view;
        view.thread.onrate = (message, rating, comment) => client.rate(message, rating, comment);
        view.thread.onfile = (message, file) => client.content(message, file);
    }

    /// Reads the settings and the open conversation; joins the reply that is running in it.
    async open() {
        this.leave();
        const { signal } = this.#leaving;
        const settings = await this.#client.settings();
        if (signal.aborted) return null;
        const { thread } = this.#view;
        thread.welcome(settings);
        thread.clear();
        if (!this.#client.conversation) return settings;
        try {
            await thread.open();
        } catch (error) {
            // It was deleted, or is someone else's.
            if (error.status !== 404) throw error;
            this.#client.conversation = null;
        }
        if (!signal.aborted && thread.last?.record.sender === "user") this.#reply(this.#client.following());
        return settings;
    }

    /// Ends what is under way on this page. The server finishes the reply.
    leave() {
        this.#attaching?.abort();
        this.#leaving.abort();
        this.#leaving = new AbortController();
        this.#view.isBusy = false;
    }

    restart() {
        this.leave();
        this.#client.conversation = null;
        this.#view.thread.clear();
        this.#view.notice(null);
    }

    /// Sends the files of a message before it. Answers its attachments, or null if it cannot be sent with them.
    async attach(files) {
        if (!files.length) return [];
        const { t, notice, emit } = this.#view;
        const { signal } = this.#attaching = new AbortController();
        this.#view.isBusy = true;
        notice(t("attaching"));
        try {
            const attachments = await this.#client.attach(files, signal);
            notice(null);
            return attachments;
        } catch (error) {
            notice(signal.aborted ? null : this.#fileWords(error));
            if (!signal.aborted) emit("error", { code: error.code, message: error.message });
            return null;
        } finally {
            this.#attaching = null;
            this.#view.isBusy = false;
        }
    }

    async say(text, attachments = []) {
        const { thread, emit } = this.#view;
        const sent = thread.append({
            sender: "user", content: text, attachments, conversation_id: this.#client.conversation,
        });
        thread.toEnd();
        emit("message", { content: text });
        await this.#reply(this.#client.sending(text, attachments), sent);
    }

    async stop() {
        if (this.#attaching) return this.#attaching.abort();
        try {
            await this.#client.stop();
        } catch (error) {
            this.#view.notice(this.#words(error));
        }
    }

    /// Shows a reply as it comes. `begin` starts it or joins it; `sent` is the message that it answers.
    async #reply(begin, sent = null) {
        const { signal } = this.#leaving;
        const { t, thread, announce, notice, emit } = this.#view;
        let reply = null;
        let text = "";
        let after = null;
        const show = () => {
            if (reply) return reply;
            reply = thread.append({ sender: "ai", content: "" });
            reply.waiting(true);
            announce(t("replying", { name: thread.name }));
            return reply;
        };
        this.#view.isBusy = true;
        if (sent) show();
        try {
            await follow({
                begin,
                next: () => (reply?.record.id ? this.#client.following() : begin),
                send: (request, lastId) => this.#client.stream(request, lastId, signal),
                problem: (error) => Object.assign(new Problem({ status: 200, ...error }), { isReply: true }),
            }, {
                start: (data) => {
                    notice(null);
                    text = "";
                    this.#client.conversation = data.conversation_id;
                    Object.assign(show().record, { id: data.message_id, conversation_id: data.conversation_id });
                },
                delta: (part) => {
                    notice(null);
                    text += part;
                    show().text = text;
                },
                citation: (citation) => show().cite(citation),
                done: ({ message }) => {
                    show().update(message);
                    announce(t("replied", { name: thread.name, text: message.content.slice(0, LONGEST_ANNOUNCEMENT) }));
                    emit("reply", message);
                },
                idle: () => this.#ended(reply, sent),
                lost: () => notice(t(navigator.onLine ? "lost" : "offline")),
                loading: () => notice(t("modelLoading")),
            }, signal);
            if (!signal.aborted) notice(null);
        } catch (error) {
            if (!signal.aborted) after = this.#fail(error, reply, sent, text);
        } finally {
            reply?.waiting(false);
            if (!signal.aborted) this.#view.isBusy = false;
        }
        await after?.();
    }

    /// Nothing runs any more: shows what is stored, if a reply was followed.
    async #ended(reply, sent) {
        if (!reply) return;
        const { thread } = this.#view;
        await thread.open();
        if (sent && thread.last?.record.sender === "user") this.#offer(thread.last);
    }

    /// Shows an error. Returns what is to be done next, if anything is.
    #fail(error, reply, sent, text) {
        const { t, thread, notice, announce, emit, restore } = this.#view;
        emit("error", { code: error.code, message: error.message });
        if (error.isReply && reply) {
            const content = text ? `${text}\n\n${error.message}` : error.message;
            reply.update({ ...reply.record, status: "failed", content });
            if (sent) reply.note(t("failed"), t("retry"), () => this.#again(reply, sent));
            announce(content);
            return null;
        }
        if (reply) thread.drop(reply);
        if (error.status === 404 && sent && this.#client.conversation && !sent.record.attachments.length) {
            // The conversation is gone: the message begins another.
            this.#client.conversation = null;
            return () => this.#reply(this.#client.sending(sent.text), sent);
        }
        if (error.code === "conversation_busy") {
            // Another tab was faster.
            if (sent) this.#offer(sent);
            return () => this.#reply(this.#client.following());
        }
        if (error.code === "unsupported_input" && sent?.record.attachments.length) {
            // The chatbot's model does not take such files, whenever they are sent.
            thread.drop(sent);
            restore(sent.text);
            notice(t("fileKind"));
            return null;
        }
        notice(this.#words(error));
        if (sent) this.#offer(sent);
        return null;
    }

    #offer(sent) {
        const { t } = this.#view;
        sent.note(t("notSent"), t("retry"), () => this.#again(null, sent));
    }

    #again(reply, sent) {
        if (this.#view.isBusy) return;
        if (reply) reply.note(this.#view.t("failed"));
        else this.#view.thread.drop(sent);
        this.#view.notice(null);
        this.#view.focus();
        this.say(sent.text, sent.record.attachments);
    }

    /// What is said about an error.
    #words(error) {
        const { t, language } = this.#view;
        const { code, status, retryAfter } = error;
        if (status === 0) return t(navigator.onLine ? "unreachable" : "offline");
        if (UNAVAILABLE.has(code) || status === 401 || status === 403 || status === 402) {
            return t(code === "invalid_visitor" ? "expired" : "unavailable");
        }
        if (code === "daily_limit_reached") return t("dailyLimit");
        if (status === 429) return t("rateLimited", { time: duration(retryAfter ?? 60, language()) });
        if (code === "message_too_long" || status === 413) return t("tooLong");
        return t("problem");
    }

    /// What is said about an error of a file.
    #fileWords(error) {
        const { t } = this.#view;
        switch (error.status) {
        case 402:
        case 403:
        case 503:
            return t("noFiles");
        case 413:
            return t("largeFile", { name: "" });
        case 415:
            return t("fileKind");
        default:
            return this.#words(error);
        }
    }

    /// What is said if the chat could not be opened.
    explain(error) {
        this.#view.emit("error", { code: error.code ?? "unknown", message: error.message });
        if (error.status === 0) {
            console.warn(`Mynah: no answer from the server. Is ${location.origin} one of the key's websites, and is the`
                + " server in the page's connect-src?");
        }
        return this.#words(error);
    }
}
