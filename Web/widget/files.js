import { el, icon, iconButton } from "../dom.js";

/// Maximum size of a file, in bytes, as the server says.
const LARGEST = 8 << 20;
/// Maximum number of files of a message. The server takes more, but few in an hour.
const MOST = 5;
const ACCEPTED = "image/png,image/jpeg,image/gif,image/webp,application/pdf,text/*,.md,.csv,.json,.xml,.yaml,.yml";
/// Maximum width and height of a picture in the thread, in pixels.
const LARGEST_PICTURE = 220;

/// The files that the next message will have: chosen, dropped or pasted, and sent with it.
export class Files {
    #t;
    #complain;
    #files = [];
    #list;
    #input;
    /// Whether the chatbot takes files.
    #isAllowed = false;

    /// - complain: Shows a text, or null.
    constructor(t, complain) {
        this.#t = t;
        this.#complain = complain;
        this.#list = el("ul", { class: "attached", "aria-label": t("attached"), hidden: true });
        this.#input = el("input", {
            type: "file", multiple: true, accept: ACCEPTED, hidden: true, "aria-label": t("attach"),
            onchange: () => {
                this.#add(this.#input.files);
                this.#input.value = "";
            },
        });
        this.button = iconButton("clip", t("attach"), () => this.#input.click(), { hidden: true });
        this.nodes = [this.#list, this.#input, this.button];
    }

    set isAllowed(isAllowed) {
        this.#isAllowed = isAllowed;
        this.button.hidden = !isAllowed;
        if (!isAllowed) this.clear();
    }

    get all() {
        return [...this.#files];
    }

    clear() {
        this.#files = [];
        this.#show();
    }

    /// Lets files be dropped on an element, and pasted into the text.
    receive(node, text) {
        const files = (event, data) => {
            if (!this.#isAllowed || !data?.types.includes("Files")) return;
            event.preventDefault();
            node.classList.toggle("dropping", event.type === "dragover");
            if (event.type === "dragover") return;
            this.#add(data.files);
            text.focus();
        };
        node.addEventListener("dragover", (event) => files(event, event.dataTransfer));
        node.addEventListener("drop", (event) => files(event, event.dataTransfer));
        node.addEventListener("dragleave", (event) => {
            if (!node.contains(event.relatedTarget)) node.classList.remove("dropping");
        });
        text.addEventListener("paste", (event) => files(event, event.clipboardData));
    }

    #add(files) {
        this.#complain(null);
        for (const blob of files) {
            if (this.#files.length >= MOST) return this.#complain(this.#t("manyFiles", { count: MOST }));
            if (blob.size > LARGEST) this.#complain(this.#t("largeFile", { name: blob.name }));
            else this.#files.push({ blob });
            this.#show();
        }
    }

    #remove(file) {
        const at = this.#files.indexOf(file);
        this.#files.splice(at, 1);
        this.#show();
        const next = this.#list.querySelectorAll("button")[Math.min(at, this.#files.length - 1)];
        (next ?? this.button).focus();
    }

    #show() {
        this.#list.hidden = !this.#files.length;
        this.#list.replaceChildren(...this.#files.map((file) => el("li", { class: "file" }, words(file.blob),
            iconButton("close", this.#t("removeFile", { name: file.blob.name }), () => this.#remove(file)))));
    }
}

const words = ({ name, type, content_type: kind = type }) => [
    icon(kind.startsWith("image/") ? "picture" : "page"), el("bdi", { class: "file-name" }, name),
];

/// The files of a message. `load(file)` answers the bytes of one as a Blob. Pictures are drawn on a canvas: the page's
/// policy need not allow images from anywhere.
export function fileList(files, t, load) {
    return el("ul", { class: "files", "aria-label": t("ofMessage") }, files.map((file) => el("li", {}, shown(file, load))));
}

function shown(file, load) {
    if (!file.file_id) return el("span", { class: "file" }, words(file));
    const button = el("button", { type: "button", class: "file", onclick: () => save(file, load) }, words(file));
    if (/^image\/(png|jpeg|gif|webp)$/.test(file.content_type)) {
        new IntersectionObserver((seen, observer) => {
            if (!seen.some((entry) => entry.isIntersecting)) return;
            observer.disconnect();
            // A picture that is gone, or none, leaves its name.
            draw(file, load).then((picture) => button.prepend(picture), () => {});
        }).observe(button);
    }
    return button;
}

async function draw(file, load) {
    const bitmap = await createImageBitmap(await load(file));
    const scale = Math.min(1, LARGEST_PICTURE / bitmap.width, LARGEST_PICTURE / bitmap.height);
    const [width, height] = [bitmap.width, bitmap.height].map((length) => Math.max(1, Math.round(length * scale)));
    const canvas = el("canvas", { width, height, "aria-hidden": "true" });
    canvas.getContext("2d").drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    return canvas;
}

async function save(file, load) {
    const url = URL.createObjectURL(await load(file));
    el("a", { href: url, download: file.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
