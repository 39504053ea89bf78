// A classic worker: turns a formula into a tree of [tag, attributes, children], from which the page makes MathML.
importScripts("/assets/vendor/katex/katex.min.js");

const OPTIONS = { output: "mathml", throwOnError: true, strict: "ignore", trust: false, maxExpand: 300, maxSize: 20 };

function tree(node) {
    if (typeof node.text === "string") return node.text;
    if ("character" in node) return node.character ?? ["mspace", { width: `${node.width}em` }, []];
    const children = (node.children ?? []).filter(({ type }) => type !== "annotation").map(tree);
    return [node.type ?? "mrow", { ...node.attributes }, children];
}

/// KaTeX wraps its `math` element in others.
function mathIn(node) {
    if (node.type === "math") return node;
    for (const child of node.children ?? []) {
        const found = mathIn(child);
        if (found) return found;
    }
    return null;
}

onmessage = ({ data: { text, isBlock } }) => {
    try {
        postMessage(tree(mathIn(katex.__renderToDomTree(text, { ...OPTIONS, displayMode: isBlock }))));
    } catch {
        postMessage(null);
    }
};
postMessage("ready");
