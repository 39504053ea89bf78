import { get, post, put } from "../api.js";
import { ask } from "../dialog.js";
import { el } from "../dom.js";
import { field, form } from "../forms.js";
import { t } from "../i18n.js";
import { otherSnippets, snippet } from "../keys/snippet.js";
import { codeBlock } from "../markdown.js";
import { withPassword } from "../password.js";
import { allowedSites } from "./allowed-sites.js";
import { widgetPreview } from "./widget-preview.js";

/// The widget's own colour, which is sent as none.
const USUAL = "#8f4d06";

/// A chatbot on websites: how its widget looks, with a preview, and what a page needs to have it. Null for those who
/// may not change the chatbot.
export async function websiteSection(chatbot) {
    const path = `/chatbots/${chatbot.id}/widget`;
    let settings;
    try {
        settings = await get(path);
    } catch (error) {
        if (error.status === 403) return null;
        throw error;
    }
    let key = null;
    const fields = [
        field({
            name: "title", label: t("website.heading"), hint: t("website.headingHint"), value: settings.title,
            maxlength: 80,
        }),
        field({
            name: "widget_greeting", label: t("website.greeting"), hint: t("website.greetingHint"), rows: 2,
            errorsFor: ["greeting"], value: settings.greeting,
        }),
        field({
            name: "starters", label: t("website.starters"), hint: t("website.startersHint"), rows: 3,
            value: settings.starters.join("\n"),
        }),
        field({
            name: "side", label: t("website.side"), value: settings.look.side,
            options: [["right", t("website.side.right")], ["left", t("website.side.left")]],
        }),
        field({
            name: "theme", label: t("website.theme"), value: settings.look.theme,
            options: ["auto", "light", "dark"].map((theme) => [theme, t(`website.theme.${theme}`)]),
        }),
        field({
            name: "accent", label: t("website.accent"), type: "color", required: true,
            value: settings.look.accent ?? USUAL, errorsFor: ["look.accent"],
        }),
        field({
            name: "attachments", label: t("website.attachments"), hint: t("website.attachmentsHint"),
            value: String(settings.attachments),
            options: [["false", t("website.attachments.false")], ["true", t("website.attachments.true")]],
        }),
        field({
            name: "powered_by", label: t("website.poweredBy"), value: String(settings.powered_by),
            options: [["true", t("website.poweredBy.true")], ["false", t("website.poweredBy.false")]],
        }),
    ];
    const preview = widgetPreview();
    const sites = allowedSites(chatbot);
    await sites.refresh();
    const code = el("div", {});
    const news = el("p", { class: "form-news", role: "status" });
    const body = form({
        fields,
        submit: t("website.save"),
        async onsubmit(values) {
            settings = await put(path, changed(values));
            draw();
            return t("form.saved");
        },
    });
    body.addEventListener("input", () => {
        show(changed(Object.fromEntries(fields.map((entry) => [entry.name, entry.read()]))));
    });

    /// As the chatbot's settings stand, whatever is being typed.
    function show(look) {
        preview.show({ ...look, name: chatbot.name, greeting: look.greeting ?? chatbot.greeting });
    }

    function draw() {
        const shown = key ?? "mk_pub_…";
        code.replaceChildren(codeBlock(snippet(shown, settings.look), {
            title: "HTML", label: t("website.snippet"), copyLabel: t("website.copy"),
        }), ...otherSnippets(shown, settings.look).map(([title, text]) => el("details", { class: "snippet" },
            el("summary", {}, title),
            codeBlock(text, {
                title, label: t("keys.example", { name: title }), copyLabel: t("keys.copyExample", { name: title }),
            }))));
        show(settings);
    }

    async function issue() {
        const origins = field({
            name: "origins", label: t("keys.origins"), hint: t("keys.originsHint"), rows: 2, required: true,
        });
        let issued = null;
        await ask({
            title: t("website.newKey"), help: t("website.newKeyHelp"), fields: [origins], confirm: t("keys.create"),
            async act(values) {
                const body = {
                    name: t("website.keyName"), kind: "publishable",
                    origins: values.origins.split(/\s+/).filter(Boolean),
                };
                const address = `/chatbots/${chatbot.id}/api-keys`;
                issued = await withPassword((secret) => post(address, { ...body, ...secret }));
            },
        });
        if (!issued) return;
        key = issued.key;
        await sites.refresh();
        news.textContent = t("website.keyIssued");
        draw();
        code.querySelector("button").focus();
    }

    draw();
    return el("section", { class: "card", "aria-labelledby": "website-title" },
        el("h2", { id: "website-title" }, t("website.title")),
        el("p", { class: "lead" }, t("website.help")),
        el("div", { class: "website" }, body,
            el("figure", { class: "preview" },
                el("figcaption", { class: "hint" }, t("website.preview")), preview.node)),
        el("h3", {}, t("website.snippetTitle")),
        el("p", { class: "lead" }, t("website.snippetHelp", { origin: location.origin })),
        news, code,
        el("div", { class: "buttons" },
            el("button", { type: "button", class: "button", onclick: issue }, t("website.newKey"))),
        sites.node);
}

/// The API's form of what was filled in.
function changed({ title, widget_greeting: greeting, starters, side, theme, accent, attachments, powered_by: isNamed }) {
    return {
        title, greeting, attachments: attachments === "true", powered_by: isNamed === "true",
        starters: (starters ?? "").split("\n").map((line) => line.trim()).filter(Boolean),
        look: { side, theme, accent: accent === USUAL ? null : accent },
    };
}
