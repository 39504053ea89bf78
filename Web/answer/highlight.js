import { el } from "../dom.js";
import { TimedWorker } from "./timed-worker.js";

/// Longer code stays plain, in UTF-16 units.
const LONGEST = 50_000;
/// Languages by the names that models use beside Prism's own.
const OTHER_NAMES = {
    "c++": "cpp", golang: "go", ini: "ini", console: "bash", zsh: "bash", node: "javascript", postgresql: "sql",
    mysql: "sql", ps1: "powershell", "c#": "csharp", vue: "markup", htm: "markup", cjs: "javascript", mjs: "javascript",
};
const KINDS = new Set(["comment", "keyword", "string", "number", "name"]);
const worker = new TimedWorker("/assets/answer/highlight-worker.js", 5000);

/// Colours the code in `node`, some time later. What is no longer on the page is left out.
export async function highlight(node, text, language) {
    if (!language || text.length > LONGEST) return;
    const name = language.toLowerCase();
    const question = { text, language: OTHER_NAMES[name] ?? name };
    // While a reply is written, its last block is replaced again and again.
    await new Promise((resolve) => setTimeout(resolve, 150));
    const pieces = await worker.ask(question, () => node.isConnected);
    if (!Array.isArray(pieces)) return;
    node.replaceChildren(...pieces.map(([kind, piece]) => (KINDS.has(kind) ? el("span", { class: `is-${kind}` }, piece) : piece)));
}
