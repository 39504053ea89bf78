import { el, iconButton } from "./dom.js";
import { language, languages, setLanguage, t } from "./i18n.js";

export function languagePicker(onchange) {
    const option = ({ code, name }) => el("option", { value: code, lang: code, selected: code === language() }, name);
    const picker = el("select", {
        class: "language", "aria-label": t("app.language"),
        onchange() {
            setLanguage(picker.value);
            onchange();
        },
    }, languages.map(option));
    return picker;
}

export function themeButton() {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const make = () => iconButton(isDark() ? "sun" : "moon", isDark() ? t("app.light") : t("app.dark"), () => {
        root.dataset.theme = isDark() ? "light" : "dark";
        localStorage.setItem("mynah.theme", root.dataset.theme);
        const next = make();
        button.replaceWith(next);
        button = next;
        next.focus();
    }, { class: "button quiet square theme" });
    let button = make();
    return button;
}
