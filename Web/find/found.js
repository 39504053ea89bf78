import { get } from "../api.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";

const PAGE = 20;
const RECENT = 6;

/// The conversations in which something was said last.
export async function recent(signal) {
    const { data } = await get(`/conversations?limit=${RECENT}`, { signal });
    const entries = data.map(({ id, title, updated_at: at }) => ({
        icon: "chat", name: title || t("chat.untitled"), path: `/c/${id}`, at,
    }));
    return { entries };
}

/// Titles and messages with all words of a text. `next(signal)` reads on.
export async function found(text, signal, after = null) {
    const cursor = after ? `&after=${encodeURIComponent(after)}` : "";
    const page = await get(`/conversations/search?q=${encodeURIComponent(text)}&limit=${PAGE}${cursor}`, { signal });
    return { entries: page.data.map(entry), next: page.next && ((signal) => found(text, signal, page.next)) };
}

function entry({ conversation_id: id, message_id: message, title, snippet, marks, created_at: at }) {
    const words = marked(snippet, marks);
    const path = message ? `/c/${id}?message=${message}` : `/c/${id}`;
    const name = message ? title || t("chat.untitled") : words;
    return { icon: message ? "quote" : "chat", name, detail: message && words, path, at };
}

/// The snippet with its marks, which are places in UTF-16 units.
function marked(snippet, marks) {
    let end = 0;
    const parts = [];
    for (const [from, to] of marks) {
        parts.push(snippet.slice(end, from), el("mark", {}, snippet.slice(from, to)));
        end = to;
    }
    return el("span", {}, parts, snippet.slice(end));
}
