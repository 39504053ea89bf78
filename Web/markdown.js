import { t } from "./i18n.js";
import * as blocks from "./markdown-blocks.js";

/// Code with a bar above it from which it can be copied.
export function codeBlock(text, { title, label = t("chat.code"), copyLabel = t("chat.copyCode"), copied = text }) {
    return blocks.codeBlock(text, { title, label, copyLabel, copied, done: t("chat.copied") });
}

/// Copies `text` and says so on `button` for a moment.
export const copyText = (text, button) => blocks.copyText(text, button, t("chat.copied"));
