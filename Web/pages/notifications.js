import { el } from "../dom.js";
import { t } from "../i18n.js";
import { canNotify, isNotifying, notify, stopNotifying } from "../notify.js";

/// A switch for notifications in this browser.
export function notificationsSection() {
    const news = el("p", { class: "form-news", role: "status" });
    const problem = el("p", { class: "form-error", role: "alert" });
    const box = el("input", {
        type: "checkbox", role: "switch", id: "notify", checked: isNotifying(), disabled: !canNotify(), "aria-describedby": "notify-help",
        onchange: () => change(),
    });
    if (!canNotify()) problem.textContent = t("notify.impossible");

    async function change() {
        news.textContent = problem.textContent = "";
        if (!box.checked) return stopNotifying();
        box.checked = await notify("Mynah", t("notify.first"));
        if (box.checked) news.textContent = t("notify.on");
        else problem.textContent = t("notify.denied");
    }

    return el("section", { class: "card" },
        el("h2", {}, t("notify.title")), el("p", { class: "lead", id: "notify-help" }, t("notify.help")),
        el("label", { class: "switch", for: "notify" }, box, t("notify.label")), news, problem);
}
