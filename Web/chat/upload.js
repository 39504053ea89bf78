import { APIError, post, remove } from "../api.js";
import { language, number, t } from "../i18n.js";

/// Maximum size of a file that a message can have, in bytes, as the server says.
const LARGEST = 16 << 20;
/// What models can be given, by the types that the server detects.
const READABLE = /^(text\/.*|application\/(pdf|json|jsonl|xml|yaml)|image\/(png|jpeg|gif|webp|svg\+xml))$/;
const ATTEMPTS = 3;

/// What a dialog for files offers first.
export const ACCEPTED = "image/png,image/jpeg,image/gif,image/webp,application/pdf,text/*,.md,.csv,.json,.xml,.yaml,.yml";

/// Sends a file in parts, each of them again if the connection breaks. `onprogress` gets the part that is done, from 0 to 1.
/// Answers the complete upload, or throws an APIError in the reader's words.
export async function upload(file, { onprogress, signal }) {
    if (file.size > LARGEST) throw new APIError({ code: "file_too_large", message: t("attach.large", { size: number(LARGEST >> 20) }) });
    const complete = await uploadAny(file, { onprogress, signal });
    if (READABLE.test(complete.content_type)) return complete;
    discard(complete.id);
    throw new APIError({ code: "file_not_readable", message: t("attach.unreadable") });
}

/// The same for a file of any size and type.
export async function uploadAny(file, { onprogress, signal }) {
    const begun = await post("/uploads", { name: file.name || "file", bytes: file.size }, { signal });
    try {
        for (let start = 0, number = 1; start < file.size; start += begun.part_bytes, number += 1) {
            const part = file.slice(start, start + begun.part_bytes);
            await put(`/uploads/${begun.id}/${number}`, part, {
                signal, onprogress: (bytes) => onprogress((start + bytes) / file.size),
            });
        }
        return await post(`/uploads/${begun.id}/complete`, {}, { signal });
    } catch (error) {
        discard(begun.id);
        throw error;
    }
}

/// Gives the room of an upload back that will not be used.
export function discard(id) {
    remove(`/uploads/${id}`).catch(() => {});
}

async function put(path, part, options) {
    for (let attempt = 1; ; attempt += 1) {
        try {
            return await putOnce(path, part, options);
        } catch (error) {
            if (error.status !== 0 || attempt === ATTEMPTS || options.signal?.aborted) throw error;
            await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
        }
    }
}

/// `fetch` does not tell how much has been sent.
function putOnce(path, part, { onprogress, signal }) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("PUT", path);
        request.setRequestHeader("Accept-Language", language());
        request.responseType = "json";
        request.upload.onprogress = (event) => onprogress(event.loaded);
        request.onload = () => {
            if (request.status < 300) return resolve(request.response);
            const { code = "unknown", message } = request.response?.error ?? {};
            return reject(new APIError({ status: request.status, code, message }));
        };
        request.onerror = () => reject(new APIError({ message: t("error.network") }));
        request.onabort = () => reject(new DOMException("", "AbortError"));
        signal?.addEventListener("abort", () => request.abort());
        request.send(part);
    });
}
