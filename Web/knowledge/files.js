import { get, post, remove } from "../api.js";
import { ask } from "../dialog.js";
import { el, icon } from "../dom.js";
import { field } from "../forms.js";
import { t } from "../i18n.js";
import { receiveFiles } from "./drop.js";
import { fileRow } from "./file-row.js";
import { showPassages } from "./passage.js";
import { fileRoom } from "./room.js";
import { Sending } from "./sending.js";

const PAUSE = 2000;
const PAGE = 100;
const UNDER_WAY = new Set(["queued", "reading", "embedding"]);

/// A chatbot's files: added, seen while they are read, read again and removed.
export async function filesSection(chatbot, signal) {
    const path = `/chatbots/${chatbot}/files`;
    const room = await fileRoom(chatbot);
    const heading = el("h2", { id: "files-title", tabindex: -1 }, t("files.title"));
    const news = el("p", { class: "form-news", role: "status" });
    const status = el("p", { class: "sr-only", role: "status" });
    const problem = el("p", { class: "form-error", role: "alert" });
    const none = el("p", { class: "hint" }, t("files.none"));
    const list = el("ul", { class: "rows", "aria-label": t("files.title") });
    const more = el("button", {
        type: "button", class: "button", onclick: () => tried(() => refresh(PAGE)),
    }, t("app.more"));
    let files = new Map();
    let timer = null;
    signal.addEventListener("abort", () => clearTimeout(timer));

    /// The newest files, at least as many as there are rows, and `further` ones.
    async function read(further) {
        const wanted = Math.max(PAGE, files.size + further);
        const found = [];
        let after = "";
        do {
            const page = await get(`${path}?limit=${PAGE}${after}`, { signal });
            found.push(...page.data);
            after = page.next && `&after=${encodeURIComponent(page.next)}`;
        } while (after && found.length < wanted);
        more.hidden = !after;
        return found;
    }

    async function refresh(further = 0) {
        clearTimeout(timer);
        const found = await read(further);
        const isChanged = found.length !== files.size
            || found.some((file) => files.get(file.id)?.text !== JSON.stringify(file));
        if (isChanged) {
            draw(found);
            await room.refresh();
        }
        if (found.some((file) => UNDER_WAY.has(file.state)) && !signal.aborted) timer = setTimeout(watch, PAUSE);
    }

    async function watch() {
        try {
            await refresh();
        } catch {
            if (!signal.aborted) timer = setTimeout(watch, PAUSE);
        }
    }

    /// Replaces rows that changed, and keeps the focus on the button that has it.
    function draw(found) {
        const focused = document.activeElement.closest("[data-file]")?.dataset.file;
        const act = document.activeElement.dataset.act;
        const old = files;
        files = new Map(found.map((file) => {
            const [known, text] = [old.get(file.id), JSON.stringify(file)];
            if (known && known.file.state !== file.state) {
                status.textContent = t("files.changed", { name: file.name, state: t(`files.state.${file.state}`) });
            }
            return [file.id, known?.text === text ? known : { file, text, node: row(file) }];
        }));
        list.replaceChildren(...[...files.values()].map(({ node }) => node));
        none.hidden = files.size > 0;
        list.hidden = !files.size;
        const node = focused && files.get(focused)?.node;
        if (node) (node.querySelector(`[data-act="${act}"]`) ?? node.querySelector("button"))?.focus();
    }

    function row(file) {
        const node = fileRow(path, file, { show, retry, reread, erase });
        node.dataset.file = file.id;
        return node;
    }

    async function tried(work) {
        problem.textContent = "";
        try {
            await work();
        } catch (error) {
            if (!signal.aborted) problem.textContent = error.message;
        }
    }

    const show = (file) => tried(() => showPassages(`${path}/${file.id}`, file));

    const retry = (file) => tried(async () => {
        await post(`${path}/${file.id}/retry`);
        await refresh();
    });

    async function reread(file) {
        const isAgreed = await ask({
            title: t("files.rereadTitle", file), help: t("files.rereadHelp"), confirm: t("files.reread"),
            act: () => post(`${path}/${file.id}/retry`),
        });
        if (isAgreed) await tried(refresh);
    }

    async function erase(file) {
        const isAgreed = await ask({
            title: t("files.removeTitle", file), help: t("files.removeHelp"), confirm: t("files.remove"), danger: true,
            act: () => remove(`${path}/${file.id}`),
        });
        if (!isAgreed) return;
        await tried(refresh);
        news.textContent = t("files.removed", file);
        heading.focus();
    }

    async function addPage() {
        const isAdded = await ask({
            title: t("files.page"), help: t("files.pageHelp"), confirm: t("files.add"),
            fields: [field({
                name: "url", label: t("files.address"), type: "url", required: true, placeholder: "https://", dir: "ltr",
            })],
            act: (values) => post(path, values),
        });
        if (!isAdded) return;
        await tried(refresh);
        news.textContent = t("files.pageAdded");
    }

    const sending = new Sending({ path, signal, refusal: room.refusal, ondone: () => tried(refresh) });
    const choose = el("button", { type: "button", class: "button primary" }, icon("plus"), t("files.choose"));
    const address = el("button", { type: "button", class: "button", onclick: addPage }, t("files.page"));
    const drop = receiveFiles(choose, address, (chosen) => sending.add(chosen));
    sending.last = choose;
    await refresh();
    return el("section", { class: "card", "aria-labelledby": "files-title" },
        heading, el("p", { class: "lead" }, t("files.help")), drop, sending.node, status, problem, news, none, list, more,
        room.node);
}
