"""What a reply may contain: coloured code, formulas, task lists, footnotes, links that are defined later."""

import pytest
from playwright.sync_api import expect

FORMULAS = r"""সূত্রটি $x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}$ এবং \(E = mc^2\)।

$$
\int_0^1 x^2\,dx = \frac{1}{3}
$$

\[ \mathbb{R} \subset \mathbb{C} \]

It costs $5, then $10 and $PATH:$HOME; `$a$` is code. \frac is unfinished: $\frac{1$."""
RICH = r"""## যা করা হয়েছে

- [x] ফাইল খোলা 👋
- [ ] أضف السطر
- plain

See [the manual][1] and a note[^1], too.[^দুই]

```python
# 一个例子 <b>
def greet(name: str = "ধন্যবাদ") -> int:
	return 42
```

[^1]: The **first** footnote.
[^দুই]: দ্বিতীয় পাদটীকা।

[1]: https://example.org/manual
"""


def ask(console, scripted, reply):
    console.register()
    scripted.model.reply = reply
    console.say("দেখাও")
    console.finished()
    return console.reply


def test_formulas_are_typeset_and_money_is_not(console, scripted):
    text = ask(console, scripted, FORMULAS)
    expect(text.locator("math")).to_have_count(4)
    expect(text.locator("math[display=block]")).to_have_count(2)
    expect(text.locator("mfrac")).to_have_count(2)
    # Drawn by a font for mathematics, or else by a line above.
    expect(text.locator("msqrt, .root")).to_have_count(1)
    root = text.locator("msqrt, .root")
    inner = "node => [...node.querySelectorAll('msup')].map((part) => part.getBoundingClientRect().left)"
    assert root.bounding_box()["x"] + 2 < min(root.evaluate(inner)), "there is no root sign"
    expect(text.locator("math").last).to_contain_text("ℝ")
    expect(text).to_contain_text("It costs $5, then $10 and $PATH:$HOME;")
    expect(text).to_contain_text(r"\frac is unfinished: $\frac{1$.")
    expect(text.locator("code")).to_have_text("$a$")
    console.check("formulas")


def test_a_formula_that_cannot_be_typeset_stays_as_it_was_written(console, scripted):
    text = ask(console, scripted, r"$\frac{a$ and $$\undefined_x \href{javascript:alert(1)}{\includegraphics{x}}$$ and $\alpha$")
    expect(text.locator("math")).not_to_have_count(0)
    expect(text).to_contain_text(r"$\frac{a$")
    assert text.locator("a, img, [href], [src], [style]").count() == 0


def test_a_formula_without_end_does_not_stop_the_page(console, scripted):
    bomb = r"$\def\a{\b\b\b\b}\def\b{\c\c\c\c}\def\c{\d\d\d\d}\def\d{\e\e\e\e}\def\e{\a\a}\a$ then $x$"
    text = ask(console, scripted, bomb)
    expect(text.locator("math")).to_have_count(1)
    expect(text).to_contain_text(r"\def\a")


def test_tasks_footnotes_and_links_that_are_defined_later(console, scripted):
    text = ask(console, scripted, RICH)
    tasks = text.locator("li.task")
    expect(tasks).to_have_count(2)
    expect(tasks.first).to_have_text("☑ফাইল খোলা 👋")
    lines = tasks.first.evaluate("node => [...node.children].map((part) => Math.round(part.getBoundingClientRect().top))")
    assert max(lines) - min(lines) <= 4, lines
    assert tasks.first.evaluate("node => getComputedStyle(node).listStyleType") == "none"
    assert text.get_by_role("link", name="the manual").get_attribute("href") == "https://example.org/manual"
    expect(text).not_to_contain_text("[1]:")
    text.get_by_role("button", name="Footnote দুই", exact=True).click()
    note = text.locator("[data-note='দুই']")
    expect(note).to_be_focused()
    expect(note).to_contain_text("দ্বিতীয় পাদটীকা।")
    note.get_by_role("button", name="Back to the text").click()
    expect(text.get_by_role("button", name="Footnote দুই", exact=True)).to_be_focused()
    expect(text.locator("[data-note='1'] strong")).to_have_text("first")
    expect(text.locator("pre .is-keyword").first).to_have_text("def")
    console.check("rich-answer")


def test_code_is_coloured_and_stays_what_it_is(console, scripted):
    text = ask(console, scripted, RICH)
    code = text.locator("pre code")
    expect(code.locator(".is-keyword")).to_have_text(["def", "return"])
    expect(code.locator(".is-comment")).to_have_text("# 一个例子 <b>")
    expect(code.locator(".is-string")).to_have_text('"ধন্যবাদ"')
    assert code.text_content() == '# 一个例子 <b>\ndef greet(name: str = "ধন্যবাদ") -> int:\n    return 42'
    loaded = console.page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [name for name in loaded if "katex" in name], "no formula, so KaTeX is not needed"


def test_plain_answers_load_neither_highlighter_nor_typesetter(console, scripted):
    asked = []
    console.page.on("request", lambda request: asked.append(request.url))
    console.context.on("request", lambda request: asked.append(request.url))
    ask(console, scripted, "**Bold** and `code` and an unknown language:\n\n```\nplain\n```")
    assert not [url for url in asked if "prism" in url or "katex" in url]


def test_long_code_is_folded(console, scripted):
    lines = [f"linje_{number} = {number}" for number in range(100)]
    text = ask(console, scripted, "```python\n" + "\n".join(lines) + "\n```")
    block = text.locator(".code")
    expect(block).to_have_class("code folded")
    folded = block.bounding_box()["height"]
    text.get_by_role("button", name="Show all 100 lines").click()
    assert block.bounding_box()["height"] > folded * 2
    expect(text.get_by_role("button", name="Show fewer lines")).to_have_attribute("aria-expanded", "true")
    console.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text.get_by_role("button", name="Copy code").click()
    assert console.page.evaluate("navigator.clipboard.readText()") == "\n".join(lines)
    wrap = text.get_by_role("button", name="Wrap long lines")
    wrap.click()
    expect(wrap).to_have_attribute("aria-pressed", "true")


def test_lines_have_a_length_that_reads_well(console, scripted):
    ask(console, scripted, " ".join(["the quick brown fox jumps over the lazy dog"] * 20) + "\n\n" + "ধন্যবাদ " * 80)
    widths = console.page.locator(".message.theirs .text > p").evaluate_all("nodes => nodes.map((node) => node.clientWidth)")
    assert max(widths) <= 560
    style = console.reply.locator("p").first.evaluate("node => [getComputedStyle(node).fontSize, getComputedStyle(node).lineHeight]")
    assert style == ["16px", "26px"]


@pytest.mark.parametrize("language", ["en", "bn"])
def test_a_long_message_of_ones_own_is_folded(open_console, scripted, language):
    console = open_console(scripted.url)
    console.register()
    page = console.page
    page.evaluate("code => localStorage.setItem('mynah.language', code)", language)
    page.reload()
    everything, less = {"en": ("Show all", "Show less"), "bn": ("পুরোটা দেখান", "কম দেখান")}[language]
    sentence = "একটি লম্বা বাক্য, যা অনেকবার আসে। "
    page.locator("#message").fill(sentence * 200)
    page.locator("#message").press("Enter")
    own = page.locator(".message.ours .text")
    expect(own).to_have_class("text folded")
    expect(page.locator(".message.theirs .text")).to_have_text("Hello. ")
    button = page.get_by_role("button", name=everything, exact=True)
    before = own.bounding_box()["height"]
    button.click()
    assert own.bounding_box()["height"] > before * 2
    page.get_by_role("button", name=less, exact=True).click()
    expect(own).to_have_class("text folded")
    assert own.text_content() == (sentence * 200).strip()


def test_a_highlighter_that_finds_no_end_is_ended(console, scripted):
    scripts = iter(['postMessage("ready"); onmessage = () => { for (;;); };'])

    def first_one_hangs(route):
        script = next(scripts, None)
        if script:
            route.fulfill(body=script, content_type="text/javascript")
        else:
            route.continue_()

    console.context.route("**/highlight-worker.js", first_one_hangs)
    text = ask(console, scripted, "```python\nreturn 1\n```")
    expect(text.locator("pre code")).to_have_text("return 1")
    scripted.model.reply = "```python\nreturn 2\n```"
    console.say("আবার")
    expect(console.messages).to_have_count(4)
    expect(console.reply.locator(".is-keyword")).to_have_text("return")
    expect(console.page.locator(".message .is-keyword")).to_have_count(1)
