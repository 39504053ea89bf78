import { get } from "../api.js";
import { el } from "../dom.js";
import { bytes, number, t } from "../i18n.js";
import { bar } from "../table.js";

/// From this share on it is said that there is little room left.
const SCARCE = 0.8;

/// The room that the plan leaves for files. Answers `{node, refresh, refusal(size, others)}`.
export async function fileRoom(chatbot) {
    const node = el("ul", { class: "meters", "aria-label": t("room.title") });
    const warning = el("p", { class: "form-error", role: "status" });
    let room;

    async function refresh() {
        room = await get(`/chatbots/${chatbot}/knowledge`);
        const { files, max_files: most, stored_bytes: stored, max_stored_bytes: space } = room;
        node.replaceChildren(meter(t("room.files"), files, most, number), meter(t("room.bytes"), stored, space, bytes));
        warning.textContent = [
            isScarce(files, most)
                && t(files < most ? "room.fewFiles" : "room.noFiles", { left: number(Math.max(0, most - files)) }),
            isScarce(stored, space)
                && t(stored < space ? "room.fewBytes" : "room.noBytes", { left: bytes(Math.max(0, space - stored)) }),
        ].filter(Boolean).join(" ");
    }

    await refresh();
    return {
        node: el("div", { class: "stack" }, node, warning,
            el("p", { class: "hint" }, t("room.largest", { size: bytes(room.max_file_bytes) }))),
        refresh,
        /// Why a file of `size` bytes cannot be added beside `others` that wait; null if it can.
        refusal(size, others) {
            const { files, max_files: most, stored_bytes: stored, max_stored_bytes: space } = room;
            const largest = room.max_file_bytes;
            if (size > largest) return t("room.tooLarge", { size: bytes(largest) });
            if (most !== null && files + others >= most) return t("room.noFiles");
            if (space !== null && stored + size > space) return t("room.tooMuch", { left: bytes(Math.max(0, space - stored)) });
            return null;
        },
    };
}

const isScarce = (used, most) => most !== null && used >= SCARCE * most;

function meter(label, used, most, shown) {
    const words = most === null ? t("room.unlimited", { used: shown(used) })
        : t("room.of", { used: shown(used), limit: shown(most) });
    return el("li", {}, el("p", {}, el("span", {}, label), el("strong", {}, words)), most !== null && bar(used / most));
}
