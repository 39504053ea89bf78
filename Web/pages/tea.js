import { el } from "../dom.js";
import { t } from "../i18n.js";

export function teaPage() {
    return { title: t("tea.title"), body: el("h1", {}, t("tea.title")) };
}
