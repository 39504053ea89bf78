import { APIError, send } from "./api.js";
import * as stream from "./event-stream.js";

/// Follows one reply of a conversation to its end. `begin` is the call that starts it, or null to join a running one;
/// `on` is what `follow` of the event stream says.
export function follow(conversation, begin, on, signal) {
    const join = () => ({ method: "GET", path: `/conversations/${conversation}/stream` });
    return stream.follow({
        begin: begin ?? join(),
        next: join,
        send: ({ method, path, body }, lastId) => send(method, path, {
            body, signal, headers: { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) },
        }),
        problem: (error) => new APIError(error),
    }, on, signal);
}
