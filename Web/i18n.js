import * as bn from "./i18n/bn.js";
import * as en from "./i18n/en.js";

const LANGUAGES = { en, bn };
const STORED = "mynah.language";

export const languages = Object.entries(LANGUAGES).map(([code, { name }]) => ({ code, name }));

let current = first();

function first() {
    const wanted = [localStorage.getItem(STORED), ...navigator.languages.map((tag) => tag.split("-")[0])];
    return wanted.find((code) => code in LANGUAGES) ?? "en";
}

document.documentElement.lang = current;

export const language = () => current;

export function setLanguage(code) {
    current = code;
    localStorage.setItem(STORED, code);
    document.documentElement.lang = code;
}

/// The text for `key`, with `{name}` replaced from `values`.
export function t(key, values = {}) {
    const text = LANGUAGES[current].texts[key];
    if (text === undefined) throw new Error(`no text for ${key} in ${current}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/// A text of ours for one of the API's error codes, where this language has one.
export const translatedCode = (code) => LANGUAGES[current].codes[code];

export const number = (value) => new Intl.NumberFormat(current).format(value);

export function when(time) {
    const date = new Date(time);
    if (Number.isNaN(date.getTime())) return "";
    return new Intl.DateTimeFormat(current, { dateStyle: "medium", timeStyle: "short" }).format(date);
}
