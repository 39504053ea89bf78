"""The operators' console: admins who run the server."""

import re

from conftest import PASSWORD
from mynah_process import Server
from operators_console import go, menu, operator, registered  # noqa: F401
from playwright.sync_api import expect


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
    expect(page.get_by_role("cell", name="192.0.2.0/24", exact=True)).to_have_count(0)

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
