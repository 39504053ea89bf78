import { APIError } from "../api.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";

let loading = null;

/// Loads the reader of Markdown, which messages need and the first screen does not.
export function loadMarked() {
    loading ??= new Promise((resolve, reject) => {
        const onerror = () => {
            loading = null;
            reject(new APIError({ message: t("error.network") }));
        };
        document.head.append(el("script", { src: "/assets/vendor/marked/marked.umd.min.js", onload: resolve, onerror }));
    });
    return loading;
}
