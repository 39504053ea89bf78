"""The operators' console: admins who run the server, and staff who help its users."""

import re

import httpx
import pytest
from conftest import PASSWORD, totp
from mynah_process import Server
from playwright.sync_api import expect

REASON = "The user reports a reply that was cut off."


@pytest.fixture
def operator(open_console, run):
    """Opens the operators' console as `username`."""

    def sign_in(username="root", role="admin", **options):
        console = open_console(run.url, **options)
        page = console.page
        page.goto(f"{run.url}/admin")
        page.get_by_label("Sign in as").select_option(role)
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("navigation", name="Menu")).to_be_visible()
        return console

    return sign_in


def menu(console):
    return console.page.get_by_role("navigation", name="Menu").get_by_role("link")


def go(console, name, heading=None):
    menu(console).filter(has_text=re.compile(f"^{name}$")).click()
    expect(console.heading(heading or name)).to_be_visible()


def registered(run, name):
    body = {"username": name, "password": PASSWORD}
    answer = httpx.post(f"{run.url}/auth/register", json=body, timeout=60)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_the_first_admin(open_console, tmp_path):
    server = Server(tmp_path, OPENAI_BASE_URL="http://127.0.0.1:1/v1").start()
    try:
        console = open_console(server.url)
        page = console.page
        page.goto(server.url + re.search(r"/setup\?token=\S+", server.printed)[0])
        page.get_by_label("Username").fill("root")
        page.get_by_label("Password").fill(PASSWORD)
        console.check("setup")
        page.get_by_role("button", name="Create the admin").click()
        expect(page.get_by_text("root can sign in now.")).to_be_visible()
        page.get_by_role("link", name="Sign in").click()
        page.get_by_label("Username").fill("root")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(console.heading("Overview")).to_be_visible()
    finally:
        assert server.stop() == 0


def test_an_admin_looks_after_a_user(operator, open_console, run):
    registered(run, "wanda")
    registered(run, "waldo")
    console = operator()
    page = console.page
    go(console, "Users")
    page.get_by_label("Search").fill("wand")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(2)
    console.check("admin-users")
    page.get_by_role("link", name="wanda").click()
    expect(console.heading("wanda")).to_be_focused()

    page.get_by_role("button", name="Change plan and limits").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Plan", exact=True).select_option(label="Pro")
    dialog.get_by_label("Messages a day").fill("7")
    console.check("admin-plan-of-user")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    fact = lambda name: page.locator(f".facts div:has(dt:text-is('{name}')) dd")
    expect(fact("Messages a day")).to_have_text("7")
    expect(fact("Conversations a day")).to_have_text("1,000")

    page.get_by_role("button", name="Add credits").click()
    dialog.get_by_label("Credits to add").fill("2.5")
    dialog.get_by_label("Reason").fill("For the workshop.")

    def lose_the_answer(route):
        assert route.fetch().ok
        route.abort("aborted")

    page.route("**/credits", lose_the_answer)
    dialog.get_by_role("button", name="Add credits").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    page.unroute("**/credits")
    dialog.get_by_role("button", name="Add credits").click()
    expect(fact("Credits")).to_have_text("102.5")
    console.check("admin-user")

    theirs = open_console(run.url)
    theirs.open("/sign-in")
    theirs.page.get_by_label("Username or e-mail").fill("wanda")
    theirs.page.get_by_label("Password").fill(PASSWORD)
    theirs.page.get_by_role("button", name="Sign in").click()
    expect(theirs.heading("What shall we talk about?")).to_be_visible()
    theirs.open("/account")
    expect(theirs.page.get_by_text("0 of 7, 7 left")).to_be_visible()
    expect(theirs.page.get_by_text("102.5 left, 100 a month")).to_be_visible()

    page.get_by_role("button", name="Disable").click()
    dialog.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
    assert run.operators.user("wanda")["disabled_at"]
    theirs.expect("GET", "/conversations", 401)
    theirs.problems.clear()
    theirs.page.reload()
    expect(theirs.heading("Welcome back")).to_be_visible()
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Disable")).to_be_visible()

    page.get_by_role("button", name="Delete").click()
    dialog.get_by_label("Reason").fill("Asked for by mail.")
    dialog.get_by_role("button", name="Delete").click()
    expect(console.heading("Users")).to_be_visible()
    go(console, "Deleted users")
    expect(page.get_by_role("cell", name="Asked for by mail.")).to_be_visible()
    page.get_by_role("button", name="Restore wanda").click()
    expect(page.get_by_text("“wanda” was restored.")).to_be_visible()
    assert run.operators.user("wanda")["plan"]


def test_every_section(operator, open_console, run, scripted_model):
    user = open_console(run.url)
    user.register("wilma")
    user.say("A secret of the heron.")
    user.finished()

    console = operator()
    page = console.page
    expect(console.heading("Overview")).to_be_visible()
    expect(page.get_by_text("No job has failed for good.")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row").nth(1)).to_be_visible()
    console.check("admin-overview")
    dialog = page.get_by_role("dialog")
    saved = page.get_by_role("status").filter(has_text="Saved.")

    go(console, "Plans")
    page.get_by_role("button", name="New plan").click()
    dialog.get_by_label("Name").fill("School")
    dialog.get_by_label("Messages a day").fill("50")
    dialog.get_by_label("Credits a month").fill("0.5")
    dialog.get_by_label("Models").fill("openai/scripted\nlocal/local")
    dialog.get_by_role("button", name="Save").click()
    expect(saved).to_be_visible()
    school = next(plan for plan in run.operators.call("GET", "/admin/plans")["data"] if plan["name"] == "School")
    assert (school["messages_per_day"], school["credits_per_month"], school["keys"]) == (50, 500_000, None)
    assert school["models"] == ["openai/scripted", "local/local"]
    page.get_by_role("button", name="Edit School").click()
    dialog.get_by_label("API keys").fill("3")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="School").get_by_role("cell", name="3", exact=True)).to_be_visible()
    console.check("admin-plans")
    page.get_by_role("button", name="Delete School").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("“School” was deleted.")).to_be_visible()

    go(console, "Prices")
    page.get_by_role("button", name="New price").click()
    dialog.get_by_label("Model").fill("vendor/some-model")
    dialog.get_by_label("A million tokens read").fill("0.15")
    dialog.get_by_label("A million tokens written").fill("0.6")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="vendor/some-model")).to_contain_text("0.15")
    prices = run.operators.call("GET", "/admin/prices")["data"]
    assert {price["model"]: price["output_per_million"] for price in prices}["vendor/some-model"] == 600_000
    page.get_by_role("button", name="Delete vendor/some-model").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("“vendor/some-model” was deleted.")).to_be_visible()

    go(console, "Message logs")
    page.get_by_label("User's id").fill(run.operators.user("wilma")["id"])
    page.get_by_label("Outcome").select_option("complete")
    page.get_by_label("From").fill("2020-01-01T00:00")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(2)
    console.check("admin-logs")
    page.get_by_role("button", name="Open the log of").click()
    expect(dialog.get_by_text("A secret of the heron.")).to_have_count(0)
    dialog.get_by_role("button", name="Show what was said").click()
    expect(dialog.get_by_text("A secret of the heron.")).to_be_visible()
    console.check("admin-log")
    dialog.get_by_role("button", name="Done").click()

    go(console, "Audit trail")
    page.get_by_label("Action").fill("message_logs.read_content")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_label("Action").fill("")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("cell", name="PUT /admin/prices/{model}").first).to_be_visible()
    console.check("admin-audit")

    go(console, "Operators", "Operators")
    page.get_by_role("button", name="New operator").click()
    dialog.get_by_label("Username").fill("sam")
    dialog.get_by_label("Name", exact=True).fill("Sam of support")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_label("Rights").select_option("staff1")
    console.check("admin-new-operator")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="sam")).to_contain_text("Support, level 1")
    expect(page.get_by_role("button", name="Disable root")).to_have_count(0)
    page.get_by_role("button", name="Disable sam").click()
    expect(page.get_by_role("button", name="Enable sam")).to_be_visible()

    go(console, "Addresses")
    page.get_by_role("button", name="New rule").click()
    console.expect("POST", "/admin/ip-rules", 422)
    dialog.get_by_label("Network").fill("nonsense")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Network")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Network").fill("192.0.2.0/24")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="192.0.2.0/24", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete 192.0.2.0/24").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("There is nothing to show.")).to_be_visible()

    go(console, "Providers")
    page.get_by_role("button", name="Edit groq").click()
    dialog.get_by_label("Base URL").fill("http://127.0.0.1:9/v1")
    dialog.locator("[name=api_key]").fill("a-key-that-nobody-sees")
    console.check("admin-provider")
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="groq")
    expect(row).to_contain_text("Ready")
    expect(row).to_contain_text("http://127.0.0.1:9/v1")
    assert "a-key-that-nobody-sees" not in page.content()
    page.get_by_role("button", name="Reset groq").click()
    dialog.get_by_role("button", name="Reset").click()
    expect(row).to_contain_text("Not set up")
    console.check("admin-providers")

    go(console, "Jobs")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.get_by_label("State").select_option("dead")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("There is nothing to show.")).to_be_visible()


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


def test_only_what_one_may_is_shown(operator, run):
    run.operators.staff("sid", 1)
    run.operators.call("POST", "/admin/operators", {
        "username": "rita", "name": "Rita", "password": PASSWORD, "role": "admin", "permissions": ["plans.read"],
    })
    registered(run, "wally")
    console = operator("rita")
    assert menu(console).all_inner_texts() == ["Overview", "Plans", "Account"]
    go(console, "Plans")
    expect(console.page.get_by_role("row").filter(has_text="Pro")).to_be_visible()
    expect(console.page.get_by_role("button", name="New plan")).to_have_count(0)
    expect(console.page.get_by_role("button", name="Edit Pro")).to_have_count(0)
    console.page.goto(f"{run.url}/admin#/users")
    expect(console.heading("There is no such page")).to_be_visible()

    console = operator("sid", "staff")
    go(console, "Support")
    console.page.get_by_role("link", name="wally").click()
    expect(console.heading("wally")).to_be_visible()
    expect(console.page.locator("main .buttons button")).to_have_count(0)


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
