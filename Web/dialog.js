import { el } from "./dom.js";
import { form } from "./forms.js";
import { t } from "./i18n.js";

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
        const dialog = el("dialog", {
            "aria-labelledby": "dialog-title",
            onclose() {
                dialog.remove();
                resolve(agreed);
            },
        }, el("h2", { id: "dialog-title" }, title), help && el("p", {}, help), body);
        document.body.append(dialog);
        dialog.showModal();
        if (fields.length) fields[0].control.select();
        else cancel.focus();
    });
}
