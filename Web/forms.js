import { APIError } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";

let lastId = 0;

/// A labelled input; `rows` makes it a text area, `options` ([value, text] each) a choice of one. `errorsFor` lists the
/// API's parameters whose errors belong here.
export function field({
    name, label, hint, rows, options, value = "", type = "text", errorsFor = [name], required, ...attributes
}) {
    lastId += 1;
    const id = `field-${lastId}`;
    const hintNode = hint && el("p", { class: "hint", id: `${id}-hint` }, hint);
    const error = el("p", { class: "field-error", id: `${id}-error`, hidden: true });
    const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
    const control = el(options ? "select" : rows ? "textarea" : "input", {
        id, name, "aria-describedby": described, "aria-required": required ? "true" : null,
        ...(options ? {} : rows ? { rows } : { type }), ...attributes,
    }, options?.map(([each, text]) => el("option", { value: each }, text)) ?? []);
    control.value = value ?? "";
    const optional = required || options ? null : el("span", { class: "optional" }, ` (${t("form.optional")})`);
    const node = el("div", { class: "field" }, el("label", { for: id }, label, optional), hintNode, control, error);
    return {
        node, control, name, errorsFor, required, numeric: type === "number",
        read: () => valueOf(control, type === "number", required),
        show: (message) => complain(control, error, message),
    };
}

/// Boxes to tick, of which one at least must be; `options` are [value, text] each.
export function choices({ name, label, hint, options, chosen, errorsFor = [name] }) {
    lastId += 1;
    const id = `field-${lastId}`;
    const error = el("p", { class: "field-error", id: `${id}-error`, hidden: true });
    const boxes = options.map(([value]) => el("input", { type: "checkbox", value, checked: chosen.includes(value) }));
    const node = el("fieldset", { class: "field choices", "aria-describedby": `${id}-hint ${id}-error` },
        el("legend", {}, label), el("p", { class: "hint", id: `${id}-hint` }, hint),
        boxes.map((box, index) => el("label", {}, box, options[index][1])), error);
    const read = () => boxes.filter((box) => box.checked).map((box) => box.value);
    return {
        node, name, errorsFor, read, control: boxes[0],
        fault: () => (read().length ? null : t("form.oneAtLeast")),
        show: (message) => complain(boxes[0], error, message),
    };
}

function complain(control, error, message) {
    error.textContent = message ?? "";
    error.hidden = !message;
    if (message) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
}

/// A form that sends itself through `onsubmit(values)` and shows what the API finds wrong beside the field it names.
///
/// Empty optional fields are `null` in `values`. What `onsubmit` returns is shown as good news.
export function form({ fields, submit, onsubmit, secondary = null, kind = "primary" }) {
    const problem = el("p", { class: "form-error", role: "alert" });
    const news = el("p", { class: "form-news", role: "status" });
    const button = el("button", { type: "submit", class: `button ${kind}` }, submit);

    function show(error) {
        const param = error.param?.replace(/\[\d+\]$/, "");
        const place = fields.find((entry) => entry.errorsFor.includes(param));
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
            const values = Object.fromEntries(fields.map((entry) => [entry.name, entry.read()]));
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

function valueOf(control, numeric, required) {
    if (control.value === "" && !required) return null;
    return numeric ? Number(control.value) : control.value;
}

function fault(entry) {
    if (entry.node.hidden) return null;
    if (entry.fault) return entry.fault();
    const { control, numeric, required } = entry;
    if (required && control.value.trim() === "") return t("form.required");
    if (numeric && control.validity.badInput) return t("form.number");
    return null;
}
