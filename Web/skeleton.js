import { el, hidden } from "./dom.js";
import { t } from "./i18n.js";

/// What is shown in place of a page that takes longer to load.
export function skeleton() {
    const line = (width) => el("div", { class: `bone ${width}` });
    return el("div", { class: "page narrow skeleton", role: "status" },
        hidden(t("app.loading")), line("title"), line("wide"), line("wide"), line("half"), line("title"), line("wide"), line("half"));
}
