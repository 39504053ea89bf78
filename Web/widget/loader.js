/// Mynah's widget on a website: the button that opens it, and the page's API. A visitor's first click loads the panel.
(() => {
    "use strict";
    const TEXTS = {
        en: ["Open chat", "Close chat", "The chat could not be loaded."],
        bn: ["চ্যাট খুলুন", "চ্যাট বন্ধ করুন", "চ্যাট লোড করা গেল না।"],
    };
    const BUBBLE = "M21 11.5a8.4 8.4 0 0 1-12 7.6l-5.5 1.4 1.4-5.2A8.4 8.4 0 1 1 21 11.5Z";
    const CSS = `
:host { all: initial !important; display: block !important; position: fixed !important; inset: auto 0 0 auto !important;
    width: 0 !important; height: 0 !important; overflow: visible !important; z-index: 2147483000 !important; }
.root { --accent: var(--mynah-accent, var(--chosen, #8f4d06)); --x: var(--mynah-side, 20px); --left: auto;
    --right: var(--x); --y: calc(var(--mynah-bottom, 20px) + env(safe-area-inset-bottom));
    font: 15px/1.5 var(--mynah-font, system-ui, sans-serif); }
.root.left { --left: var(--x); --right: auto; }
.root > button { position: fixed; inset: auto var(--right) var(--y) var(--left); display: grid; place-items: center;
    box-sizing: border-box; width: 56px; height: 56px; margin: 0 calc(var(--at) * 68px); padding: 0; border: 0;
    border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: 0 4px 20px rgb(0 0 0 / 28%);
    cursor: pointer; transition: transform 150ms; }
.root > button:hover { transform: scale(1.06); }
.root > button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.root > button svg { width: 28px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round;
    stroke-linejoin: round; }
.root > p { position: fixed; inset: auto var(--right) calc(var(--y) + 68px) var(--left); margin: 0; padding: 8px 12px;
    border-radius: 10px; background: #211d18; color: #fff; }
p[role="alert"]:empty, [hidden] { display: none !important; }
@media (prefers-reduced-motion: reduce) { .root > button { transition: none; } }`;

    const widgets = [];
    const script = document.currentScript ?? document.querySelector("script[data-key]");
    const { server = script.src, ...options } = script.dataset;
    options.server = new URL(server, location).origin;
    if (window.Mynah?.add) return window.Mynah.add(options);

    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);

    class Widget extends HTMLElement {
        root = document.createElement("div");
        launcher = document.createElement("button");
        texts = {};
        settings = {};
        #shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
        #problem = document.createElement("p");
        #handlers = {};
        #panel;

        connectedCallback() {
            const { root, launcher, shadowRoot } = this;
            if (!shadowRoot) {
                const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
                svg.setAttribute("viewBox", "0 0 24 24");
                svg.append(this.#shape);
                launcher.append(svg);
                launcher.onclick = () => (this.isOpen ? this.close() : this.open());
                this.#problem.role = "alert";
                root.append(launcher, this.#problem);
                const shadow = this.attachShadow({ mode: "open" });
                shadow.adoptedStyleSheets = [sheet];
                shadow.append(root);
            }
            // In the top layer, above all of the page, where no ancestor's filter or transform reaches it.
            this.popover = "manual";
            this.showPopover?.();
            this.show();
        }

        get isOpen() {
            return Boolean(this.#panel?.isOpen);
        }

        get language() {
            return this.texts.lang || this.options.lang || document.documentElement.lang || navigator.language;
        }

        /// What the site says counts, then what is set for the chatbot.
        get look() {
            return { side: "right", ...this.settings, ...this.options };
        }

        #say(at) {
            return (this.texts.launcher ?? TEXTS[this.language.slice(0, 2)] ?? TEXTS.en)[at];
        }

        show() {
            const { root, launcher, language, isOpen, look: { side, theme, accent } } = this;
            root.className = `root ${side}`;
            root.style.colorScheme = /light|dark/.exec(theme) ?? "light dark";
            root.lang = language;
            root.dir = this.texts.dir ?? (/^(ar|ckb|dv|fa|he|ks|ps|sd|ug|ur|yi)\b/.test(language) ? "rtl" : "ltr");
            root.style.setProperty("--chosen", accent ?? "");
            const before = widgets.slice(0, widgets.indexOf(this)).filter(({ look }) => look.side === side);
            root.style.setProperty("--at", before.length);
            launcher.hidden = this.options.launcher === "off";
            launcher.ariaLabel = this.#say(isOpen ? 1 : 0);
            launcher.ariaExpanded = isOpen;
            this.#shape.setAttribute("d", isOpen ? "m6 9 6 6 6-6" : BUBBLE);
            const color = getComputedStyle(launcher).backgroundColor;
            const [red, green, blue] = color.match(/[\d.]+/g).map((value) => (value / 255) ** 2.2);
            const isLight = red * 0.2126 + green * 0.7152 + blue * 0.0722 > 0.18;
            root.style.setProperty("--on-accent", `var(--mynah-on-accent, ${isLight ? "#17130d" : "#fff"})`);
        }

        async open() {
            this.#problem.textContent = "";
            try {
                // The server gives all modules in one.
                const { Panel } = await import(`${this.options.server}/assets/widget/panel.js`);
                this.#panel ??= new Panel(this);
            } catch (error) {
                this.#problem.textContent = this.#say(2);
                return this.emit("error", error);
            }
            widgets.forEach((other) => other === this || other.close());
            this.#panel.open();
        }

        close() {
            this.#panel?.close();
        }

        /// A token signed by the site's server, or a function that fetches one; null for a visitor without a name.
        identify(token) {
            this.token = token;
            this.#panel?.identify();
        }

        /// The site's own words: `{lang, dir, …}`.
        setTexts(texts) {
            this.texts = texts;
            this.show();
            this.#panel?.relabel();
        }

        /// Returns what ends it.
        on(name, handler) {
            (this.#handlers[name] ??= new Set()).add(handler);
            return () => this.#handlers[name].delete(handler);
        }

        emit(name, detail) {
            this.#handlers[name]?.forEach((handler) => queueMicrotask(() => handler(detail)));
        }
    }
    customElements.define("mynah-chat", Widget);

    const call = ([method, ...values]) => api[method](...values);
    const api = {
        add(of) {
            if (api.get(of.key)) return;
            const widget = new Widget();
            widget.options = of;
            widgets.push(widget);
            // Once there is a body, and again when a router puts another in its place.
            const attach = () => widget.isConnected || document.body?.append(widget);
            new MutationObserver(attach).observe(document.documentElement, { childList: true });
            attach();
        },
        /// The widget of a key, if a page has several; the other methods are those of the first.
        get: (key) => widgets.find(({ options: of }) => of.key === key),
        push: (...calls) => calls.forEach(call),
    };
    for (const method of ["open", "close", "identify", "on", "setTexts"]) {
        api[method] = (...values) => widgets[0][method](...values);
    }
    const calls = window.Mynah ?? [];
    window.Mynah = api;
    api.add(options);
    calls.forEach(call);
})();
