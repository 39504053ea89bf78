"""Several conversations of the list at once: chosen, moved, archived, deleted, taken back."""

import pytest
from conversation_list import TEXTS, TITLES, List, eventually
from playwright.sync_api import expect

MANY = 40


@pytest.fixture(params=TEXTS)
def listed(console, scripted, request):
    console.register()
    return List(console, request.param)


@pytest.fixture(params=TEXTS)
def crowd(console, scripted, request):
    """A list with many conversations, all of them chosen."""
    console.register()
    listed = List(console, request.param)
    for number in range(MANY - len(TITLES)):
        listed.ids[number] = console.call("POST", "/conversations", {"title": f"কথা {number}"})["id"]
    console.page.reload()
    expect(listed.rows).to_have_count(MANY)
    return listed


def choose_all(listed):
    listed.page.locator(".conversation-head").get_by_role("button", name=listed.text["select"]).click()
    every = listed.page.get_by_role("checkbox", name=listed.text["all"])
    expect(every).to_be_focused()
    every.press("Space")
    expect(listed.page.locator(".selection p")).to_have_text(listed.tell("chosen", listed.rows.count()))


def test_chooses_by_keyboard(listed):
    page, text = listed.page, listed.text
    start = page.locator(".conversation-head").get_by_role("button", name=text["select"])
    start.focus()
    start.press("Enter")
    expect(start).to_have_attribute("aria-pressed", "true")
    expect(listed.bar("delete")).to_be_disabled()
    first, last = (listed.check_box(listed.titles.nth(index).text_content()) for index in (0, 2))
    first.press("Space")
    expect(listed.bar("delete")).to_be_enabled()
    last.press("Shift+Space")
    expect(page.locator(".selection p")).to_have_text(listed.tell("chosen", 3))
    last.press("Space")
    expect(page.locator(".selection p")).to_have_text(listed.tell("chosen", 2))
    listed.console.check(f"select-{listed.language}")
    last.press("Escape")
    expect(page.locator(".selection")).to_be_hidden()
    expect(start).to_be_focused()
    expect(page.get_by_role("checkbox")).to_have_count(0)


def test_rows_are_chosen_by_clicks_and_not_opened(listed):
    page = listed.page
    address = page.url
    listed.act(listed.titles.nth(0).text_content(), "select")
    expect(page.locator(".selection p")).to_have_text(listed.tell("chosen", 1))
    listed.titles.nth(2).click(modifiers=["Shift"])
    # The row that was chosen by its menu is no beginning of a range.
    expect(page.locator(".selection p")).to_have_text(listed.tell("chosen", 2))
    listed.titles.nth(1).click()
    expect(page.locator(".selection p")).to_have_text(listed.tell("chosen", 3))
    listed.titles.nth(1).click()
    expect(page.locator(".selection p")).to_have_text(listed.tell("chosen", 2))
    assert page.url == address
    # What another tab changes does not move the rows meanwhile.
    page.evaluate("new BroadcastChannel('mynah').postMessage({ list: true })")
    expect(page.locator(".selection p")).to_have_text(listed.tell("chosen", 2))
    listed.bar("end").click()
    listed.titles.nth(1).click()
    expect(page).not_to_have_url(address)


def test_moves_and_archives_several(listed):
    page, text = listed.page, listed.text
    choose_all(listed)
    listed.bar("move").click()
    page.get_by_role("combobox", name=text["folder"]).fill("কাজ")
    page.get_by_role("button", name=text["moveConfirm"], exact=True).click()
    expect(listed.in_folder("কাজ")).to_have_count(3)
    expect(page.locator(".selection")).to_be_hidden()
    expect(page.locator(".undo p")).to_have_text(listed.tell("moved", "কাজ", 3))
    listed.undo()
    expect(listed.section("কাজ")).to_have_count(0)
    expect(listed.rows).to_have_count(3)
    choose_all(listed)
    listed.bar("archiveOne").click()
    expect(listed.rows).to_have_count(0)
    expect(page.locator(".undo")).to_be_visible()
    listed.undo()
    expect(listed.rows).to_have_count(3)
    choose_all(listed)
    listed.bar("archiveOne").click()
    expect(page.locator(".undo")).to_be_visible()
    listed.archive()
    expect(listed.rows).to_have_count(3)
    choose_all(listed)
    listed.bar("back").click()
    expect(listed.rows).to_have_count(0)
    expect(page.locator(".undo")).to_be_visible()
    assert listed.count() == 3


def test_deletes_several_with_one_undo(listed):
    page = listed.page
    page.goto(f"{listed.console.url}/#/c/{listed.ids['Trains']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Trains")
    choose_all(listed)
    listed.bar("delete").click()
    expect(listed.rows).to_have_count(0)
    expect(page.locator(".undo p")).to_have_text(listed.tell("deleted", 3))
    assert listed.count() == 3
    listed.undo()
    expect(listed.rows).to_have_count(3)
    expect(page.get_by_role("heading", level=1)).to_have_text("Trains")
    choose_all(listed)
    listed.titles.filter(has_text="Trains").click()
    listed.bar("delete").click()
    expect(page.locator(".undo p")).to_have_text(listed.tell("deleted", 2))
    listed.done()
    eventually(listed.page, lambda: listed.count() == 1)
    page.reload()
    expect(listed.titles).to_have_text(["Trains"])


def test_deletes_on_a_phone(listed):
    page, text = listed.page, listed.text
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator(".topbar button").first.click()
    choose_all(listed)
    page.screenshot(path=f"Tests/screenshots/select-{listed.language}-drawer.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = listed.bar("delete").bounding_box()
    assert box["x"] >= 0 and box["width"] >= 24 and box["height"] >= 24
    listed.bar("delete").click()
    expect(listed.rows).to_have_count(0)
    listed.undo()
    expect(listed.rows).to_have_count(3)


def test_waits_when_the_server_says_so(crowd):
    refused = set()

    def limit(route):
        path = route.request.url
        if route.request.method != "DELETE" or path in refused or len(refused) >= 3:
            return route.fallback()
        refused.add(path)
        return route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": {"code": "rate_limited", "message": "later"}})

    crowd.page.route("**/conversations/*", limit)
    for made in crowd.ids.values():
        crowd.console.expect("DELETE", f"/conversations/{made}", 429)
    choose_all(crowd)
    crowd.bar("delete").click()
    crowd.done()
    eventually(crowd.page, lambda: crowd.count() == 0)
    assert len(refused) == 3
    crowd.page.reload()
    expect(crowd.page.locator(".none").first).to_be_visible()
    expect(crowd.rows).to_have_count(0)


def test_a_failure_puts_back_what_is_left(crowd):
    page, last = crowd.page, crowd.ids[MANY - len(TITLES) - 5]
    crowd.console.expect("DELETE", f"/conversations/{last}", 503)
    busy = {"error": {"code": "unavailable", "message": "busy"}}
    page.route(f"**/conversations/{last}", lambda route: route.fulfill(status=503, json=busy))
    choose_all(crowd)
    crowd.bar("delete").click()
    crowd.done()
    expect(page.locator(".undo p")).to_contain_text("busy")
    expect(page.locator(".undo p")).to_contain_text(crowd.tell("failed", MANY - crowd.count(), MANY))
    assert 0 < crowd.count() < MANY
    expect(crowd.rows).to_have_count(crowd.count())
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.unroute(f"**/conversations/{last}")
    choose_all(crowd)
    crowd.bar("delete").click()
    crowd.done()
    eventually(crowd.page, lambda: crowd.count() == 0)


def test_leaving_the_page_loses_no_deletion(crowd):
    page = crowd.page
    for made in crowd.ids.values():
        # What was sent when the page was left is sent once more, because its answer was not seen.
        crowd.console.expect("DELETE", f"/conversations/{made}", 404)
    choose_all(crowd)
    crowd.bar("delete").click()
    expect(page.locator(".undo")).to_be_visible()
    assert crowd.count() == MANY
    page.goto("about:blank")
    eventually(crowd.page, lambda: crowd.count() < MANY)
    page.goto(crowd.console.url)
    expect(page.locator(".undo p")).to_have_text(crowd.tell("resumed", MANY))
    assert crowd.count() == 0
    expect(crowd.rows).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('mynah.unfinished'))") == []


def test_another_user_of_the_browser_does_not_go_on(crowd):
    page = crowd.page
    choose_all(crowd)
    crowd.bar("delete").click()
    page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")
    page.goto("about:blank")
    crowd.console.context.clear_cookies()
    crowd.console.open("/")
    page.evaluate("localStorage.setItem('mynah.language', 'en')")
    page.reload()
    crowd.console.register()
    expect(page.locator(".none").first).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('mynah.unfinished')).length") == 1
