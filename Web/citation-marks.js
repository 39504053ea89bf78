const MARKER = /\[(\d{1,3})\]/;

/// Puts `chip(citation)` in place of the markers `[n]` in a reply's text, but for those in code, links and formulas.
export function markCitations(body, citations, chip) {
    const known = new Map(citations.map((citation) => [String(citation.n), citation]));
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const node of texts) {
        if (node.parentElement.closest("code, a, button, .math")) continue;
        const parts = node.data.split(MARKER);
        if (parts.length === 1) continue;
        // Every second part is a number.
        node.replaceWith(...parts.map((part, at) => (at % 2 === 0 ? part
            : known.has(part) ? chip(known.get(part)) : `[${part}]`)).filter((part) => part !== ""));
    }
}
