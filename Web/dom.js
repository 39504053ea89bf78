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

const SHAPES = {
    account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8c.8-3.4 3.8-5 7.5-5s6.7 1.6 7.5 5",
    alert: "M12 4 3 19.5h18ZM12 10v4.5M12 17.2v.1",
    archive: "M4 5h16v4H4ZM5.5 9v10h13V9M10 13h4",
    bots: "M5 9.5A2.5 2.5 0 0 1 7.5 7h9A2.5 2.5 0 0 1 19 9.5v7a2.5 2.5 0 0 1-2.5 2.5h-9A2.5 2.5 0 0 1 5 16.5Z"
        + "M12 7V4M9.5 12.3v1.4M14.5 12.3v1.4M2.5 12v2.5M21.5 12v2.5",
    branch: "M7 4.5v15M7 12h6.5a3.5 3.5 0 0 0 3.5-3.5V6M14 8.5l3-3 3 3",
    check: "m5 12.5 4.5 4.5L19 7.5",
    clip: "m19.5 11.5-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l7.8-7.8a3.1 3.1 0 0 1 4.4 4.4l-7.7 7.7a1.5 1.5 0 0 1-2.2-2.2l7-7",
    close: "m6.5 6.5 11 11M17.5 6.5l-11 11",
    copy: "M9 9h10v11H9ZM15 9V5H5v11h4",
    down: "M12 5v14M6 13l6 6 6-6",
    chat: "M4.5 5.5h15v11H11l-4.5 3.5v-3.5h-2Z",
    chevron: "m7 10 5 5 5-5",
    edit: "M4.5 19.5 5.5 15 15.8 4.7a1.8 1.8 0 0 1 2.5 0l1 1a1.8 1.8 0 0 1 0 2.5L9 18.5Z",
    help: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM9.6 9.4a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2.9-1.2 1.8M12 16.4v.1",
    key: "M14.5 13.5a4.5 4.5 0 1 0-4.2-2.8L4 17v3h3v-2h2v-2h2l1.3-2.7c.7.3 1.4.2 2.2.2ZM15.8 8.2h.1",
    left: "m14 6-6 6 6 6",
    menu: "M4.5 7h15M4.5 12h15M4.5 17h15",
    moon: "M19.5 14A8 8 0 0 1 10 4.5a8 8 0 1 0 9.5 9.5Z",
    more: "M6 12h.1M12 12h.1M18 12h.1",
    page: "M6.5 3.5h7l4 4v13h-11ZM13.5 3.5v4h4",
    picture: "M4.5 5h15v14h-15ZM4.5 16l4.5-4.5 4 4 2.5-2.5 4 4M15.5 9.5h.1",
    pin: "M9 4h6l-.8 6 3.3 3.5h-11L9.8 10ZM12 13.5V20",
    plus: "M12 5v14M5 12h14",
    print: "M7 8V4h10v4M7 17H4.5V9.5h15V17H17M7 14.5h10V20H7Z",
    quote: "M5 6.5h14M5 11h14M5 15.5h8.5",
    retry: "M19 12a7 7 0 1 1-2.2-5.1M19.5 4v4h-4",
    right: "m10 6 6 6-6 6",
    search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.3 15.3l4.7 4.7",
    share: "M8.2 13.2 15.8 17.3M15.8 6.7 8.2 10.8M6 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z"
        + "M18 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM18 21a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    send: "M12 19V5M6 11l6-6 6 6",
    signOut: "M14 4.5H6.5v15H14M10.5 12H20M16.5 8.5 20 12l-3.5 3.5",
    stop: "M7 7h10v10H7Z",
    sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4"
        + "M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
    thumbDown: "M17 13.5V4.5M20 4.5v9M7.5 4.5H17v9l-4 6.5c-1.3 0-2-.8-2-2v-3.5H6.3"
        + "a1.8 1.8 0 0 1-1.8-2.2l1.2-6.3a1.8 1.8 0 0 1 1.8-1.5Z",
    thumbUp: "M7 10.5v9M4 19.5v-9M16.5 19.5H7v-9L11 4c1.3 0 2 .8 2 2v3.5h4.7"
        + "a1.8 1.8 0 0 1 1.8 2.2l-1.2 6.3a1.8 1.8 0 0 1-1.8 1.5Z",
    up: "M12 19V5M6 11l6-6 6 6",
    wrap: "M4 6.5h16M4 12h12.5a3 3 0 0 1 0 6H12m2-2-2 2 2 2M4 18h4",
    trash: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10.5 11v5M13.5 11v5",
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
