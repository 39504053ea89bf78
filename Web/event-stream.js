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

/// In milliseconds.
const LONGEST_WAIT = 5000;

/// Follows one reply to its end, over as many connections as that takes.
///
/// `begin` is the first request and `next()` the one after a cut: `{method, path, body?, isSafe?}`, where `isSafe` says
/// that a POST can be repeated. `send(request, lastId, signal)` answers the response, or throws an error with `status`
/// (0 if no answer came) and `code`; `problem(error)` makes one from the stream's `error` event.
///
/// `on` hears `start`, `delta`, `citation` (if it wants), `done`, `idle` (none is running), `lost` (reconnecting) and `loading` (the model is not
/// up yet; the call is repeated). An error that the server reports is thrown.
export async function follow({ begin, next, send, problem }, on, signal) {
    let request = begin;
    let lastId = null;
    let failures = 0;
    while (!signal.aborted) {
        let isOver = false;
        try {
            const response = await send(request, lastId, signal);
            if (response.status === 204) return on.idle();
            for await (const { id, type, data } of events(response)) {
                failures = 0;
                lastId = id ?? lastId;
                if (type === "start") on.start(data);
                else if (type === "delta") on.delta(data.content);
                else if (type === "citation") on.citation?.(data);
                else if (type === "done") return on.done(data);
                else if (type === "error") {
                    isOver = true;
                    throw problem(data.error);
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
            const isSafe = request.method === "GET" || request.isSafe;
            if (error.status === 404 && request.method === "GET") return on.idle();
            const isPassing = error.status === 0
                || (isSafe && (error.status >= 500 || error.code === "idempotency_in_progress"));
            if (error.status !== undefined && !isPassing) throw error;
        }
        if (signal.aborted) return;
        on.lost();
        await wait(Math.min(LONGEST_WAIT, 250 * 2 ** failures), signal);
        failures += 1;
        request = next();
    }
}

/// Ends early when the browser is online again.
function wait(milliseconds, signal) {
    return new Promise((resolve) => {
        const timer = setTimeout(end, milliseconds);
        function end() {
            clearTimeout(timer);
            signal.removeEventListener("abort", end);
            removeEventListener("online", end);
            resolve();
        }
        signal.addEventListener("abort", end);
        addEventListener("online", end);
    });
}
