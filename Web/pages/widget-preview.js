import { el } from "../dom.js";
import { language, t } from "../i18n.js";
import { Panel } from "../widget/panel.js";

const frame = new CSSStyleSheet();
frame.replaceSync(`
.root { --accent: var(--chosen, #8f4d06); --x: 0px; --y: 0px; --left: auto; --right: 0px; display: grid; gap: 12px;
    font: 15px/1.5 system-ui, sans-serif; }
.root .panel { position: static; width: 100%; height: 480px; animation: none; }
.launcher { justify-self: end; display: grid; place-items: center; width: 56px; height: 56px; border-radius: 50%;
    background: var(--accent); color: var(--on-accent); direction: ltr; }
.left .launcher { justify-self: start; }
.launcher svg { width: 28px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; }
`);

/// The widget as a website shows it, in the console: it answers by itself, without any request.
export function widgetPreview() {
    const client = new SampleClient();
    const node = el("div", { class: "widget-preview" });
    const shadowRoot = node.attachShadow({ mode: "open" });
    shadowRoot.adoptedStyleSheets = [frame];
    const launcher = el("span", { class: "launcher", "aria-hidden": "true" },
        el("svg", { viewBox: "0 0 24 24" },
            el("path", { d: "M21 11.5a8.4 8.4 0 0 1-12 7.6l-5.5 1.4 1.4-5.2A8.4 8.4 0 1 1 21 11.5Z" })));
    const root = el("div", { class: "root", dir: "ltr" });
    shadowRoot.append(root);
    const panel = new Panel({
        root, launcher, shadowRoot, isInline: true, options: {}, texts: {}, language: language(), show() {}, emit() {},
    }, client);
    root.append(launcher);
    return {
        node,
        show({ look, ...settings }) {
            client.sample = { powered_by: true, starters: [], look, ...settings };
            root.className = `root ${look.side}`;
            root.style.colorScheme = look.theme === "auto" ? "light dark" : look.theme;
            root.style.setProperty("--chosen", look.accent ?? "");
            root.style.setProperty("--on-accent", isLight(look.accent ?? "#8f4d06") ? "#17130d" : "#fff");
            panel.identify();
        },
    };
}

/// Whether dark text can be read on a colour better than white text.
function isLight(color) {
    const [red, green, blue] = [1, 3, 5].map((at) => (Number.parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2);
    return red * 0.2126 + green * 0.7152 + blue * 0.0722 > 0.18;
}

/// Answers like a server with a chatbot that says one sentence.
class SampleClient {
    conversation = null;
    sample = {};

    identify() {}

    settings() {
        this.conversation = null;
        return Promise.resolve(this.sample);
    }

    messages() {
        return Promise.resolve({ data: [], next: null });
    }

    rate() {
        return Promise.resolve();
    }

    attach(files) {
        return Promise.resolve(files.map(({ blob }) => ({ name: blob.name, content_type: blob.type })));
    }

    stop() {
        return Promise.resolve();
    }

    sending() {
        return { method: "POST" };
    }

    following() {
        return { method: "GET" };
    }

    stream() {
        const message = {
            id: "x", conversation_id: "x", sender: "ai", status: "complete", content: t("website.sample"),
        };
        const events = [["start", { conversation_id: null, message_id: "x" }], ["done", { message }]];
        return Promise.resolve(new Response(
            events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("")));
    }
}
