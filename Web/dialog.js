import { el } from "./dom.js";
import { form } from "./forms.js";
import { t } from "./i18n.js";

let lastId = 0;

/// Puts a modal dialog on the page, which is gone when it closes.
export function open(title, attributes, ...children) {
    lastId += 1;
    const id = `dialog-title-${lastId}`;
    const { onclose, ...others } = attributes;
    const dialog = el("dialog", {
        "aria-labelledby": id, ...others,
        onclose() {
            dialog.remove();
            onclose?.();
        },
    }, el("h2", { id }, title), children);
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
}

/// A modal question, which Escape cancels. `act(values)` runs when it is agreed to; its errors keep the dialog open.
///
/// Answers whether it was agreed to.
export function ask({ title, help, fields = [], confirm, danger = false, act }) {
    return new Promise((resolve) => {
        let agreed = false;
        const cancel = el("button", {
            type: "button", class: "button", onclick: () => dialog.close(),
        }, t("form.cancel"));
        const body = form({
            fields,
            submit: confirm,
            kind: danger ? "danger" : "primary",
            secondary: cancel,
            async onsubmit(values) {
                await act(values);
                agreed = true;
                dialog.close();
            },
        });
        const dialog = open(title, { onclose: () => resolve(agreed) }, help && el("p", {}, help), body);
        const first = fields[0]?.control ?? cancel;
        first.focus();
        first.select?.();
    });
}
