import { el } from "../dom.js";

const COLOURS = 8;

/// A chatbot's face: the first letter of its name on a colour that its id decides.
export function face({ id, name }, size = "") {
    const sum = [...(id ?? name)].reduce((total, letter) => (total * 31 + letter.codePointAt(0)) % 65_521, 7);
    const [initial] = new Intl.Segmenter().segment(name.trim() || "?");
    return el("span", { class: `face face-${sum % COLOURS} ${size}`.trim(), "aria-hidden": "true" }, initial.segment.toUpperCase());
}
