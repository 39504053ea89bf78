import { patch, post } from "../api.js";
import { field } from "../forms.js";
import { t } from "../i18n.js";
import { asking, column, listPage, tag } from "./list.js";

/// What a new operator can be made; other lists of permissions are for the API.
const ROLES = {
    all: { role: "admin" },
    reader: {
        role: "admin",
        permissions: ["users", "plans", "prices", "operators", "ip_rules", "stats", "providers", "jobs"].map(
            (name) => `${name}.read`),
    },
    staff1: { role: "staff", level: 1 }, staff2: { role: "staff", level: 2 }, staff3: { role: "staff", level: 3 },
};

const rightsOf = ({ role, level, permissions }) => (role === "staff" ? t(`admin.role.staff${level}`)
    : permissions ? permissions.join(", ") || "–" : t("admin.role.all"));

export const operatorsPage = ({ may, me }) => listPage({
    title: t("admin.operators"), path: "/admin/operators",
    columns: [
        column(t("account.username"), (each) => each.username), column(t("setup.name"), (each) => each.name),
        column(t("admin.rights"), rightsOf, "detail"),
        column(t("mfa.title"), (each) => t(each.second_factor ? "admin.yes" : "admin.no")),
        column(t("admin.state"), (each) => (each.disabled ? tag(t("admin.disabled")) : tag(t("admin.active"), true))),
    ],
    actions: may("operators.write") && ((each) => (each.id === me.id ? [] : [[
        t(each.disabled ? "admin.enable" : "admin.disable"),
        t(each.disabled ? "admin.enableNamed" : "admin.disableNamed", { name: each.username }),
        async () => {
            await patch(`/admin/operators/${each.id}`, { disabled: !each.disabled });
            return t("form.saved");
        },
    ]])),
    add: may("operators.write") && [t("admin.newOperator"), asking(operatorQuestion, t("form.saved"))],
});

function operatorQuestion() {
    return {
        title: t("admin.newOperator"), confirm: t("form.save"),
        fields: [
            field({
                name: "username", label: t("account.username"), required: true, autocomplete: "off",
                autocapitalize: "none", spellcheck: "false",
            }),
            field({ name: "name", label: t("setup.name"), hint: t("admin.nameHint"), required: true, maxlength: 100 }),
            field({
                name: "password", label: t("auth.password"), hint: t("auth.passwordHint"), type: "password",
                required: true, autocomplete: "new-password",
            }),
            field({
                name: "rights", label: t("admin.rights"), value: "staff1",
                options: Object.keys(ROLES).map((each) => [each, t(`admin.role.${each}`)]),
            }),
        ],
        act: ({ rights, ...values }) => post("/admin/operators", { ...values, ...ROLES[rights] }),
    };
}
