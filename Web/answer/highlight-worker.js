// A classic worker: cuts code into pieces of [kind, text]. Prism only gives tokens here; its HTML is never made.
self.Prism = { manual: true, disableWorkerMessageHandler: true };
importScripts("/assets/vendor/prism/prism.js");

const KINDS = Object.entries({
    comment: ["comment", "prolog", "doctype", "cdata", "shebang"],
    keyword: ["keyword", "atrule", "important", "rule", "tag", "directive", "title", "section"],
    string: ["string", "attr-value", "char", "regex", "url", "template-string", "inserted", "code-snippet"],
    number: ["number", "boolean", "constant", "symbol", "deleted", "nil", "variable", "environment"],
    name: ["function", "class-name", "builtin", "selector", "attr-name", "property", "key", "annotation", "decorator"],
}).flatMap(([kind, types]) => types.map((type) => [type, kind]));
const KIND = new Map(KINDS);

/// Tokens may lie within each other; the innermost kind counts.
function pieces(content, kind, into) {
    if (typeof content === "string") into.push([kind, content]);
    else if (Array.isArray(content)) for (const part of content) pieces(part, kind, into);
    else pieces(content.content, KIND.get(content.type) ?? kind, into);
    return into;
}

onmessage = ({ data: { text, language } }) => {
    const grammar = Object.hasOwn(Prism.languages, language) ? Prism.languages[language] : null;
    const isKnown = grammar !== null && typeof grammar === "object";
    postMessage(isKnown ? pieces(Prism.tokenize(text, grammar), null, []) : null);
};
postMessage("ready");
