import { hasText, t, translatedCode } from "../i18n.js";

/// What an `error_code` of a file or of a search means, and what can be done.
export function reason(code) {
    const key = `files.error.${code}`;
    return hasText(key) ? t(key) : translatedCode(code) ?? t("files.error.other", { code });
}

/// Failures that reading once more cannot mend.
const FINAL = new Set(["empty_file", "unsupported_format", "encrypted", "damaged", "not_removed"]);

export const canRetry = ({ state, error_code: code }) => state === "failed" && !FINAL.has(code);
