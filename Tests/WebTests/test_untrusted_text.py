"""Text of users and models is never executed."""

from playwright.sync_api import expect

HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script><b>bold</b>"\'><svg onload=alert(3)>'
REPLY = f"""{HOSTILE}

[click](javascript:alert(4)) [data](data:text/html,<script>alert(5)</script>) [good](https://example.org/?a=1&b=2)

![picture](https://example.org/x.png) <a href="javascript:alert(6)">x</a>

<div onclick="alert(9)"><script>alert(10)</script></div>

| a | b |
|---|---|
| <script>alert(7)</script> | `<b>code</b>` |

```html
<script>alert(8)</script>
```"""


def test_hostile_text_stays_text(console, scripted):
    page = console.page
    console.register()
    bot = console.call("POST", "/chatbots", {"name": HOSTILE, "description": HOSTILE, "greeting": HOSTILE})
    console.call("POST", f"/chatbots/{bot['id']}/prompts", {"content": HOSTILE})

    console.open("/chatbots")
    expect(page.get_by_role("heading", name=HOSTILE, level=2)).to_be_visible()
    console.open(f"/chatbots/{bot['id']}")
    expect(console.heading(HOSTILE)).to_be_visible()
    expect(page.get_by_label("New version")).to_have_value(HOSTILE)
    page.get_by_text("Version 1").click()
    expect(page.locator(".versions .raw")).to_have_text(HOSTILE)

    scripted.model.reply = REPLY
    page.get_by_role("link", name="Chat", exact=True).click()
    expect(page.locator(".greeting-words")).to_have_text(HOSTILE)
    console.say(HOSTILE)
    console.finished()
    expect(page.locator(".message.ours .text")).to_have_text(HOSTILE)
    expect(console.heading(HOSTILE[:59].strip() + "…")).to_be_visible()
    assert page.locator(".message :is(script, img, b, svg:not(.icon), iframe)").count() == 0
    assert page.locator(".message :is([onerror], [onload], [onclick], [style])").count() == 0
    links = page.locator(".message a").evaluate_all("nodes => nodes.map((node) => [node.href, node.rel, node.target])")
    rel, target = "noopener noreferrer", "_blank"
    assert links == [["https://example.org/?a=1&b=2", rel, target], ["https://example.org/x.png", rel, target]]
    expect(page.locator(".message pre")).to_have_text("<script>alert(8)</script>")
    expect(page.locator(".message td").nth(1)).to_have_text("<b>code</b>")
    expect(console.reply).to_contain_text("alert(2)</script>")


def test_markdown_is_shown_as_what_it_means(console, scripted):
    console.register()
    scripted.model.reply = "### Title\n\nSome **bold** and `code`.\n\n1. one\n2. two\n\n```python\nprint(1 < 2)\n```"
    console.say("Show me.")
    console.finished()
    text = console.reply
    expect(text.get_by_role("heading", name="Title")).to_be_visible()
    expect(text.locator("strong")).to_have_text("bold")
    expect(text.get_by_role("listitem")).to_have_count(2)
    expect(text.locator("pre code")).to_have_text("print(1 < 2)")
    console.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text.get_by_role("button", name="Copy code").click()
    assert console.page.evaluate("navigator.clipboard.readText()") == "print(1 < 2)"
    console.check("markdown")
