import * as bn from "./i18n/bn.js";
import * as en from "./i18n/en.js";

const LANGUAGES = { en, bn };
const STORED = "mynah.language";

/// One credit.
export const MICRO = 1_000_000;

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

/// Texts that one part of the console alone has, by language; of those that are missing, the English ones are shown.
export function addTexts(more) {
    for (const { texts } of Object.values(LANGUAGES)) Object.assign(texts, more.en);
    for (const [code, texts] of Object.entries(more)) Object.assign(LANGUAGES[code].texts, texts);
}

/// The text for `key`, with `{name}` replaced from `values`.
export function t(key, values = {}) {
    const text = LANGUAGES[current].texts[key];
    if (text === undefined) throw new Error(`no text for ${key} in ${current}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => isolated(values[name]));
}

export const hasText = (key) => key in LANGUAGES[current].texts;

/// Scripts written from right to left, and the marks that set a direction.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\u202a-\u202e\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/// A name within a sentence of another direction reorders the words around it, unless isolates enclose it.
const isolated = (value) => (RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value);

/// A text of ours for one of the API's error codes, where this language has one.
export const translatedCode = (code) => LANGUAGES[current].codes[code];

export const number = (value) => new Intl.NumberFormat(current).format(value);

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/// A size in the unit that suits it.
export function bytes(size) {
    const power = size < 1000 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), UNITS.length - 1);
    const format = { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: power ? 1 : 0 };
    return new Intl.NumberFormat(current, format).format(size / 1000 ** power);
}

export const days = (count) =>
    new Intl.NumberFormat(current, { style: "unit", unit: "day", unitDisplay: "long" }).format(count);

/// What `micro` millionths of a credit are, to the last of them.
export const credits = (micro) => new Intl.NumberFormat(current, { maximumFractionDigits: 6 }).format(micro / MICRO);

export function when(time) {
    const date = new Date(time);
    if (Number.isNaN(date.getTime())) return "";
    return new Intl.DateTimeFormat(current, { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/// A time of the day, with the date if that is not today's.
export function clock(time) {
    const date = new Date(time);
    if (Number.isNaN(date.getTime())) return "";
    if (date.toDateString() !== new Date().toDateString()) return when(time);
    return new Intl.DateTimeFormat(current, { timeStyle: "short" }).format(date);
}

/// A time of today, or the date of another day.
export function dateOrTime(time) {
    const date = new Date(time);
    if (Number.isNaN(date.getTime())) return "";
    const style = date.toDateString() === new Date().toDateString() ? { timeStyle: "short" } : { dateStyle: "medium" };
    return new Intl.DateTimeFormat(current, style).format(date);
}

/// How long ago a time was, as a heading: today, yesterday, this week, this month, or a month's name.
export function age(time) {
    const date = new Date(time);
    const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(time).setHours(0, 0, 0, 0)) / 86_400_000);
    if (ago <= 1) {
        const word = new Intl.RelativeTimeFormat(current, { numeric: "auto" }).format(-Math.max(0, ago), "day");
        return word[0].toLocaleUpperCase(current) + word.slice(1);
    }
    if (ago <= 7) return t("age.week");
    if (ago <= 30) return t("age.month");
    return new Intl.DateTimeFormat(current, { month: "long", year: "numeric" }).format(date);
}

/// A time that is near: of today with its seconds where it is only minutes away.
export function soon(time) {
    const isToday = new Date(time).toDateString() === new Date().toDateString();
    if (!isToday) return when(time);
    const timeStyle = time - Date.now() < 600_000 ? "medium" : "short";
    return new Intl.DateTimeFormat(current, { timeStyle }).format(time);
}

/// One of the server's days, which are those of UTC, such as `2026-01-31`.
export const day = (name) =>
    new Intl.DateTimeFormat(current, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(name));

/// When the server's days begin, by the reader's clock.
export const midnight = () =>
    new Intl.DateTimeFormat(current, { timeStyle: "short" }).format(new Date().setUTCHours(0, 0, 0, 0));
