"""Ways through the operators' console."""

import re

import httpx
import pytest
from conftest import PASSWORD
from playwright.sync_api import expect


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
