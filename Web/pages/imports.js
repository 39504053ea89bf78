import { all, get, post, remove } from "../api.js";
import { uploadAny } from "../chat/upload.js";
import { el, hidden } from "../dom.js";
import { field, form } from "../forms.js";
import { number, t, when } from "../i18n.js";

const PAUSE = 2000;
const UNDER_WAY = new Set(["queued", "running"]);
const REASONS = new Set(["already_imported", "empty", "not_a_conversation", "invalid", "too_large"]);
const ERRORS = new Set([
    "unknown_format", "damaged_file", "encrypted_file", "nested_archive", "unsupported_archive", "archive_too_large",
    "plan_limit_reached", "forbidden", "file_missing", "import_failed",
]);

/// Brings conversations in from another service's export, and tells what has become of each file.
export async function importsPage({ sidebar, signal }) {
    const chatbots = await all("/chatbots");
    const list = el("ul", { class: "rows" });
    const none = el("p", { class: "hint" }, t("imports.none"));
    const news = el("p", { class: "form-error", role: "alert" });
    let timer = null;
    signal.addEventListener("abort", () => clearTimeout(timer));

    async function refresh() {
        clearTimeout(timer);
        const { data } = await get("/imports?limit=20", { signal });
        none.hidden = data.length > 0;
        list.replaceChildren(...data.map((entry) => row(entry, stop)));
        const isUnderWay = data.some((entry) => UNDER_WAY.has(entry.state));
        if (isUnderWay) timer = setTimeout(watch, PAUSE);
        return isUnderWay;
    }

    async function watch() {
        try {
            if (!await refresh()) sidebar.refresh();
        } catch {
            if (!signal.aborted) timer = setTimeout(watch, PAUSE);
        }
    }

    async function stop(entry) {
        news.textContent = "";
        try {
            await remove(`/imports/${entry.id}`);
            await refresh();
        } catch (error) {
            if (!signal.aborted) news.textContent = error.message;
        }
    }

    await refresh();
    return {
        title: t("imports.title"),
        node: el("div", { class: "page narrow" },
            el("h1", { tabindex: -1 }, t("imports.title")),
            el("section", { class: "card" },
                el("h2", {}, t("imports.open")), el("p", { class: "lead" }, t("imports.how")),
                begin(chatbots, signal, refresh)),
            el("section", { class: "card" }, el("h2", {}, t("imports.list")), news, none, list)),
    };
}

function begin(chatbots, signal, refresh) {
    const file = field({
        name: "file", label: t("imports.file"), type: "file", required: true, accept: ".zip,.json,application/zip",
        errorsFor: ["file", "upload_id"],
    });
    const names = chatbots.map((chatbot) => [chatbot.id, chatbot.name]);
    const chatbot = field({
        name: "chatbot_id", label: t("imports.chatbot"), options: names, required: true,
        value: chatbots[0]?.id,
    });
    const sending = el("progress", { max: 1, value: 0, hidden: true, "aria-label": t("imports.progress") });
    const words = el("p", { class: "hint", role: "status" });
    const body = form({
        fields: [file, chatbot],
        submit: t("imports.begin"),
        async onsubmit({ chatbot_id }) {
            sending.hidden = false;
            try {
                const sent = await uploadAny(file.control.files[0], {
                    signal,
                    onprogress(done) {
                        sending.value = done;
                        words.textContent = t("imports.sending", { percent: number(Math.floor(done * 100)) });
                    },
                });
                await post("/conversations/import", { upload_id: sent.id, chatbot_id });
            } finally {
                sending.hidden = true;
                words.textContent = "";
            }
            file.control.value = "";
            await refresh();
            return t("imports.sent");
        },
    });
    return [body, sending, words];
}

function row(entry, stop) {
    const counts = [
        entry.found > 0 && t("imports.result", { imported: number(entry.imported), found: number(entry.found) }),
        ...[...entry.skipped, ...entry.failed].map(reason),
    ].filter(Boolean);
    const button = UNDER_WAY.has(entry.state) && el("button", {
        type: "button", class: "button", onclick: () => stop(entry),
    }, el("span", { "aria-hidden": "true" }, t("imports.stop")), hidden(t("imports.stopNamed", { name: entry.name })));
    return el("li", { "data-state": entry.state },
        el("div", {},
            el("p", {}, entry.name),
            el("p", { class: "hint" }, [state(entry), when(entry.created_at)].join(" · ")),
            counts.length > 0 && el("p", { class: "hint" }, counts.join(" · "))),
        button);
}

function state({ state, progress, error_code: code }) {
    const why = ERRORS.has(code) ? t(`imports.error.${code}`) : code ?? "";
    return t(`imports.state.${state}`, { percent: number(progress), reason: why });
}

function reason({ reason, count }) {
    const key = REASONS.has(reason) ? reason : "other";
    return t(`imports.reason.${key}`, { count: number(count), reason });
}
