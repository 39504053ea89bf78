import { el, hidden, icon, iconButton } from "../dom.js";
import { Chat } from "./chat.js";
import { Client } from "./client.js";
import { Files } from "./files.js";
import { sheet } from "./style.js";
import { words } from "./texts.js";
import { Thread } from "./thread.js";

/// Here the panel takes the whole screen.
const PHONE = "(max-width: 480px), (max-height: 420px)";
/// What takes longer to load than this, in milliseconds, says so.
const PATIENCE = 400;

/// The first letter of a name, as its language counts letters.
const initial = (name) => [...new Intl.Segmenter().segment(name.trim())][0]?.segment.toUpperCase() ?? "";

/// What opens beside the launcher: the conversation and the box to write in.
///
/// `widget` is the element on the page: `{root, launcher, shadowRoot, options, language, texts, token, show, emit}`.
/// With `isInline` the panel is a part of the page and always open.
export class Panel {
    #widget;
    #client;
    #chat;
    #thread;
    #dialog;
    #isReady = false;
    #loading = null;
    /// Rises when what is being loaded is no longer wanted.
    #turn = 0;
    #isMoving = false;
    #phone = matchMedia(PHONE);
    #title;
    #face;
    #credit;
    #files;
    #notice;
    #status;
    #send;
    #stop;

    constructor(widget, client = null) {
        this.#widget = widget;
        this.#client = client ?? new Client(widget.options, () => widget.language);
        this.#client.identify(widget.token);
        widget.shadowRoot.adoptedStyleSheets = [...widget.shadowRoot.adoptedStyleSheets, sheet];
        this.#phone.addEventListener("change", () => this.#move());
        visualViewport?.addEventListener("resize", () => this.#fitScreen());
        this.#build();
    }

    get isOpen() {
        return this.#dialog.hasAttribute("open");
    }

    open() {
        if (!this.isOpen) {
            this.#show();
            this.#widget.emit("open");
            this.#widget.show();
        }
        if (!this.#isReady) this.#load();
        if (this.#widget.isInline) return;
        // A keyboard that comes by itself would hide half of a phone's screen.
        if (matchMedia("(pointer: coarse)").matches) this.#dialog.focus();
        else this.text.focus();
    }

    close() {
        if (this.#widget.isInline) return;
        const hadFocus = this.#dialog.contains(this.#widget.shadowRoot.activeElement);
        // The browser gives the focus back to what had it before, if anything had.
        this.#dialog.close();
        if (hadFocus && document.activeElement === document.body) this.#widget.launcher.focus();
    }

    /// Another visitor, or the same with another token.
    identify() {
        this.#client.identify(this.#widget.token);
        this.#chat.leave();
        this.#thread.clear();
        this.#forget();
        if (this.isOpen) this.#load();
        else if (this.#widget.isInline) this.open();
    }

    /// The site's words have changed.
    relabel() {
        const wasOpen = this.isOpen;
        this.#chat.leave();
        this.#dialog.remove();
        this.#build();
        this.#forget();
        if (wasOpen) this.open();
    }

    #forget() {
        this.#isReady = false;
        this.#loading = null;
        this.#turn += 1;
    }

    #load() {
        return this.#loading ??= this.#loadOnce();
    }

    async #loadOnce() {
        const { t } = this;
        const chat = this.#chat;
        const turn = this.#turn;
        this.notice(null);
        const slow = setTimeout(() => this.notice(t("loading")), PATIENCE);
        try {
            const settings = await chat.open();
            // Another visitor came meanwhile.
            if (!settings || turn !== this.#turn) return;
            this.#isReady = true;
            this.#dress(settings);
            clearTimeout(slow);
            this.notice(null);
            this.#widget.emit("ready", settings);
        } catch (error) {
            if (turn !== this.#turn) return;
            this.#forget();
            this.notice(chat.explain(error), t("retry"), () => this.#load());
        } finally {
            clearTimeout(slow);
        }
    }

    /// Shows what is set for the chatbot.
    #dress({ name, title, look, powered_by: isNamed, attachments: isAllowed }) {
        this.#title.textContent = title || name;
        this.#face.textContent = initial(title || name);
        this.#credit.hidden = !isNamed;
        this.#files.isAllowed = Boolean(isAllowed);
        this.#widget.settings = look;
        this.#widget.show();
    }

    #build() {
        const t = this.t = words(this.#widget.language, this.#widget.texts);
        this.#title = el("h2", { class: "title", id: "title", dir: "auto" }, t("chat"));
        this.#face = el("span", { class: "face", "aria-hidden": "true" });
        this.#credit = el("p", { class: "credit", hidden: true }, t("poweredBy", { name: "Mynah" }));
        this.#notice = el("div", { class: "notice", role: "status" });
        this.#status = el("p", { class: "sr-only", role: "status" });
        this.#thread = new Thread({
            t, load: (after) => this.#client.messages(after), onstart: (text) => this.#say(text),
        });
        const restart = iconButton("edit", t("restart"), () => this.#restart(), { hidden: true });
        this.#thread.onchange = () => {
            restart.hidden = this.#thread.isEmpty;
        };
        this.#chat = new Chat(this.#client, this);
        this.#dialog = el(this.#widget.isInline ? "section" : "dialog", {
            class: "panel", "aria-labelledby": "title", tabindex: -1,
            onclose: () => this.#closed(), onkeydown: (event) => this.#key(event),
            onkeypress: (event) => event.stopPropagation(), onkeyup: (event) => event.stopPropagation(),
        },
        el("header", { class: "header" }, this.#face, this.#title,
            restart,
            iconButton("close", t("close"), () => this.close())),
        this.#notice, this.#thread.node, this.#composer(), this.#credit, this.#status);
        this.#files.receive(this.#dialog, this.text);
        this.#widget.root.append(this.#dialog);
    }

    #composer() {
        const { t } = this;
        this.text = el("textarea", {
            id: "text", dir: null, rows: 1, placeholder: t("placeholder"), maxlength: 32_000, enterkeyhint: "send",
            oninput: () => this.#fit(), onkeydown: (event) => this.#enter(event),
        });
        this.#send = el("button", { type: "submit", class: "button primary", title: t("send") },
            icon("send"), hidden(t("send")));
        this.#stop = el("button", {
            type: "button", class: "button primary", title: t("stop"), hidden: true, onclick: () => this.#chat.stop(),
        }, icon("stop"), hidden(t("stop")));
        this.#files = new Files(t, this.notice);
        return el("form", {
            class: "composer",
            onsubmit: (event) => {
                event.preventDefault();
                this.#say();
            },
        }, this.#files.nodes, el("label", { class: "sr-only", for: "text" }, t("message")), this.text, this.#stop,
        this.#send);
    }

    // MARK: What the chat shows here

    get thread() {
        return this.#thread;
    }

    language = () => this.#widget.language;

    emit = (name, detail) => this.#widget.emit(name, detail);

    announce = (text) => {
        this.#status.textContent = text;
    };

    /// A line above the messages, with a button if there is something to do about it.
    notice = (text, label, act) => {
        const button = text && act && el("button", { type: "button", class: "link", onclick: act }, label);
        this.#notice.replaceChildren(...[text, button].filter(Boolean));
    };

    /// Gives a text back that could not be sent, before what was written since.
    restore = (text) => {
        this.text.value = [text, this.text.value].filter(Boolean).join("\n");
        this.#fit();
    };

    focus = () => this.#widget.isInline || this.text.focus();

    /// While a reply runs, one can write the next message but not send it.
    set isBusy(isBusy) {
        const hadFocus = [this.#send, this.#stop].includes(this.#widget.shadowRoot.activeElement);
        this.busy = isBusy;
        this.#stop.hidden = !isBusy;
        this.#send.hidden = isBusy;
        if (hadFocus) this.text.focus();
    }

    // MARK: What the visitor does

    /// Sends a text, or what is in the box.
    async #say(value) {
        if (!this.#isReady) await this.#load();
        const text = (value ?? this.text.value).trim();
        if (this.busy || !this.#isReady) return;
        const files = value ? [] : this.#files.all;
        this.notice(!text && files.length ? this.t("needsText") : null);
        if (!text) return;
        // Files and text stay in the box until the files have arrived.
        this.text.readOnly = true;
        const attachments = await this.#chat.attach(files);
        this.text.readOnly = false;
        this.text.focus();
        if (!attachments) return;
        if (files.length) this.#files.clear();
        this.text.value = "";
        this.#fit();
        this.#chat.say(text, attachments);
    }

    #restart() {
        this.#chat.restart();
        this.focus();
    }

    #enter(event) {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        this.#say();
    }

    #key(event) {
        // What is typed here is not the page's: its shortcuts must not react.
        event.stopPropagation();
        if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) {
            event.preventDefault();
            this.close();
        }
    }

    #fit() {
        // Without text, it goes in the panel's direction.
        this.text.dir = this.text.value ? "auto" : "";
        this.text.style.height = "auto";
        this.text.style.height = `${this.text.scrollHeight}px`;
    }

    // MARK: Where it is

    #show() {
        // Within a page of the console it must not take the focus.
        if (this.#widget.isInline) this.#dialog.setAttribute("open", "");
        else if (this.#phone.matches) this.#dialog.showModal();
        else this.#dialog.show();
        this.#fitScreen();
        this.#thread.toEnd();
    }

    /// From beside the launcher to the whole screen, or back.
    #move() {
        if (!this.isOpen || this.#widget.isInline) return;
        this.#isMoving = true;
        this.#dialog.close();
        this.#show();
    }

    /// A keyboard on the screen leaves less than the page believes to have.
    #fitScreen() {
        if (visualViewport) this.#dialog.style.setProperty("--screen", `${visualViewport.height}px`);
    }

    #closed() {
        if (this.#isMoving) {
            this.#isMoving = false;
            return;
        }
        this.#widget.show();
        this.#widget.emit("close");
    }
}
