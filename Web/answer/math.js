import { el } from "../dom.js";
import { styled } from "./math-letters.js";
import { TimedWorker } from "./timed-worker.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const TAGS = new Set([
    "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts", "mroot",
    "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
    "none", "semantics",
]);
const ATTRIBUTES = new Set([
    "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle", "fence",
    "form", "height", "largeop", "linethickness", "lspace", "mathbackground", "mathcolor", "maxsize", "minsize",
    "movablelimits", "notation", "rowlines", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy", "symmetric",
    "voffset", "width",
]);
/// Longer formulas stay as they are written, in UTF-16 units.
const LONGEST = 5000;
const worker = new TimedWorker("/assets/answer/math-worker.js", 5000);

/// A formula: as it is written at first, and typeset some time later if it can be.
export function math({ raw, text, isBlock }) {
    const node = el("span", { class: isBlock ? "math block" : "math", dir: "ltr" }, raw.trim());
    if (text.length <= LONGEST) typeset(node, text, isBlock);
    return node;
}

async function typeset(node, text, isBlock) {
    await Promise.resolve();
    const tree = await worker.ask({ text, isBlock }, () => node.isConnected);
    if (!Array.isArray(tree)) return;
    node.replaceChildren(made(tree));
    if (isBlock) Object.assign(node, { tabIndex: 0 }).setAttribute("role", "math");
}

/// Without a font for mathematics, browsers leave the sign of a root out.
let drawsRoots = null;

function canDrawRoots() {
    const [root, letter] = [["msqrt", {}, [["mi", {}, ["x"]]]], ["mi", {}, ["x"]]].map((tree) => made(tree, true));
    const probe = el("p", { class: "sr-only" }, ...[root, letter].map((part) => {
        const math = document.createElementNS(MATHML, "math");
        math.append(part);
        return math;
    }));
    document.body.append(probe);
    drawsRoots = root.getBoundingClientRect().width > letter.getBoundingClientRect().width + 2;
    probe.remove();
    return drawsRoots;
}

/// A root as its sign and a line above what it is of.
function plainRoot(tag, children) {
    const [of, degree] = tag === "mroot" ? [[children[0]], children[1]] : [children, null];
    const sign = made(["mo", { stretchy: "false" }, ["√"]]);
    const under = made(["mrow", {}, of]);
    under.setAttribute("class", "under-root");
    const node = made(["mrow", {}, []]);
    node.setAttribute("class", "root");
    node.append(degree ? made(["msup", {}, [["mrow", {}, []], degree]]) : "", sign, under);
    return node;
}

function made(tree, isProbe = false) {
    if (typeof tree === "string") return tree;
    const [tag, attributes, children] = tree;
    if (/^m(sqrt|root)$/.test(tag) && !isProbe && !(drawsRoots ?? canDrawRoots())) return plainRoot(tag, children);
    const node = document.createElementNS(MATHML, TAGS.has(tag) ? tag : "mrow");
    for (const [name, value] of Object.entries(attributes)) {
        if (ATTRIBUTES.has(name)) node.setAttribute(name, value);
    }
    node.append(...children.map((child) => (typeof child === "string" ? styled(child, attributes.mathvariant) : made(child, isProbe))));
    if (attributes.mathvariant === "normal") node.setAttribute("mathvariant", "normal");
    return node;
}
