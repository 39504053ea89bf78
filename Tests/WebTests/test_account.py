"""Users see their plan, limits and usage, and manage their account."""

import json
import re

import httpx
import pytest
from conftest import PASSWORD, totp
from playwright.sync_api import expect


@pytest.fixture
def console(open_console, run):
    return open_console(run.url, timezone_id="Asia/Dhaka")


def section(console, name):
    return console.page.locator("section.card").filter(
        has=console.page.get_by_role("heading", name=name, level=2, exact=True)
    )


def sign_in(console, name, code=None):
    page = console.page
    console.open("/sign-in")
    page.get_by_label("Username or e-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    if code is not None:
        expect(page.get_by_label("Code from your authenticator app")).to_be_focused()
        page.get_by_label("Code from your authenticator app").fill(code)
        page.get_by_role("button", name="Sign in").click()


def test_what_is_left_of_the_plan(console, run):
    console.register()
    console.open("/account")
    usage = section(console, "Plan and usage")
    expect(usage.get_by_text("0 of 500, 500 left")).to_be_visible()
    expect(usage.get_by_text("5 left, 5 a month")).to_be_visible()
    expect(usage.get_by_text("0 of 10, 10 left")).to_be_visible()
    # Midnight UTC, by the clock in Dhaka.
    expect(usage.get_by_text(re.compile(r"Today's counts begin anew on .*6:00.AM"))).to_be_visible()

    run.operators.call("PUT", "/admin/prices/scripted", {"input_per_million": 0, "output_per_million": 1_000_000})
    console.open("/")
    console.say("Hello")
    console.finished()
    run.operators.call("DELETE", "/admin/prices/scripted")
    console.open("/account")
    expect(usage.get_by_text("1 of 500, 499 left")).to_be_visible()
    expect(usage.get_by_text("1 of 100, 99 left")).to_be_visible()
    expect(usage.get_by_text(re.compile(r"4\.9999\d+ left, 5 a month"))).to_be_visible()
    usage.scroll_into_view_if_needed()
    console.check("account-usage")


def test_the_limits_messages(console, run):
    page = console.page
    name = console.register()
    user = run.operators.user(name)["id"]
    run.operators.call("PATCH", f"/admin/users/{user}", {"limits": {"messages_per_day": 1}})
    console.say("First")
    console.finished()
    conversation = page.url.split("/c/")[1]
    path = f"/conversations/{conversation}/messages"

    console.expect("POST", path, 429)
    console.say("Second")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(re.compile(r"reached today's limit\. You can go on at .*6:00.AM"))
    expect(console.composer).to_have_value("Second")
    expect(console.messages).to_have_count(2)
    console.check("limit-reached")

    run.operators.call("PATCH", f"/admin/users/{user}", {"limits": None})
    run.operators.call("POST", f"/admin/users/{user}/credits", {"balance": 0, "reason": "a test"})
    run.operators.call("PUT", "/admin/prices/scripted", {"input_per_million": 0, "output_per_million": 1_000_000})
    console.expect("POST", path, 402)
    console.composer.press("Enter")
    expect(alert).to_contain_text("There are not enough credits for this.")
    run.operators.call("DELETE", "/admin/prices/scripted")

    error = {"error": {"code": "rate_limited", "message": "Too many requests.", "type": "rate_limit_error"}}
    page.route("**/messages", lambda route: route.fulfill(
        status=429, headers={"Retry-After": "7"}, content_type="application/json", body=json.dumps(error)
    ))
    console.composer.press("Enter")
    expect(alert).to_contain_text(re.compile(r"That was too much at once\. You can go on at \d+:\d\d:\d\d"))
    page.unroute("**/messages")
    console.composer.press("Enter")
    console.finished()
    assert [request["messages"][-1]["content"] for request in run.model.requests] == ["First", "Second"]


def test_second_factor(console, open_console, run):
    page = console.page
    name = console.register()
    console.open("/account")
    factor = section(console, "Second factor")
    factor.get_by_role("button", name="Set up").click()
    grouped = factor.get_by_role("region", name="Key for the app").inner_text()
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", grouped)
    secret = grouped.replace(" ", "")
    link = factor.get_by_role("link", name="Open an authenticator app").get_attribute("href")
    assert link.startswith(f"otpauth://totp/Mynah:{name}?secret={secret}&")
    console.context.grant_permissions(["clipboard-read", "clipboard-write"])
    factor.get_by_role("button", name="Copy the key for the app").click()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    factor.scroll_into_view_if_needed()
    console.check("second-factor-key")

    console.expect("POST", "/auth/mfa/totp/confirm", 422)
    factor.get_by_label("Code that the app shows").fill("000000")
    factor.get_by_role("button", name="Turn on").click()
    expect(factor.get_by_label("Code that the app shows")).to_have_attribute("aria-invalid", "true")
    factor.get_by_label("Code that the app shows").fill(totp(secret))
    factor.get_by_role("button", name="Turn on").click()
    expect(factor.get_by_text("The second factor is on.")).to_be_visible()
    codes = factor.get_by_role("region", name="Recovery codes").inner_text().split()
    assert len(codes) == 10
    with page.expect_download() as download:
        factor.get_by_role("button", name="Download").click()
    assert download.value.path().read_text().split() == codes
    console.check("second-factor-codes")
    factor.get_by_role("button", name="I have kept them").click()
    expect(factor.get_by_text("Recovery codes left: 10.")).to_be_visible()
    expect(page.get_by_text(codes[0])).to_have_count(0)

    other = open_console(run.url)
    other.expect("POST", "/auth/session", 401)
    sign_in(other, name, "000000")
    expect(other.page.get_by_label("Code from")).to_have_attribute("aria-invalid", "true")
    other.check("sign-in-code")
    other.page.get_by_label("Code from").fill(totp(secret, 1))
    other.page.get_by_role("button", name="Sign in").click()
    expect(other.heading("What shall we talk about?")).to_be_visible()
    third = open_console(run.url)
    third.expect("POST", "/auth/session", 401)
    sign_in(third, name, codes[0].lower())
    expect(third.heading("What shall we talk about?")).to_be_visible()

    console.open("/")
    console.open("/account")
    expect(factor.get_by_text("Recovery codes left: 9.")).to_be_visible()
    factor.get_by_role("button", name="Turn off").click()
    dialog = page.get_by_role("dialog")
    console.expect("DELETE", "/auth/mfa/totp", 403)
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Turn off").click()
    expect(dialog.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    console.check("second-factor-off")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Turn off").click()
    expect(factor.get_by_text("The second factor is off.")).to_be_visible()
    sign_in(open_console(run.url), name)


def test_download_of_all_that_is_mine(console, run):
    page = console.page
    name = console.register()
    console.say("Remember the heron.")
    console.finished()
    console.open("/account")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download my data").click()
    data = json.loads(download.value.path().read_text())
    assert data["account"]["username"] == name and "Remember the heron." in json.dumps(data)


def test_usage_of_a_chatbot(console, run):
    page = console.page
    console.register()
    bot = console.call("POST", "/chatbots", {"name": "Guide"})["id"]
    console.open(f"/chatbots/{bot}")
    usage = section(console, "Usage")
    expect(usage.get_by_text("There were no questions")).to_be_visible()
    key = console.call("POST", f"/chatbots/{bot}/api-keys", {"name": "Shop", "scopes": ["chat"]})["key"]
    for _ in range(2):
        body = {"model": bot, "messages": [{"role": "user", "content": "Hello"}]}
        answer = httpx.post(
            f"{run.url}/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=60
        )
        assert answer.status_code == 200, answer.text
    console.open(f"/chatbots/{bot}/chat")
    console.say("Hello")
    console.finished()

    console.open(f"/chatbots/{bot}")
    row = usage.get_by_role("row").nth(1)
    expect(row.get_by_role("cell").nth(1)).to_have_text("3")
    expect(usage.get_by_text("Each day begins at 6:00")).to_be_visible()
    usage.scroll_into_view_if_needed()
    console.check("chatbot-usage")
    usage.get_by_label("Show by").select_option("model")
    expect(row.get_by_role("cell").first).to_have_text("openai/scripted")
    usage.get_by_label("Show by").select_option("key")
    expect(usage.get_by_role("row").filter(has_text="Shop").get_by_role("cell").nth(1)).to_have_text("2")
    expect(usage.get_by_role("row").filter(has_text="Without a key").get_by_role("cell").nth(1)).to_have_text("1")


def test_in_bengali(console, run):
    page = console.page
    name = console.register()
    user = run.operators.user(name)["id"]
    page.get_by_label("Language").select_option("bn")
    page.get_by_role("link", name="অ্যাকাউন্ট").click()
    usage = section(console, "প্ল্যান ও ব্যবহার")
    expect(usage.get_by_text("৫০০টির মধ্যে ০টি, বাকি ৫০০টি")).to_be_visible()
    usage.scroll_into_view_if_needed()
    console.check("account-usage-bn")
    factor = section(console, "দ্বিতীয় ধাপ")
    factor.get_by_role("button", name="চালু করুন").click()
    secret = factor.get_by_role("region", name="অ্যাপের কী").inner_text().replace(" ", "")
    factor.get_by_label("অ্যাপে দেখানো কোড").fill(totp(secret))
    factor.get_by_role("button", name="চালু করুন").click()
    expect(factor.get_by_text("দ্বিতীয় ধাপ চালু হয়েছে।")).to_be_visible()
    console.check("second-factor-codes-bn")

    run.operators.call("PATCH", f"/admin/users/{user}", {"limits": {"conversations_per_day": 0}})
    console.open("/")
    console.expect("POST", "/conversations", 429)
    page.get_by_role("textbox", name="বার্তা").fill("কেমন আছ?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("আজকের সীমা শেষ হয়ে গেছে।")
    console.check("limit-reached-bn")
