import { el, icon } from "../dom.js";

/// Opens a menu below a button. `items` are `{icon, label, act, danger?}`. Arrow keys go through it, and Escape closes it.
export function openMenu(button, items) {
    const menu = el("div", { class: "actions-menu", role: "menu", popover: "auto", "aria-label": button.textContent },
        items.map(({ icon: shape, label, act, danger }) => el("button", {
            type: "button", role: "menuitem", tabindex: -1, class: danger ? "danger-text" : null,
            onclick: () => {
                close();
                act();
            },
        }, icon(shape), el("span", {}, label))));
    const buttons = [...menu.children];

    function close() {
        button.focus();
        menu.hidePopover();
    }

    menu.addEventListener("toggle", ({ newState }) => {
        button.setAttribute("aria-expanded", String(newState === "open"));
        if (newState === "closed") menu.remove();
    });
    menu.addEventListener("keydown", (event) => {
        const at = buttons.indexOf(document.activeElement);
        const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
        if (to !== undefined) buttons.at(to % buttons.length).focus();
        else if (event.key === "Escape" || event.key === "Tab") close();
        else return;
        event.preventDefault();
    });
    // Within a landmark, as what it belongs to is.
    (button.closest("nav") ?? document.body).append(menu);
    menu.showPopover();
    place(menu, button.getBoundingClientRect());
    buttons[0].focus();
}

/// Below the button, or above it if there is more room, and within the window.
function place(menu, { top, bottom, left, right }) {
    const { width, height } = menu.getBoundingClientRect();
    const isRightToLeft = getComputedStyle(menu).direction === "rtl";
    const x = isRightToLeft ? right - width : left;
    menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
    menu.style.top = `${bottom + height + 8 > innerHeight ? Math.max(8, top - height - 4) : bottom + 4}px`;
}
