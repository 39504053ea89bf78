import { APIError } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";

let lastId = 0;

/// A labelled input; `rows` makes it a text area. `errorsFor` lists the API's parameters whose errors belong here.
export function field({
    name, label, hint, rows, value = "", type = "text", errorsFor = [name], required, ...attributes
}) {
    lastId += 1;
    const id = `field-${lastId}`;
    const hintNode = hint && el("p", { class: "hint", id: `${id}-hint` }, hint);
    const error = el("p", { class: "field-error", id: `${id}-error`, hidden: true });
    const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
    const control = el(rows ? "textarea" : "input", {
        id, name, "aria-describedby": described, "aria-required": required ? "true" : null,
        ...(rows ? { rows } : { type }), ...attributes,
    });
    control.value = value ?? "";
    const optional = required ? null : el("span", { class: "optional" }, ` (${t("form.optional")})`);
    const node = el("div", { class: "field" }, el("label", { for: id }, label, optional), hintNode, control, error);
    return {
        node, control, name, errorsFor, required, numeric: type === "number",
        show(message) {
            error.textContent = message ?? "";
            error.hidden = !message;
            if (message) control.setAttribute("aria-invalid", "true");
            else control.removeAttribute("aria-invalid");
        },
    };
}

/// A form that sends itself through `onsubmit(values)` and shows what the API finds wrong beside the field it names.
///
/// Empty optional fields are `null` in `values`. What `onsubmit` returns is shown as good news.
export function form({ fields, submit, onsubmit, secondary = null, kind = "primary" }) {
    const problem = el("p", { class: "form-error", role: "alert" });
    const news = el("p", { class: "form-news", role: "status" });
    const button = el("button", { type: "submit", class: `button ${kind}` }, submit);

    function show(error) {
        const place = fields.find((entry) => entry.errorsFor.includes(error.param));
        if (place) {
            place.show(error.message);
            place.control.focus();
        } else {
            problem.textContent = error.message;
        }
    }

    async function handle(event) {
        event.preventDefault();
        if (button.disabled) return;
        problem.textContent = news.textContent = "";
        for (const entry of fields) entry.show(fault(entry));
        const wrong = fields.find(fault);
        if (wrong) return wrong.control.focus();
        button.disabled = true;
        try {
            const values = Object.fromEntries(fields.map((entry) => [entry.name, valueOf(entry)]));
            news.textContent = await onsubmit(values) ?? "";
        } catch (error) {
            if (!(error instanceof APIError)) throw error;
            show(error);
        } finally {
            button.disabled = false;
        }
    }

    return el("form", { class: "form", novalidate: true, onsubmit: handle },
        fields.map((entry) => entry.node), problem, el("div", { class: "buttons" }, button, secondary, news));
}

function valueOf({ control, numeric, required }) {
    if (control.value === "" && !required) return null;
    return numeric ? Number(control.value) : control.value;
}

function fault({ control, numeric, required }) {
    if (required && control.value.trim() === "") return t("form.required");
    if (numeric && control.validity.badInput) return t("form.number");
    return null;
}
