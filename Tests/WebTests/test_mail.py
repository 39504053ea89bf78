"""A forgotten password and the confirmation of an address, by links in mails."""

import httpx
import pytest
from conftest import PASSWORD
from mail_sink import Sink, link
from mynah_process import Server, free_port
from playwright.sync_api import expect

ADDRESS = "alice@example.com"


@pytest.fixture
def mails():
    sink = Sink(free_port())
    yield sink
    sink.close()


@pytest.fixture
def mailing(tmp_path, mails):
    server = Server(
        tmp_path, SMTP_URL=f"smtp://127.0.0.1:{mails.controller.port}", MAIL_FROM="Mynah <no-reply@example.com>",
        OPENAI_BASE_URL="http://127.0.0.1:1/v1",
    )
    # As a browser opens it; without, links in mails name localhost.
    server.settings["PUBLIC_URL"] = server.url
    server.start()
    yield server
    assert server.stop() == 0


def test_links_of_mails(mailing, mails, open_console):
    registered = httpx.post(f"{mailing.url}/auth/register", json={"email": ADDRESS, "password": PASSWORD})
    assert registered.status_code == 201
    console = open_console(mailing.url)
    page = console.page
    page.goto(link(mails.take()))
    expect(console.heading("Is this your e-mail address?")).to_be_visible()
    console.check("confirm-email")
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_text("Your e-mail address is confirmed.")).to_be_visible()

    console.open("/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    expect(console.heading("Forgot your password?")).to_be_visible()
    console.check("forgot")
    page.get_by_label("E-mail").fill(ADDRESS)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("the link is on its way")).to_be_visible()

    page.goto(link(mails.take()))
    expect(console.heading("Choose a new password")).to_be_visible()
    console.check("reset")
    page.get_by_label("New password").fill("a new song to sing")
    page.get_by_role("button", name="Choose a new password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    console.expect("POST", "/auth/password/reset", 422)
    page.get_by_label("New password").fill("yet another song")
    page.get_by_role("button", name="Choose a new password").click()
    expect(page.get_by_role("alert").filter(has_text="This link is not valid")).to_be_visible()

    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Username or e-mail").fill(ADDRESS)
    page.get_by_label("Password").fill("a new song to sing")
    page.get_by_role("button", name="Sign in").click()
    expect(console.heading("What shall we talk about?")).to_be_visible()
