import { el, hidden } from "../dom.js";
import { bytes, number, t, when } from "../i18n.js";
import { canRetry, reason } from "./reason.js";

const KINDS = { ready: "good", failed: "bad" };

/// A file of a chatbot with its state and what can be done: `{show, retry, reread, erase}`, each called with the file.
export function fileRow(path, file, { show, retry, reread, erase }) {
    const { id, name, state, chunks } = file;
    const button = (act, key, kind = "") => el("button", {
        type: "button", class: `button ${kind}`, "data-act": key, onclick: () => act(file),
    }, el("span", { "aria-hidden": "true" }, t(`files.${key}`)), hidden(t(`files.${key}Named`, { name })));
    return el("li", { "data-state": state },
        el("div", { class: "key-facts" },
            el("p", { class: "key-name", dir: null },
                el("a", { href: `${path}/${id}/content`, download: name, title: t("files.download") }, el("bdi", {}, name)),
                el("span", { class: `tag ${KINDS[state] ?? "active"}` }, t(`files.state.${state}`))),
            el("p", { class: "hint" }, [
                bytes(file.bytes), when(file.created_at), chunks > 0 && t("files.chunks", { count: number(chunks) }),
            ].filter(Boolean).join(" · ")),
            state === "embedding" && chunks > 0 && el("progress", {
                max: chunks, value: file.indexed_chunks, "aria-label": t("files.indexing", { name }),
            }),
            state === "failed" && el("p", { class: "field-error" }, reason(file.error_code))),
        el("div", { class: "buttons" },
            chunks > 0 && button(show, "passages"),
            canRetry(file) && button(retry, "retry"),
            state === "ready" && button(reread, "reread"),
            button(erase, "remove", "danger-text")));
}
