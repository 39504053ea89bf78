import { language } from "./i18n.js";

const STORED = "mynah.notify";
/// What a reply must have taken for its end to be told, in milliseconds.
const LONG = 10_000;

/// Undefined where the browser has none, or has none for pages without https.
const kind = () => globalThis.Notification;

export const canNotify = () => Boolean(kind());

/// Whether the user of this browser wants to be told, and it allows that.
export const isNotifying = () => localStorage.getItem(STORED) === "on" && kind()?.permission === "granted";

/// Asks the browser's permission, and shows a first notification. Answers whether there will be more.
export async function notify(title, body) {
    if ((await kind().requestPermission()) !== "granted" || !show(title, body, "first")) return false;
    localStorage.setItem(STORED, "on");
    return true;
}

export const stopNotifying = () => localStorage.removeItem(STORED);

/// Tells of the end of a reply that began at `began`, if it took long and the page is out of sight. No word of it is shown.
export function tellOfReply({ began, name, title, id }) {
    if (document.hidden && isNotifying() && Date.now() - began >= LONG) show(name, title, id);
}

/// `tag` replaces what another tab has told of the same.
function show(title, body, tag) {
    try {
        const shown = new (kind())(title, { body, tag, lang: language(), icon: "/assets/icons/192.png" });
        shown.onclick = () => {
            window.focus();
            shown.close();
        };
        return true;
    } catch {
        // Browsers of phones have the name and not the thing.
        return false;
    }
}
