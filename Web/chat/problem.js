import { el, icon } from "../dom.js";
import { hasText, t } from "../i18n.js";

/// Whether something went wrong with a reply; one that its reader stopped is in order.
export const isBroken = ({ status, error_code: code }) => status === "failed" || (status === "partial" && Boolean(code));

/// What went wrong with a reply, with a way to try again. The text of one that failed from the start says why.
export function problem(message, onretry) {
    const reason = `reason.${message.error_code}`;
    const why = message.status === "partial" && hasText(reason) ? t(reason) : null;
    return el("div", { class: "problem" },
        icon("alert"),
        el("p", {}, el("strong", {}, t(message.status === "failed" ? "chat.failed" : "chat.brokeOff")), why && ` ${why}`),
        message.id && el("button", { type: "button", class: "button changing", onclick: onretry }, icon("retry"), t("app.retry")));
}
