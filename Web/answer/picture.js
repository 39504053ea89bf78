import { APIError, send } from "../api.js";
import { el, icon } from "../dom.js";
import { t } from "../i18n.js";

/// A picture that a reply names by its address. Nothing is fetched before a click, and then by the server, so that the picture's
/// server learns nothing of the reader. `shown` keeps what was fetched, by address, while the text around it is drawn anew.
export function picture({ href, name }, shown) {
    const address = addressOf(href);
    if (!address) return null;
    const link = el("a", { href: address.href, target: "_blank", rel: "noopener noreferrer" }, t("picture.open", { host: address.host }));
    const problem = el("span", { class: "field-error", role: "alert" });
    const button = el("button", { type: "button", class: "button quiet picture-button", onclick: () => show() },
        icon("picture"), el("span", {}, name ? t("picture.show", { name }) : t("picture.showUnnamed")));
    const node = el("span", { class: "picture", dir: "auto" }, button, problem, link);
    if (shown.has(address.href)) put(shown.get(address.href));
    return node;

    function put(data) {
        const image = el("img", { src: data, alt: name, tabindex: -1, onerror: () => fail(image) });
        (button.isConnected || button.parentNode === node ? button : node.firstChild).replaceWith(image);
        return image;
    }

    function fail(image) {
        shown.delete(address.href);
        image.replaceWith(button);
        problem.textContent = t("picture.broken");
    }

    async function show() {
        button.disabled = true;
        problem.textContent = "";
        try {
            const response = await send("GET", `/pictures?url=${encodeURIComponent(address.href)}`, { headers: { Accept: "image/*, application/json" } });
            const data = await dataOf(await response.blob());
            shown.set(address.href, data);
            const hadFocus = document.activeElement === button || document.activeElement === document.body;
            const image = put(data);
            if (hadFocus) image.focus();
        } catch (error) {
            if (!(error instanceof APIError)) throw error;
            problem.textContent = error.message;
        } finally {
            button.disabled = false;
        }
    }
}

/// As a browser would send it: names of hosts and paths in ASCII.
function addressOf(href) {
    try {
        const address = new URL(href);
        return address.protocol === "https:" || address.protocol === "http:" ? address : null;
    } catch {
        return null;
    }
}

/// The console's policy allows pictures in `data:` addresses.
const dataOf = (blob) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
});
