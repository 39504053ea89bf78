"""A website's key in the hands of others: every request of theirs is refused, and leaves nothing behind."""

import json
import re
from html import escape

import httpx
import pytest
from playwright.sync_api import expect
from website import Website

FRAME = "<!doctype html><title>Frame</title>"


@pytest.fixture(scope="module")
def thief():
    """Another website, which no key allows."""
    site = Website()
    yield site
    site.close()


def refused(visitor, shop, mynah, place=None):
    """Opens the widget at `place`, the page if none is given, and sees it refused."""
    widget = (place or visitor.page).locator("mynah-chat")
    widget.locator(".root > button").click()
    expect(widget.locator(".notice")).to_contain_text(re.compile("cannot be reached|You are offline"))
    widget.locator("#text").fill("চুরি করা চাবি 🔑")
    widget.locator("#text").press("Enter")
    expect(widget.locator(".notice")).to_contain_text(re.compile("cannot be reached|You are offline"))
    expect(widget.locator("#text")).to_have_value("চুরি করা চাবি 🔑")
    expect(widget.locator(".message.ours, .message.theirs:not([hidden])")).to_have_count(0)
    assert mynah.model.requests == [] and shop.conversations == []
    visitor.problems.clear()


def test_a_page_of_another_origin(shop, visit, mynah, thief):
    visitor = visit()
    visitor.page.goto(thief.serve(mynah.url, shop.script()))
    refused(visitor, shop, mynah)
    assert json.loads(visitor.stored.get("mynah", "{}")) == {}
    # The same key on its own website, in the same browser.
    visitor.open(shop.serve())
    visitor.say("नमस्ते, مرحبا, 你好 🌍")
    visitor.finished()
    assert len(shop.conversations) == 1


def test_a_page_without_an_origin(shop, visit, mynah):
    # Even of the right website: in a sandbox it is `null`, like any other page in one.
    visitor = visit()
    visitor.page.goto(shop.serve(policy="sandbox allow-scripts"))
    assert visitor.page.evaluate("origin") == "null"
    refused(visitor, shop, mynah)


@pytest.mark.parametrize("kind", ["srcdoc", "sandbox", "data"])
def test_a_frame_of_another_page(shop, visit, mynah, thief, kind):
    frame = FRAME + shop.script()
    source = f'src="data:text/html,{escape(frame, quote=True)}"' if kind == "data" else f'srcdoc="{escape(frame)}"'
    sandbox = "sandbox=allow-scripts" if kind == "sandbox" else ""
    thief.files["/frame"] = (
        "text/html", f"{FRAME}<iframe {sandbox} width=900 height=700 {source}></iframe>", {})
    visitor = visit()
    visitor.page.goto(f"{thief.url}/frame")
    refused(visitor, shop, mynah, visitor.page.frame_locator("iframe"))


def test_every_route_refuses_other_origins_and_none(shop, mynah):
    host = shop.website.url.removeprefix("http://")
    origins = [
        None, "null", "", "https://evil.example", f"https://{host}", f"http://{host}.evil.example", f"http://{host}/",
        f"http://evil.{host}", f"http://{host.upper()}", f"http://{host}, https://evil.example", "*", "file://", "চোর",
    ]
    document = shop.http.get("/openapi.json").json()
    routes = [(method, path) for path, item in document["paths"].items() if path.startswith("/widget/") for method in item]
    assert len(routes) >= 10
    for method, path in routes:
        address = mynah.url + re.sub(r"{\w+}", "0192f0c0-0000-7000-8000-000000000000", path)
        for origin in origins:
            headers = {"X-API-Key": shop.key} | ({} if origin is None else {"Origin": origin.encode()})
            answer = httpx.request(method.upper(), address, headers=headers, json={} if method == "post" else None)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_refused"), (method, path, origin)
            assert "Access-Control-Allow-Origin" not in answer.headers, (method, path, origin)
        allowed = httpx.options(address, headers={
            "Origin": shop.website.url, "Access-Control-Request-Method": method.upper()})
        assert allowed.status_code == 204 and method.upper() in allowed.headers["Access-Control-Allow-Methods"]
    assert shop.conversations == [] and mynah.model.requests == []
