import { loadMarked } from "../answer/marked.js";
import { APIError, all, get, patch, post, put, remove } from "../api.js";
import { ask } from "../dialog.js";
import { el, iconButton } from "../dom.js";
import { follow } from "../events.js";
import { field } from "../forms.js";
import { number, t } from "../i18n.js";
import { Composer } from "../chat/composer.js";
import { Draft } from "../chat/drafts.js";
import { offerExport } from "../chat/export.js";
import { greeting } from "../chat/message.js";
import { partnerPickers } from "../chat/partners.js";
import { offerShare } from "../chat/share.js";
import { Thread } from "../chat/thread.js";
import { tellOfReply } from "../notify.js";
import { hear, tell } from "../tabs.js";

/// Read aloud in full up to here, in characters.
const LONGEST_ANNOUNCEMENT = 400;

/// When a title that a model writes is looked for after the first reply, in milliseconds.
const TITLE_WAITS = [8000, 25_000];

/// A message written before its conversation existed: sent when that conversation opens.
let firstMessage = null;

/// Begins a conversation with `text` and its files; answers its id.
export async function begin(chatbot, text, files) {
    const conversation = await post("/conversations", { chatbot_id: chatbot });
    firstMessage = { id: conversation.id, text, files };
    return conversation;
}

/// One conversation: its messages, the running reply and the box for the next message.
export async function conversationPage({ user, sidebar, go, signal, query }, id) {
    const [conversation, chatbots] = await Promise.all([get(`/conversations/${id}`), all("/chatbots"), loadMarked()]);
    const named = (wanted) => chatbots.find((entry) => entry.id === wanted) ?? { id: wanted, name: t("chat.ai") };
    let chatbot = named(conversation.chatbot_id);
    let awaitsTitle = !conversation.title;
    const title = el("h1", { tabindex: -1 }, conversation.title || t("chat.untitled"));
    const status = el("p", { class: "sr-only", role: "status" });
    const banner = el("p", { class: "banner", role: "status", hidden: true });
    const thread = new Thread(id, {
        speaker: ({ chatbot_id: author }) => (author ? named(author) : chatbot),
        header: chatbot.greeting ? greeting(chatbot.greeting, chatbot) : null,
        on: { regenerate, edit, show, branch, continue: () => say(t("chat.continueText"), []) },
    });
    const pickers = el("div", { class: "pickers" });
    const composer = new Composer({
        onsend: say, onstop: stop, onup: () => thread.lastOwn?.edit(), draft: new Draft(user, id), extra: pickers,
    });
    let model = null;
    /// Is over when another chatbot has taken over.
    let handing = Promise.resolve();
    pick();
    const wanted = query.get("message");
    await thread.load(wanted);
    document.addEventListener("keydown", escape, { signal });
    hear(follows, signal);

    /// Another tab has said something in this conversation.
    async function follows({ conversation: other, message, isOver }) {
        const isShown = isOver && thread.find(message)?.record.status === "complete";
        if (other !== id || composer.busy || isShown) return;
        await thread.load().catch(() => {});
        if (!isOver && !composer.busy) reply(null);
    }

    /// Escape stops the running reply, unless it is meant for something else.
    function escape(event) {
        if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || !composer.busy) return;
        if (!document.querySelector("dialog[open]")) stop();
    }

    /// Offers what else can answer; another chatbot begins with its usual model.
    function pick() {
        model = null;
        pickers.replaceChildren(...partnerPickers({
            chatbot, chatbots, onchatbot: (other) => { handing = hand(other); }, onmodel: (value) => { model = value; },
        }));
    }

    /// Lets another chatbot answer from now on.
    async function hand(other) {
        try {
            Object.assign(conversation, await patch(`/conversations/${id}`, { chatbot_id: other }));
            await thread.load();
        } catch (error) {
            composer.complain(error.message);
        }
        chatbot = named(conversation.chatbot_id);
        partner.textContent = t("chat.with", { name: chatbot.name });
        status.textContent = partner.textContent;
        pick();
        composer.focus();
    }

    function notice(text) {
        if (banner.hidden && !text) return;
        banner.textContent = text ?? "";
        banner.hidden = !text;
    }

    /// Shows a reply as it comes. `call` begins it, or is null to join a running one; `sent` is what it answers: its place,
    /// its text and its files,
    /// `before` the id of the message above that, `replaced` the messages that it and what it answers take the place of.
    async function reply(call, { sent = null, replaced = [], before = null } = {}) {
        const began = Date.now();
        let shown = null;
        let text = "";
        const show = (messageId) => shown ??= open(messageId);
        function open(messageId) {
            const { last } = thread;
            const isStored = messageId && last?.record.id === messageId;
            const message = isStored ? last : thread.append({ sender: "ai", content: "", conversation_id: id });
            message.waiting(true);
            thread.settle(true);
            composer.isBusy = true;
            status.textContent = t("chat.replying", { name: chatbot.name });
            return message;
        }
        function close() {
            notice(null);
            thread.settle();
            sidebar.raise(id);
            if (shown) {
                tellOfReply({ began, name: chatbot.name, title: title.textContent, id });
                shown.waiting(false);
                composer.isBusy = false;
                composer.tellAllowance();
            }
            if (composer.busy) return;
            const next = composer.takeQueued();
            if (next) say(next.text, next.files, { while_running: "queue" });
        }
        if (call) show();
        else thread.settle(true);
        try {
            await follow(id, call, {
                start(data) {
                    notice(null);
                    text = "";
                    if (call) tell({ conversation: id, message: data.message_id, isOver: false });
                    sidebar.raise(id, true);
                    if (!conversation.title) retitle();
                    show(data.message_id).record.id = data.message_id;
                },
                delta(part) {
                    notice(null);
                    text += part;
                    show().text = text;
                },
                citation: (citation) => show().cite(citation),
                done(answer) {
                    const stored = Array.isArray(answer) ? answer.at(-1) : answer.message;
                    // A stream that was joined again tells of the reply only.
                    const own = Array.isArray(answer) ? answer[0] : {
                        id: stored.parent_id, siblings: [...(sent?.message.record.siblings ?? []), stored.parent_id],
                    };
                    sent?.message.update({ ...sent.message.record, ...own });
                    if (awaitsTitle) awaitTitle();
                    show().update({ ...stored, conversation_id: id });
                    if (call) tell({ conversation: id, message: stored.id, isOver: true });
                    status.textContent = t("chat.replied", {
                        name: chatbot.name, text: stored.content.slice(0, LONGEST_ANNOUNCEMENT),
                    });
                },
                async idle() {
                    if (!call) return;
                    await thread.load();
                    shown = null;
                    composer.isBusy = false;
                    if (!sent || thread.last?.record.id !== before) return;
                    composer.takeBack();
                    giveBack(sent);
                },
                lost: () => notice(t("chat.lost")),
                loading: () => notice(t("chat.loading")),
            }, signal);
        } catch (error) {
            if (!(error instanceof APIError)) throw error;
            // What waited was written later than what comes back now.
            composer.takeBack();
            fail(error, shown, { text, sent, replaced });
        } finally {
            if (!signal.aborted) close();
        }
    }

    function fail(error, shown, { text, sent, replaced }) {
        if (shown?.record.id && !replaced.length) {
            const kept = text ? { status: "partial", content: text } : { status: "failed", content: error.message };
            shown.update({ ...shown.record, ...kept, error_code: error.code });
            status.textContent = error.message;
            learn(sent?.message, shown);
            return;
        }
        if (shown?.record.id) {
            // The version before stands again, or the new one has failed.
            composer.complain(error.message);
            thread.load().catch((problem) => composer.complain(problem.message));
            return;
        }
        if (shown) thread.drop(shown);
        if (sent) thread.drop(sent.message);
        if (sent && !replaced.length) composer.restore(sent.text, sent.files);
        thread.restore(replaced);
        if (sent) replaced[0]?.edit(sent.text);
        composer.complain(error.message);
        if (error.code === "conversation_busy") reply(null);
    }

    /// An error tells nothing of the messages that were stored before it.
    async function learn(message, reply) {
        const { data } = await get(`/conversations/${id}/messages?order=desc&limit=2`).catch(() => ({ data: [] }));
        for (const stored of data) {
            if (stored.id === reply.record.id) reply.update(stored);
            if (message && stored.sender === "user" && stored.content === message.record.content) message.update(stored);
        }
    }

    function giveBack({ text, files, edited }) {
        if (edited) thread.find(edited)?.edit(text);
        else composer.restore(text, files);
        composer.complain(t("chat.notSent"));
    }

    /// Shows the title that the server has given meanwhile: first the beginning of the first message, and perhaps one that a
    /// model has written.
    async function retitle() {
        const record = await get(`/conversations/${id}`).catch(() => null);
        if (record?.title && !signal.aborted) name(record);
    }

    /// A model that writes titles does so within seconds of the first reply, if the server has one.
    function awaitTitle() {
        awaitsTitle = false;
        for (const wait of TITLE_WAITS) {
            const timer = setTimeout(retitle, wait);
            signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
        }
    }

    function name(record) {
        Object.assign(conversation, record);
        title.textContent = conversation.title;
        document.title = `${conversation.title} · Mynah`;
        sidebar.update(conversation);
    }

    async function say(text, files, extra = {}) {
        await handing;
        const before = thread.last?.record.id;
        const message = thread.append({
            sender: "user", content: text, conversation_id: id,
            attachments: files.map(({ upload }) => ({ ...upload, file_id: null })),
        });
        thread.toEnd();
        const attachments = files.map(({ upload }) => ({ upload_id: upload.id }));
        const call = { method: "POST", path: `/conversations/${id}/messages`, body: { content: text, attachments, ...(model && { model }), ...extra } };
        return reply(call, { sent: { message, text, files }, before });
    }

    function regenerate(message) {
        const replaced = thread.cut(message);
        composer.complain(null);
        composer.focus();
        const path = `/conversations/${id}/messages/${message.record.id}/regenerate`;
        return reply({ method: "POST", path, body: {} }, { replaced });
    }

    /// Sends another version of a message; what followed the one before stays there.
    function edit(message, text) {
        const { id: edited, attachments, siblings = [] } = message.record;
        const before = thread.last.record.id;
        const replaced = thread.cut(message);
        const shown = thread.append({
            sender: "user", content: text, conversation_id: id, attachments, siblings,
        });
        composer.complain(null);
        composer.focus();
        const call = { method: "POST", path: `/conversations/${id}/messages/${edited}/edit`, body: { content: text } };
        return reply(call, { sent: { message: shown, text, files: [], edited }, replaced, before });
    }

    /// Shows another version of a message, in the place of this one.
    async function show(version, by) {
        const place = document.activeElement?.closest(".message")?.getBoundingClientRect().top;
        try {
            await put(`/conversations/${id}/branch`, { message_id: version });
            await thread.load(version);
        } catch (error) {
            composer.complain(error.message);
            return;
        }
        const message = thread.find(version);
        if (!message) return;
        if (place !== undefined) thread.hold(message, place);
        message.focusVersions(by);
        const { siblings } = message.record;
        status.textContent = t("chat.version", {
            step: number(siblings.indexOf(version) + 1), of: number(siblings.length),
        });
    }

    /// Continues from a message in a conversation of its own.
    async function branch(message) {
        try {
            const copy = await post(`/conversations/${id}/copy`, { message_id: message.record.id });
            sidebar.refresh();
            go(`/c/${copy.id}`);
        } catch (error) {
            composer.complain(error.message);
        }
    }

    async function stop() {
        composer.stopButton.disabled = true;
        try {
            await post(`/conversations/${id}/stop`);
        } catch (error) {
            composer.complain(error.message);
        }
    }

    function rename() {
        const text = field({
            name: "title", label: t("chat.titleLabel"), value: conversation.title, required: true, maxlength: 200,
        });
        return ask({
            title: t("chat.renameTitle"), fields: [text], confirm: t("form.save"),
            async act(values) {
                name(await patch(`/conversations/${id}`, values));
                tell({ list: true });
            },
        });
    }

    async function erase() {
        const agreed = await ask({
            title: t("chat.deleteTitle"), help: t("chat.deleteHelp", { title: title.textContent }),
            confirm: t("chat.delete"), danger: true,
            act: () => remove(`/conversations/${id}`),
        });
        if (!agreed) return;
        sidebar.refresh();
        tell({ list: true });
        go("/");
    }

    async function print() {
        try {
            await thread.loadAll();
            window.print();
        } catch (error) {
            composer.complain(error.message);
        }
    }

    const partner = el("p", { class: "hint" }, t("chat.with", { name: chatbot.name }));
    const header = el("header", { class: "chat-header" },
        el("div", { class: "chat-title" }, title, partner),
        iconButton("print", t("chat.print"), print, { class: "button quiet square print" }),
        iconButton("edit", t("chat.rename"), rename),
        iconButton("down", t("chat.export"), () => offerExport(id)),
        iconButton("share", t("share.title"), () => offerShare(id)),
        iconButton("trash", t("chat.delete"), erase));

    function opened() {
        thread.toEnd();
        composer.focus(false);
        composer.tellAllowance();
        if (thread.find(wanted)) thread.reveal(thread.find(wanted));
        if (firstMessage?.id === id) {
            say(firstMessage.text, firstMessage.files);
            firstMessage = null;
        } else if (conversation.running_message_id) {
            reply(null);
        }
    }

    return {
        title: title.textContent,
        node: el("div", { class: "chat" }, header, banner, thread.node, composer.node, status),
        opened,
        current: id,
    };
}
