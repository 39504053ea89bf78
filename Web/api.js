import { language, soon, t, translatedCode } from "./i18n.js";

/// Limits of which it is known when they are over.
const PASSING = new Set(["daily_limit_reached", "rate_limited"]);

function words(code, retryAfter) {
    if (!retryAfter || !PASSING.has(code)) return translatedCode(code);
    return t(`error.${code}`, { time: soon(Date.now() + retryAfter * 1000) });
}

/// What went wrong with a call; `status` is 0 where no answer came. `retryAfter` is in seconds.
export class APIError extends Error {
    constructor({ status = 0, code = "network", message, param = null, retryAfter = null }) {
        super(words(code, retryAfter) ?? message ?? t("error.unknown"));
        Object.assign(this, { status, code, param, retryAfter });
    }
}

const SIGN_IN = /^\/(auth\/session|(admin|staff)\/(login|refresh))$/;

let signedOut = () => {};
/// How a call says who makes it, where that is not by the console's cookie: `header()` answers the header's value, and
/// `renew(old)` whether there is a new one after a call for which the old one was too old.
let bearer = null;

/// `handler` runs when a call shows that the session has ended.
export function onSignedOut(handler) {
    signedOut = handler;
}

export function authorizeBy(tokens) {
    bearer = tokens;
}

/// What `early.js` has asked before this script was there; null if nothing. Once only, and before the first page is shown.
function takeEarly(path) {
    const answer = window.early?.get(path) ?? null;
    window.early?.delete(path);
    return answer;
}

export function forgetEarly() {
    window.early = null;
}

/// Sends a request and returns its response, or throws an APIError.
export async function send(method, path, { body, headers = {}, signal, keepalive, isRepeated } = {}) {
    const authorization = bearer?.header();
    let response;
    try {
        response = await (method === "GET" && takeEarly(path)) || await fetch(path, {
            method,
            signal,
            keepalive,
            cache: "no-store",
            credentials: "same-origin",
            headers: {
                Accept: "application/json",
                "Accept-Language": language(),
                ...(authorization ? { Authorization: authorization } : {}),
                ...(body === undefined ? {} : { "Content-Type": "application/json" }),
                ...headers,
            },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new APIError({ message: t("error.network") });
    }
    if (response.ok) return response;
    const problem = await problemIn(response);
    if (response.status !== 401 || problem.param || SIGN_IN.test(path)) throw problem;
    if (!isRepeated && (await bearer?.renew(authorization))) {
        return send(method, path, { body, headers, signal, keepalive, isRepeated: true });
    }
    signedOut();
    throw problem;
}

async function problemIn(response) {
    const answer = await response.json().catch(() => null);
    const { code = "unknown", message, param } = answer?.error ?? {};
    const retryAfter = Number.parseInt(response.headers.get("Retry-After"), 10);
    return new APIError({
        status: response.status, code, message, param, retryAfter: Number.isNaN(retryAfter) ? null : retryAfter,
    });
}

async function json(method, path, body, options) {
    const response = await send(method, path, { body, ...options });
    const text = await response.text();
    return text ? JSON.parse(text) : null;
}

export const get = (path, options) => json("GET", path, undefined, options);
export const post = (path, body = {}, options) => json("POST", path, body, options);
export const patch = (path, body) => json("PATCH", path, body);
export const put = (path, body) => json("PUT", path, body);
export const remove = (path, body) => json("DELETE", path, body);

/// Every entry of a list that is known to be short.
export async function all(path) {
    const entries = [];
    let after = null;
    do {
        const page = await get(`${path}?limit=200${after ? `&after=${encodeURIComponent(after)}` : ""}`);
        entries.push(...page.data);
        after = page.next;
    } while (after);
    return entries;
}
