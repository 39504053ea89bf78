"""The widget in the console: its look with a preview, and the snippet, which a page of a website then uses."""

import re

import pytest
from playwright.sync_api import expect
from website import SCREENSHOTS, TEXTS, Visitor


@pytest.fixture
def section(console, scripted):
    console.register()
    console.bot = console.call("POST", "/chatbots", {"name": "Lamp guide", "greeting": "Hello! Ask me."})
    console.open(f"/chatbots/{console.bot['id']}")
    found = console.page.get_by_role("region", name="On your website")
    expect(found).to_be_visible()
    return found


def test_a_widget_from_its_look_to_a_page(console, section, browser, website, scripted):
    page, preview = console.page, section.locator(".widget-preview")
    expect(preview.get_by_role("heading", name="Lamp guide")).to_be_visible()
    expect(preview.get_by_text("Hello! Ask me.")).to_be_visible()
    console.check("website")
    # The preview follows what is typed, and takes no focus.
    section.get_by_label("Heading").fill("আমাদের জিজ্ঞাসা করুন")
    expect(preview.get_by_role("heading", name="আমাদের জিজ্ঞাসা করুন")).to_be_visible()
    expect(section.get_by_label("Heading")).to_be_focused()
    section.locator("[name=starters]").fill("Where is my order?\n\nهل الشحن مجاني؟ 🚚\n")
    section.get_by_label("Side").select_option("Left")
    section.get_by_label("Theme").select_option("Dark")
    section.get_by_label("Colour").fill("#0b6e4f")
    section.get_by_label("“Powered by Mynah”").select_option("Hide")
    expect(preview.get_by_role("button", name=TEXTS["en"]["attach"])).to_be_hidden()
    section.get_by_label("Files from visitors").select_option("May be attached to messages")
    expect(preview.get_by_role("button", name=TEXTS["en"]["attach"])).to_be_visible()
    expect(preview.locator(".starter")).to_have_count(2)
    expect(preview.locator(".credit")).to_be_hidden()
    section.get_by_role("button", name="Save the widget").click()
    expect(section.get_by_text("Saved.")).to_be_visible()
    assert console.call("GET", f"/chatbots/{console.bot['id']}/widget") == {
        "look": {"side": "left", "theme": "dark", "accent": "#0b6e4f"}, "greeting": None, "title": "আমাদের জিজ্ঞাসা করুন",
        "starters": ["Where is my order?", "هل الشحن مجاني؟ 🚚"], "powered_by": False, "attachments": True,
    }
    preview.get_by_role("button", name="Where is my order?").click()
    expect(preview.locator(".messages .theirs")).to_contain_text("This is only a preview.")
    section.screenshot(path=SCREENSHOTS / "website-section.png")
    console.check("website-set")

    code = section.get_by_role("region", name="Snippet")
    expect(code).to_contain_text('data-key="mk_pub_…"')
    section.get_by_role("button", name="Create a key for a website").click()
    dialog = page.get_by_role("dialog", name="Create a key for a website")
    dialog.get_by_label("Websites").fill(website.url)
    dialog.get_by_role("button", name="Create key").click()
    expect(section.get_by_text("The snippet has your new key now.")).to_be_visible()
    snippet = code.inner_text()
    assert re.fullmatch(
        rf'<script src="{scripted.url}/widget.js" data-key="mk_pub_\w+" data-side="left" data-accent="#0b6e4f" async>'
        r"</script>", snippet), snippet
    page.reload()
    expect(section.get_by_label("Heading")).to_have_value("আমাদের জিজ্ঞাসা করুন")
    expect(code).not_to_contain_text("mk_pub_0")

    visitor = Visitor(browser)
    visitor.page.goto(website.serve(scripted.url, snippet))
    assert visitor.launcher.bounding_box()["x"] < 100
    visitor.open(website.serve(scripted.url, snippet))
    expect(visitor.panel.get_by_role("heading", name="আমাদের জিজ্ঞাসা করুন")).to_be_visible()
    visitor.say("Hello?")
    visitor.finished()
    visitor.close()


def test_what_is_wrong_is_told_beside_its_field(console, section):
    section.locator("[name=starters]").fill("\n".join("abcdefg"))
    console.expect("PUT", f"/chatbots/{console.bot['id']}/widget", 422)
    section.get_by_role("button", name="Save the widget").click()
    expect(section.get_by_text("'starters' must have at most 6 items.")).to_be_visible()
    expect(section.locator("[name=starters]")).to_be_focused()


def test_a_publishable_key_comes_with_its_snippet(console, section):
    console.open(f"/chatbots/{console.bot['id']}/keys")
    console.page.get_by_role("button", name="New key").click()
    dialog = console.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Website")
    dialog.get_by_label("Kind").select_option("Publishable, for a website")
    dialog.get_by_label("Websites").fill("https://shop.example")
    dialog.get_by_role("button", name="Create key").click()
    shown = console.page.get_by_role("dialog", name="Your key “Website”")
    expect(shown.get_by_text("It may stand in pages of its websites")).to_be_visible()
    key = shown.get_by_role("region", name="Key", exact=True).inner_text()
    expect(shown.get_by_role("region", name="Example for HTML")).to_contain_text(f'data-key="{key}" async')


def test_the_preview_speaks_the_consoles_language(open_console, scripted):
    console = open_console(scripted.url, locale="bn-BD")
    console.open("/register")
    console.page.get_by_label("ব্যবহারকারীর নাম").fill("দোকানদার")
    console.page.get_by_label("পাসওয়ার্ড").fill("a calm bird sings")
    console.page.get_by_role("button", name="অ্যাকাউন্ট").last.click()
    expect(console.page.locator(".sidebar")).to_be_visible()
    bot = console.call("GET", "/chatbots")["data"][0]["id"]
    console.open(f"/chatbots/{bot}")
    preview = console.page.locator(".widget-preview")
    expect(preview.get_by_placeholder(TEXTS["bn"]["placeholder"])).to_be_visible()
    expect(console.page.get_by_role("heading", name="আপনার ওয়েবসাইটে")).to_be_visible()
    console.check("website-bengali")


def test_allowed_websites_are_listed_changed_and_checked(console, section, browser, website, scripted):
    page = console.page
    expect(section.get_by_text("No website is allowed yet.")).to_be_visible()
    path = f"/chatbots/{console.bot['id']}/api-keys"
    key = console.call("POST", path, {"name": "দোকান", "kind": "publishable", "origins": ["https://www.shop.example"]})
    console.call("POST", path, {"name": "A server", "kind": "secret"})
    ended = console.call("POST", path, {"name": "Ended", "kind": "publishable", "origins": ["https://old.example"]})
    console.call("DELETE", f"{path}/{ended['id']}")
    page.reload()
    rows = section.locator(".rows li")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("https://www.shop.example")

    def says(address, words):
        section.get_by_label("Does it work on a page?").fill(address)
        section.get_by_role("button", name="Check", exact=True).click()
        expect(section.get_by_text(words)).to_be_visible()

    says("https://www.shop.example/help?a=1", "Yes. https://www.shop.example is one of the websites of the key “দোকান”.")
    says("www.shop.example", "Yes. https://www.shop.example is one")
    says("https://shop.example/", "No. https://www.shop.example is allowed, but https://shop.example is another website")
    says("http://www.shop.example", "but http://www.shop.example is another website")
    says("www.shop.example:8443/x", "but https://www.shop.example:8443 is another website")
    says("https://evil.example", "No. https://evil.example is not one of the allowed websites.")
    says("https://old.example", "No. https://old.example is not one")
    says("javascript:alert(1)", "This is not the address of a web page.")
    says("not an address at all", "This is not the address of a web page.")
    console.check("website-sites")

    # The website of this test is refused, then allowed.
    snippet = f'<script src="{scripted.url}/widget.js" data-key="{key["key"]}" async></script>'
    visitor = Visitor(browser)
    visitor.expected = {403}
    visitor.open(website.serve(scripted.url, snippet))
    expect(visitor.notice).not_to_be_empty()
    visitor.problems.clear()
    section.get_by_role("button", name="Change the websites of the key “দোকান”").click()
    dialog = page.get_by_role("dialog", name="Websites of the key “দোকান”")
    websites = dialog.get_by_label("Websites")
    expect(websites).to_have_value("https://www.shop.example")
    websites.fill("not an origin")
    console.expect("PATCH", f"{path}/{key['id']}", 422)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("textarea")).to_have_attribute("aria-invalid", "true")
    websites.fill(f"https://www.shop.example\n{website.url}")
    dialog.get_by_role("button", name="Save").click()
    expect(section.get_by_text("The websites of “দোকান” were changed.")).to_be_visible()
    expect(section.get_by_role("button", name="Change the websites of the key “দোকান”")).to_be_focused()
    says(website.url, "Yes. ")
    visitor.expected = set()
    visitor.open(website.serve(scripted.url, snippet))
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
    visitor.close()


def test_react_and_wordpress_have_snippets_that_work(console, section, browser, website, scripted):
    section.get_by_label("Side").select_option("Left")
    section.get_by_role("button", name="Save the widget").click()
    expect(section.get_by_text("Saved.")).to_be_visible()
    path = f"/chatbots/{console.bot['id']}/api-keys"
    key = console.call("POST", path, {"kind": "publishable", "origins": [website.url]})["key"]

    def shown(name):
        section.get_by_text(name, exact=True).first.click()
        return section.get_by_role("region", name=f"Example for {name}").inner_text().replace("mk_pub_…", key)

    react, php = shown("React"), shown("WordPress")
    console.check("website-snippets")
    # React calls an effect when the component is on the page, in development twice.
    website.files["/react.js"] = ("text/javascript", "export const useEffect = (run) => { run(); run(); };", {})
    website.files["/chat.js"] = ("text/javascript", react.replace('"react"', '"/react.js"') + "\nChatWidget();", {})
    said = re.search(r"echo '(.*)';", php)[1]
    for scripts in ('<script src="/chat.js" type="module"></script>', said):
        visitor = Visitor(browser)
        address = website.serve(scripted.url, scripts)
        # A script that a component adds is what trusted types are there to forbid.
        policy = website.files["/"][2]
        policy["Content-Security-Policy"] = policy["Content-Security-Policy"].replace("require-trusted-types-for 'script'; ", "")
        visitor.open(address)
        expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
        expect(visitor.launcher).to_have_count(1)
        assert visitor.launcher.bounding_box()["x"] < 100
        visitor.close()
