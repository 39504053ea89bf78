import { APIError, send } from "./api.js";

/// The server-sent events of a response, as `{id, type, data}` with `data` parsed.
export async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = "";
    let event = { type: "message", data: [] };
    try {
        for (;;) {
            const { value, done } = await reader.read();
            if (done) return;
            const lines = (buffer + value).split(/\r\n|\n|\r(?!$)/);
            buffer = lines.pop();
            for (const line of lines) {
                if (line === "") {
                    if (event.data.length) yield { ...event, data: JSON.parse(event.data.join("\n")) };
                    event = { id: event.id, type: "message", data: [] };
                    continue;
                }
                const [, name, text = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
                if (name === "data") event.data.push(text);
                else if (name === "event") event.type = text;
                else if (name === "id") event.id = text;
            }
        }
    } finally {
        reader.cancel().catch(() => {});
    }
}

const STREAM = "text/event-stream";
const LONGEST_WAIT = 5000;

/// Follows one reply to its end, over as many connections as that takes.
///
/// `begin` is the call that starts it, or null to join a running one. `on` hears `start`, `delta`, `done`, `idle` (none
/// is running), `lost` (reconnecting) and `loading` (the model is not up yet; the call is repeated). An error that the
/// server reports is thrown.
export async function follow(conversation, begin, on, signal) {
    const join = () => ({ method: "GET", path: `/conversations/${conversation}/stream` });
    let request = begin ?? join();
    let lastId = null;
    let failures = 0;
    while (!signal.aborted) {
        let isOver = false;
        try {
            const headers = { Accept: STREAM, ...(lastId ? { "Last-Event-ID": lastId } : {}) };
            const response = await send(request.method, request.path, { body: request.body, headers, signal });
            if (response.status === 204) return on.idle();
            for await (const { id, type, data } of events(response)) {
                failures = 0;
                lastId = id ?? lastId;
                if (type === "start") on.start(data);
                else if (type === "delta") on.delta(data.content);
                else if (type === "done") return on.done(data);
                else if (type === "error") {
                    isOver = true;
                    throw new APIError(data.error);
                }
            }
        } catch (error) {
            if (signal.aborted) return;
            if (isOver) throw error;
            if (error.code === "model_loading") {
                on.loading();
                await wait((error.retryAfter ?? 2) * 1000, signal);
                continue;
            }
            if (error.status === 404 && request.method === "GET") return on.idle();
            const isPassing = error.status === 0 || (error.status >= 500 && request.method === "GET");
            if (error instanceof APIError && !isPassing) throw error;
        }
        if (signal.aborted) return;
        on.lost();
        await wait(Math.min(LONGEST_WAIT, 250 * 2 ** failures), signal);
        failures += 1;
        request = join();
    }
}

function wait(milliseconds, signal) {
    return new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
    });
}
