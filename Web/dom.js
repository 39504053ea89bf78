const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle"]);

/// What people and models write stands in these, from left to right or from right to left as its first letter says.
const TEXT_TAGS = new Set([
    "blockquote", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "input", "option", "p", "td", "textarea", "th",
]);

/// An element. Attributes that are functions listen (`onclick`), `true` sets a bare attribute, `false` and `null` none.
/// Elements of text get `dir="auto"` unless `dir` is given.
export function el(tag, attributes = {}, ...children) {
    const node = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
    if (TEXT_TAGS.has(tag) && !("dir" in attributes)) node.dir = "auto";
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (typeof value === "function") node.addEventListener(name.slice(2), value);
        else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return node;
}

export const hidden = (...children) => el("span", { class: "sr-only", dir: "auto" }, ...children);

/// The icons that the widget has, too. The console adds its own.
export const SHAPES = {
    check: "m5 12.5 4.5 4.5L19 7.5",
    clip: "m19.5 11.5-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l7.8-7.8a3.1 3.1 0 0 1 4.4 4.4l-7.7 7.7a1.5 1.5 0 0 1-2.2-2.2l7-7",
    close: "m6.5 6.5 11 11M17.5 6.5l-11 11",
    copy: "M9 9h10v11H9ZM15 9V5H5v11h4",
    down: "M12 5v14M6 13l6 6 6-6",
    edit: "M4.5 19.5 5.5 15 15.8 4.7a1.8 1.8 0 0 1 2.5 0l1 1a1.8 1.8 0 0 1 0 2.5L9 18.5Z",
    page: "M6.5 3.5h7l4 4v13h-11ZM13.5 3.5v4h4",
    picture: "M4.5 5h15v14h-15ZM4.5 16l4.5-4.5 4 4 2.5-2.5 4 4M15.5 9.5h.1",
    send: "M12 19V5M6 11l6-6 6 6",
    stop: "M7 7h10v10H7Z",
    thumbDown: "M17 13.5V4.5M20 4.5v9M7.5 4.5H17v9l-4 6.5c-1.3 0-2-.8-2-2v-3.5H6.3"
        + "a1.8 1.8 0 0 1-1.8-2.2l1.2-6.3a1.8 1.8 0 0 1 1.8-1.5Z",
    thumbUp: "M7 10.5v9M4 19.5v-9M16.5 19.5H7v-9L11 4c1.3 0 2 .8 2 2v3.5h4.7"
        + "a1.8 1.8 0 0 1 1.8 2.2l-1.2 6.3a1.8 1.8 0 0 1-1.8 1.5Z",
};

export function icon(name) {
    return el("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, el("path", { d: SHAPES[name] }));
}

/// A button with an icon; `label` is its name for everyone, shown only where `text` is true.
export function iconButton(name, label, onclick, { text = false, ...attributes } = {}) {
    const classes = text ? "button" : "button quiet square";
    const words = text ? el("span", {}, label) : hidden(label);
    const title = text ? null : label;
    return el("button", { type: "button", class: classes, title, onclick, ...attributes }, icon(name), words);
}

/// Shows another icon on a button.
export const setIcon = (button, name) => button.querySelector(".icon path").setAttribute("d", SHAPES[name]);
