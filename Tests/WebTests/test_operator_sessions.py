"""The operators' console: sessions, staff access and the second factor."""

import re

from conftest import PASSWORD, totp
from operators_console import go, menu, operator  # noqa: F401
from playwright.sync_api import expect

REASON = "The user reports a reply that was cut off."


def test_a_session_is_of_one_tab_and_ends(operator, open_console, run):
    console = operator()
    page = console.page
    assert page.evaluate("localStorage.length") == 0
    stored = page.evaluate("JSON.stringify(sessionStorage)")
    assert "refresh" not in stored and len(page.context.cookies()) == 0
    page.reload()
    expect(console.heading("Overview")).to_be_visible()
    assert page.evaluate("JSON.stringify(sessionStorage)") != stored
    # An expired access token is renewed once for all calls of a page, also for a call that is refused late.
    expired, late = [], []

    def fulfil(route):
        body = '{"error": {"code": "invalid_token", "message": "Expired.", "type": "authentication_error"}}'
        route.fulfill(status=401, content_type="application/json", body=body)

    def refuse(route):
        if len(expired) == 3:
            return route.continue_()
        expired.append(route.request.url)
        return late.append(route) if "/jobs" in route.request.url else fulfil(route)

    for path in ("/admin/stats", "/admin/providers", "/admin/jobs"):
        console.expect("GET", path, 401)
    renewed = []
    page.on("request", lambda request: renewed.append(1) if request.url.endswith("/admin/refresh") else None)
    page.route(re.compile("/admin/(stats|providers|jobs)"), refuse)
    go(console, "Users")
    with page.expect_response(re.compile("/admin/refresh")):
        page.get_by_role("link", name="Overview", exact=True).click()
    fulfil(late.pop())
    expect(console.heading("Overview")).to_be_visible()
    assert len(expired) == 3 and len(renewed) == 1
    page.unroute(re.compile("/admin/(stats|providers|jobs)"))

    page.get_by_label("Language").select_option("bn")
    expect(console.heading("সারসংক্ষেপ")).to_be_visible()
    console.check("admin-overview-bn")
    page.get_by_label("ভাষা").select_option("en")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    console.check("admin-sign-in")
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    console.expect("POST", "/staff/login", 401)
    page.get_by_label("Sign in as").select_option("staff")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="wrong")).to_be_visible()


def test_staff_read_a_conversation_and_its_user_sees_it(operator, open_console, run):
    run.operators.staff("stella", 3)
    user = open_console(run.url)
    user.register("winnie")
    run.model.reply = "Herons fish at dawn."
    user.say("When do herons fish?")
    user.finished()
    address = user.page.url

    console = operator("stella", "staff")
    page = console.page
    assert menu(console).all_inner_texts() == ["Overview", "Support", "Read a conversation", "Account"]
    go(console, "Read a conversation")
    page.get_by_label("Conversation").fill(address)
    page.get_by_label("Reason").fill("short")
    conversation = address.split("/c/")[1]
    console.expect("POST", f"/staff/conversations/{conversation}/access", 422)
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.locator(".reading")).to_contain_text("Herons fish at dawn.")
    expect(page.get_by_text("You can read this until")).to_be_visible()
    console.check("staff-reading")

    user.page.get_by_role("link", name="Account").click()
    log = user.page.locator("section.card").filter(has=user.page.get_by_role("heading", name="Who read"))
    expect(log).to_contain_text("stella of support")
    expect(log).to_contain_text(REASON)
    log.scroll_into_view_if_needed()
    user.check("access-log")
    log.get_by_role("link", name="Open the conversation").click()
    expect(user.reply).to_contain_text("Herons fish at dawn.")

    go(console, "Support")
    page.get_by_label("Search").fill("winnie")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("link", name="winnie").click()
    today = page.locator(".facts div:has(dt:text-is('Messages today')) dd")
    expect(today).to_have_text("1")
    page.get_by_role("button", name="Reset today's limits").click()
    expect(page.get_by_text("Today's limits begin anew.")).to_be_visible()
    expect(today).to_have_text("0")
    console.check("staff-user")
    page.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Stolen password.")
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Disable")).to_have_count(0)
    assert run.operators.user("winnie")["disabled_at"]


def test_an_operators_second_factor_and_language(operator, open_console, run):
    run.operators.staff("selma", 2)
    console = operator("selma", "staff")
    page = console.page
    go(console, "Account")
    page.get_by_role("button", name="Set up").click()
    secret = page.get_by_role("region", name="Key for the app").inner_text().replace(" ", "")
    page.get_by_label("Code that the app shows").fill(totp(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("The second factor is on.")).to_be_visible()
    page.get_by_role("button", name="I have kept them").click()
    console.check("staff-account")
    page.get_by_role("button", name="Sign out").click()
    console.expect("POST", "/staff/login", 401)
    page.get_by_label("Sign in as").select_option("staff")
    page.get_by_label("Username").fill("selma")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code from")).to_be_focused()
    page.keyboard.type(totp(secret, 1))
    page.keyboard.press("Enter")
    expect(console.heading("Overview")).to_be_visible()

    page.get_by_label("Language").select_option("bn")
    expect(console.heading("সারসংক্ষেপ")).to_be_visible()
    texts = page.evaluate(
        """async () => {
            const load = async (code) => (await import(`/assets/i18n/admin-${code}.js`)).texts;
            return [await load("en"), await load("bn")];
        }"""
    )
    assert texts[0].keys() == texts[1].keys()
