"""The widget's small lexer, compared with marked, which the console uses."""

import random

import pytest

# Flattens tokens to what is shown: marks of the lexers that nobody sees are left out.
FLAT = """
const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
const plain = (text) => text.replace(/&(?:lt|gt|quot|#39|amp);/g, (each) => entities[each]);
const one = (token) => {
    switch (token.type) {
    case "list": return { list: token.ordered, start: token.start || "", items: token.items.map((item) => flat(item.tokens)) };
    case "table": return { align: token.align, rows: [token.header, ...token.rows].map((row) => row.map((cell) => flat(cell.tokens))) };
    case "code": return { code: token.text, lang: token.lang || "" };
    case "codespan": return { span: plain(token.text) };
    case "text": return token.tokens ? flat(token.tokens) : plain(token.text);
    case "paragraph": return { block: flat(token.tokens) };
    case "escape": return token.text;
    case "br": return "\\n";
    case "html": return /^<br *\\/?>$/i.test(token.raw) ? "\\n" : token.raw;
    case "link": return { href: plain(token.href), text: flat(token.tokens) };
    case "image": return { image: plain(token.href), text: token.text };
    case "heading": return { heading: token.depth, text: flat(token.tokens) };
    default: return { [token.type]: flat(token.tokens) };
    }
};
const flat = (tokens) => (tokens ?? []).filter(({ type }) => type !== "space" && type !== "def").map(one)
    .flatMap((each) => (each.block ? each.block : Array.isArray(each) ? each : [each]))
    .reduce((all, each) => {
        if (typeof each === "string" && typeof all.at(-1) === "string") all[all.length - 1] += each;
        else all.push(each);
        return all;
    }, []);
"""

TEXTS = [
    "# Title\n\nSome **bold**, *em* and `code`.\n\n1. one\n2. two\n   - a\n   - b\n3. three\n\nEnd.",
    "- a\n- b\n  - c\n    - d\n- e", "- a\n\n- b", "> quote\n> more\n\ntext", "> - a\n> - b\n>\n> c",
    "```js\nlet a = 1;\n\nlet b;\n```\nafter", "~~~\nx\n~~~", "| a | b |\n|---|:-:|\n| 1 | `x` |\n| 2 |\n\nend",
    "~~del~~ and __b__ snake_case_name 2 * 3 * 4", "[l](https://x.y/a_(b)) ![i](https://x/y.png) <https://a.b> end",
    "[t](https://x.y \"title\") and https://c.d/e?f=1. End", "line\\\nbreak\nsoft", "* a\n* b\n\n---\n\nhm", "1. first\n\n   para\n\n2. second",
    "**重要**：请先保存。", "**বাংলা:** টেক্সট *জোর* দিন। `কোড`", "**مهم:** اضبط `PATH` أولاً.\n\n1. افتح\n2. أغلق", "- [ ] todo\n- [x] done",
    "a < b && c > d \"q\" 'r'", "text\n- item\n- item2", "text\n1. one\n2. two", "a * b * c", "**a *b* c**", "`` a`b ``", "*a **b** c*",
    "# h #\n## \n####### x", "🦜 **🦜** [🦜](https://x.y/🦜)", "\\*not\\* \\_this\\_ 1\\. x", "3. three\n4. four", "+ a\n+ b", "a<br>b", "<b>bold</b> <script>x</script>",
    "****", "**", "`", "[", "![", "](", "[a](", "-", "1.", ">", "#", "|", "|-|", "<", "\\", "_", "~~",
]
HOSTILE = {
    "stars": "*a " * 12000, "brackets": "[" * 40000, "quotes": ">" * 20000, "hashes": "# " * 20000,
    "spaces": "# " + " " * 40000 + "x", "lines": "_a _" * 10000, "links": "[a](" * 10000, "lists": "- " * 20000,
    "nested": "\n".join(" " * depth + "- x" for depth in range(400)), "images": "![" * 20000, "addresses": "https://a " * 4000,
    "rule": "* " * 1999 + "x", "strong": "***a " * 8000, "mixed": "**a*b_c~~d`" * 4000, "code": "`a" * 20000,
    "deep": "\n".join("> " * depth + "x" for depth in range(300)), "delimiter": "|a\n|" + "-|" * 1900 + "x", "less": "<" * 40000,
    "ticks": "".join("`" * length + " " for length in range(1, 250)), "bengali": "**বাংলা** " * 8000,
}


@pytest.fixture
def lex(console, scripted):
    console.open("/register")
    console.page.add_script_tag(url="/assets/vendor/marked/marked.umd.min.js")
    return lambda texts, body: console.page.evaluate(
        f"async (texts) => {{ const {{ lex }} = await import('/assets/widget/lexer.js'); {FLAT} {body} }}", texts)


def test_it_reads_what_marked_reads(lex):
    pairs = lex(TEXTS, "return texts.map((text) => [flat(lex(text)), flat(marked.lexer(text))].map(JSON.stringify));")
    assert [(text, *pair) for text, pair in zip(TEXTS, pairs) if pair[0] != pair[1]] == []


def test_it_shows_what_comes_of_a_text_as_it_streams(lex):
    # Code whose end has not come yet is code already.
    assert lex(["```js\nlet a = 1;"], "return texts.map((text) => lex(text)[0].type);") == ["code"]
    whole = TEXTS[0] + "\n\n" + TEXTS[7]
    parts = [whole[:end] for end in range(len(whole))]
    lost = lex(parts, """return texts.filter((text) => {
        const raw = lex(text).map((token) => token.raw).join("");
        return raw.replaceAll(/\\s/g, "") !== text.replaceAll(/\\s/g, "");
    });""")
    assert lost == []


def test_no_text_is_slow_or_an_error(lex):
    took = lex(HOSTILE, """return Object.fromEntries(Object.entries(texts).map(([name, text]) => {
        const started = performance.now();
        lex(text);
        return [name, performance.now() - started];
    }));""")
    assert {name: round(time) for name, time in took.items() if time > 1500} == {}
    chance = random.Random(7)
    pieces = ["*", "**", "_", "`", "```", "\n", "\n\n", "- ", "1. ", "> ", "# ", "[", "](", ")", "!", "|", "|-|", "\t", "  ", "\\", "<", ">", "a", "ক", "م", "字", "🦜",
              "https://x.y", "~~"]
    texts = ["".join(chance.choices(pieces, k=chance.randint(1, 60))) for _ in range(3000)]
    lost = lex(texts, """return texts.filter((text) => {
        const raw = lex(text).map((token) => token.raw).join("");
        return raw.replaceAll(/\\s/g, "") !== text.replaceAll(/\\s/g, "");
    });""")
    assert lost == []
