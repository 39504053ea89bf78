"""API keys: a chatbot's on their own page, the user's own on the account page."""

import json
import sqlite3
import subprocess
import sys
import time

import httpx
import pytest
from playwright.sync_api import expect


@pytest.fixture
def keys(console, scripted):
    """The keys of a chatbot, opened in the browser."""
    console.register()
    console.bot = console.call("POST", "/chatbots", {"name": "Guide"})
    console.path = f"/chatbots/{console.bot['id']}/api-keys"
    console.open(f"/chatbots/{console.bot['id']}")
    console.page.get_by_role("link", name="API keys").click()
    expect(console.heading("API keys of “Guide”")).to_be_visible()
    return console


def stored(console):
    return console.call("GET", console.path)["data"]


def code(dialog, name):
    return dialog.get_by_role("region", name=name, exact=True).inner_text()


def run(command):
    return subprocess.run(["sh", "-c", f"{command} -s"], capture_output=True, text=True, timeout=60)


def fate(console, key):
    return httpx.get(f"{console.url}/users/me", headers={"X-API-Key": key}).json()["error"]["code"]


def grow_old(console, server):
    """Makes the sign-in two hours old, and waits until the server has noticed."""
    database = sqlite3.connect(server.folder / "mynah.sqlite", timeout=30)
    with database:
        database.execute("UPDATE sessions SET created_at = created_at - 7200000")
    database.close()
    cookies = {cookie["name"]: cookie["value"] for cookie in console.context.cookies()}
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        address, headers = f"{console.url}/users/me/api-keys/x/rotate", {"Origin": console.url}
        answer = httpx.post(address, cookies=cookies, headers=headers)
        if answer.status_code == 403:
            return
        time.sleep(0.1)
    raise AssertionError("the sign-in did not grow old")


def test_a_key_from_its_making_to_its_end(keys):
    page = keys.page
    expect(page.get_by_text("There are no keys yet.")).to_be_visible()
    keys.check("keys-none")
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_be_focused()
    keys.check("keys-new")
    dialog.get_by_label("Name").fill("Shop <b>server</b>")
    dialog.get_by_label("Change what it may read").check()
    dialog.get_by_label("Expires").select_option("90")
    dialog.get_by_label("Most requests").fill("60")
    dialog.get_by_label("Budget").fill("1.5")
    dialog.get_by_label("Websites").fill("https://shop.example\nhttp://localhost:3000")
    dialog.get_by_role("button", name="Create key").click()

    shown = page.get_by_role("dialog", name="Your key “Shop <b>server</b>”")
    expect(shown.get_by_role("button", name="Copy the key")).to_be_focused()
    key = code(shown, "Key")
    assert key.startswith("mk_live_") and fate(keys, key) == "key_not_allowed"
    for example in ("curl", "Python"):
        text = code(shown, f"Example for {example}")
        assert key in text and keys.url in text and keys.bot["id"] in text
    ran = run(code(shown, "Example for curl"))
    assert json.loads(ran.stdout)["choices"][0]["message"]["content"].strip() == "Hello.", ran.stdout + ran.stderr
    program = code(shown, "Example for Python")
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "Hello.", ran.stderr
    keys.check("keys-issued")
    keys.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.get_by_role("button", name="Copy the key").click()
    assert page.evaluate("navigator.clipboard.readText()") == key
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")
    shown.get_by_role("button", name="Copy the example for curl").click()
    page.evaluate("delete navigator.clipboard")
    assert page.evaluate("navigator.clipboard.readText()") == code(shown, "Example for curl")
    shown.get_by_role("button", name="Done").click()
    expect(page.locator("dialog")).to_have_count(0)
    assert key not in page.content()
    expect(page.get_by_text("The key “Shop <b>server</b>” was created.")).to_be_visible()

    [known] = stored(keys)
    assert known["scopes"] == ["read", "chat", "write"] and known["rate_limit"] == "60/minute"
    assert known["budget"] == 1_500_000 and known["origins"] == ["https://shop.example", "http://localhost:3000"]
    page.reload()
    row = page.get_by_role("listitem").filter(has_text=known["prefix"])
    for text in ("Active", "Read, Chat, Change", "Last used", "Expires", "60 requests a minute", "0 of 1.5 spent"):
        expect(row).to_contain_text(text)
    expect(row).to_contain_text("https://shop.example, http://localhost:3000")
    keys.check("keys")

    row.get_by_role("button", name="Replace the key").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("The old key goes on working")).to_be_focused()
    keys.check("keys-rotate")
    dialog.get_by_label("The old key goes on working").select_option("For an hour")
    dialog.get_by_role("button", name="Replace").click()
    second = code(page.get_by_role("dialog", name="Your key"), "Key")
    assert second != key and [fate(keys, one) for one in (key, second)] == ["key_not_allowed"] * 2
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Replace the key").click()
    page.get_by_role("dialog").get_by_label("The old key goes on working").select_option("Not at all")
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    third = code(page.get_by_role("dialog", name="Your key"), "Key")
    assert [fate(keys, one) for one in (key, second, third)] == ["key_revoked", "key_revoked", "key_not_allowed"]
    page.get_by_role("button", name="Done").click()

    page.get_by_role("button", name="Revoke the key").click()
    page.get_by_role("button", name="Cancel").click()
    assert fate(keys, third) == "key_not_allowed"
    page.get_by_role("button", name="Revoke the key").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("was revoked.")).to_be_visible()
    assert fate(keys, third) == "key_revoked"
    expect(page.get_by_role("heading", name="API keys", exact=True)).to_be_focused()
    expect(page.get_by_role("listitem").filter(has_text="Revoked")).to_contain_text(known["prefix"])
    expect(page.get_by_role("button", name="Revoke the key")).to_have_count(0)
    keys.check("keys-revoked")


def test_a_publishable_key_belongs_to_websites(keys):
    page = keys.page
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Website")
    dialog.get_by_label("Kind").select_option("Publishable, for a website")
    expect(dialog.get_by_role("group", name="What it may do")).to_be_hidden()
    dialog.get_by_role("button", name="Create key").click()
    expect(dialog.get_by_label("Websites")).to_be_focused()
    expect(dialog.get_by_text("Please fill this in.")).to_be_visible()
    dialog.get_by_label("Websites").fill("shop.example")
    keys.expect("POST", keys.path, 422)
    dialog.get_by_role("button", name="Create key").click()
    expect(dialog.get_by_label("Websites")).to_have_attribute("aria-invalid", "true")
    keys.check("keys-publishable")
    dialog.get_by_label("Websites").fill("https://shop.example")
    dialog.get_by_role("button", name="Create key").click()
    shown = page.get_by_role("dialog", name="Your key “Website”")
    assert code(shown, "Key").startswith("mk_pub_")
    page.keyboard.press("Escape")
    [known] = stored(keys)
    assert (known["kind"], known["scopes"], known["origins"]) == ("publishable", ["chat"], ["https://shop.example"])
    expect(page.get_by_role("listitem").filter(has_text="Website")).to_contain_text("Publishable")


def test_a_key_is_made_by_keyboard_alone(keys):
    page, keyboard = keys.page, keys.page.keyboard
    page.get_by_role("button", name="New key").focus()
    keyboard.press("Enter")
    keyboard.type("Bot")
    # Tab past the kind to the scopes, of which the first two are ticked.
    for step in ("Tab", "Tab", "Space", "Tab", "Space", "Enter"):
        keyboard.press(step)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Please choose one at least.")).to_be_visible()
    expect(dialog.get_by_label("Read chatbots, users and usage")).to_be_focused()
    keyboard.press("Space")
    keyboard.press("Enter")
    shown = page.get_by_role("dialog", name="Your key “Bot”")
    expect(shown.get_by_role("button", name="Copy the key")).to_be_focused()
    keyboard.press("Tab")
    expect(shown.get_by_role("region", name="Key", exact=True)).to_be_focused()
    keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert stored(keys)[0]["scopes"] == ["read"]
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="Replace the key “Bot”")).to_be_focused()


def test_my_keys_and_their_example(console, scripted):
    page = console.page
    console.register()
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_role("heading", name="My API keys")).to_be_visible()
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Budget")).to_have_count(0)
    dialog.get_by_label("Name").fill("Backup script")
    dialog.get_by_role("button", name="Create key").click()
    shown = page.get_by_role("dialog", name="Your key “Backup script”")
    ran = run(code(shown, "Example for curl"))
    assert json.loads(ran.stdout)["id"] == console.call("GET", "/users/me")["id"], ran.stdout + ran.stderr
    page.get_by_role("button", name="Done").click()
    console.check("account-keys")
    page.get_by_role("button", name="Revoke the key “Backup script”").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The key “Backup script” was revoked.")).to_be_visible()
    assert console.call("GET", "/users/me/api-keys")["data"][0]["state"] == "revoked"


def test_an_old_sign_in_is_asked_for_the_password(keys, scripted):
    page = keys.page
    grow_old(keys, scripted)
    page.get_by_role("button", name="New key").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Late")
    keys.expect("POST", keys.path, 403)
    page.get_by_role("button", name="Create key").click()
    question = page.get_by_role("dialog", name="Is it you?")
    expect(question.get_by_label("Password")).to_be_focused()
    keys.check("keys-password")
    question.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog", name="New key").get_by_role("alert")).to_contain_text("too old")
    assert stored(keys) == []
    page.get_by_role("button", name="Create key").click()
    question.get_by_label("Password").fill("wrong")
    question.get_by_role("button", name="Go on").click()
    expect(question.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    question.get_by_label("Password").fill("a calm bird sings")
    question.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("dialog", name="Your key “Late”")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    assert [key["name"] for key in stored(keys)] == ["Late"]


def test_keys_in_bengali(keys):
    page = keys.page
    keys.call("POST", keys.path, {"name": "Shop", "rate_limit": "60/minute", "expires_at": "2090-01-01T00:00:00Z"})
    page.get_by_label("Language").select_option("bn")
    expect(keys.heading("“Guide”-এর এপিআই কী")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Shop")).to_contain_text("প্রতি মিনিটে ৬০টি অনুরোধ")
    keys.check("keys-bn")
    page.get_by_role("button", name="নতুন কী").click()
    keys.check("keys-new-bn")


def test_a_viewer_is_told_that_keys_are_not_for_viewers(console, open_console, scripted):
    owner = open_console(scripted.url)
    owner.register()
    team = owner.call("POST", "/workspaces", {"name": "Team"})
    name = console.register()
    invited = owner.call("POST", f"/workspaces/{team['id']}/members", {"username": name, "role": "viewer"})
    console.call("POST", "/invitations/accept", {"id": invited["id"]})
    cookies = {cookie["name"]: cookie["value"] for cookie in owner.context.cookies()}
    headers = {"Origin": owner.url, "X-Workspace-Id": team["id"]}
    bot = httpx.post(f"{owner.url}/chatbots", json={"name": "Guide"}, cookies=cookies, headers=headers).json()
    console.expect("GET", f"/chatbots/{bot['id']}/api-keys", 403)
    console.open(f"/chatbots/{bot['id']}/keys")
    expect(console.page.get_by_role("alert")).to_contain_text("Your role in this workspace")
