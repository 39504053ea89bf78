"""The composer, the first screen, what goes wrong, the keyboard, printing."""

import subprocess

import pytest
from playwright.sync_api import expect

LONGEST = 32_000


def speak(console, language):
    console.page.evaluate("code => localStorage.setItem('mynah.language', code)", language)
    console.page.reload()


def test_first_screen_has_the_face_the_starters_and_a_searchable_list(console, scripted):
    console.register()
    page = console.page
    bots = [console.call("POST", "/chatbots", {"name": name, "description": about, "greeting": greeting}) for name, about, greeting in [
        ("পাখি বিশেষজ্ঞ", "Birds of Bengal", "নমস্কার! 🐦"), ("مساعد السفر", "Travel", "مرحبا"),
    ]]
    starters = ["ময়না কী খায়?", "أين يعيش؟", "Which bird is this?", "鸟会做梦吗？"]
    console.call("PUT", f"/chatbots/{bots[0]['id']}/widget", {"starters": starters})
    page.reload()
    pill = page.get_by_role("button", name="Chatbot:")
    pill.click()
    search = page.get_by_role("combobox", name="Search: Chatbot")
    expect(search).to_be_focused()
    options = page.get_by_role("listbox", name="Chatbot").get_by_role("option")
    expect(options).to_have_count(3)
    console.check("picker")
    search.fill("bengal")
    expect(options).to_have_count(1)
    search.fill("ghost")
    expect(page.get_by_text("Nothing was found.")).to_be_visible()
    search.press("Escape")
    expect(pill).to_be_focused()
    pill.press("Enter")
    search.fill("পাখি")
    search.press("Enter")
    expect(page.get_by_role("button", name="Chatbot: পাখি বিশেষজ্ঞ")).to_be_focused()
    expect(page.locator(".greeting-words")).to_have_text("নমস্কার! 🐦")
    expect(page.locator(".hero .face")).to_have_text("পা")
    expect(page.locator(".starter")).to_have_text(starters)
    assert page.locator(".starter").nth(1).evaluate("node => getComputedStyle(node).direction") == "rtl"
    console.check("first-screen")
    page.get_by_role("button", name="ময়না কী খায়?").click()
    console.finished()
    expect(page.locator(".message.ours .text")).to_have_text("ময়না কী খায়?")
    expect(page.locator(".message.theirs .speaker")).to_have_text("পাখি বিশেষজ্ঞ")


def test_earlier_replies_keep_the_chatbot_that_gave_them(console, scripted):
    console.register()
    page = console.page
    console.call("POST", "/chatbots", {"name": "দ্বিতীয়"})
    page.reload()
    expect(page.get_by_role("button", name="Chatbot:")).to_be_visible()
    console.say("one")
    console.finished()
    before = page.locator(".message.theirs .speaker").inner_text()
    other = {"Assistant": "দ্বিতীয়", "দ্বিতীয়": "Assistant"}[before]
    page.get_by_role("button", name=f"Chatbot: {before}").click()
    page.get_by_role("option", name=other).click()
    expect(page.get_by_role("button", name=f"Chatbot: {other}")).to_be_visible()
    console.say("two")
    expect(page.locator(".message.theirs .speaker")).to_have_text([before, other])
    console.finished()
    page.reload()
    expect(page.locator(".message.theirs .speaker")).to_have_text([before, other])


def test_another_model_is_chosen_in_the_composer(console, scripted):
    console.register()
    page = console.page
    bot = console.call("POST", "/chatbots", {"name": "Many", "model": "scripted", "models": ["scripted-large"]})
    console.open(f"/chatbots/{bot['id']}/chat")
    console.say("one")
    console.finished()
    assert scripted.model.requests[-1]["model"] == "scripted"
    page.get_by_role("button", name="Model: scripted").click()
    page.get_by_role("option", name="scripted-large").click()
    console.say("two")
    expect(console.messages).to_have_count(4)
    console.finished()
    assert scripted.model.requests[-1]["model"] == "scripted-large"


def test_drafts_are_kept_for_each_conversation_until_one_signs_out(console, scripted):
    name = console.register()
    page = console.page
    console.say("one")
    console.finished()
    conversation = page.url
    console.composer.fill("অর্ধেক বার্তা 👋")
    page.get_by_role("link", name="New chat").click()
    expect(console.heading("What shall we talk about?")).to_be_visible()
    expect(console.composer).to_have_value("")
    console.composer.fill("another half")
    page.get_by_role("link", name="Account").click()
    expect(console.heading("Account")).to_be_visible()
    page.goto(conversation)
    expect(console.composer).to_have_value("অর্ধেক বার্তা 👋")
    page.reload()
    expect(console.composer).to_have_value("অর্ধেক বার্তা 👋")
    console.composer.press("Enter")
    expect(console.messages).to_have_count(4)
    page.get_by_role("link", name="New chat").click()
    expect(console.composer).to_have_value("another half")
    page.get_by_role("button", name="Sign out").click()
    expect(console.heading("Welcome back")).to_be_visible()
    kept = page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft'))")
    assert kept == [], name


@pytest.mark.parametrize("language", ["en", "bn"])
def test_length_is_told_before_it_is_too_long(open_console, scripted, language):
    console = open_console(scripted.url)
    console.register()
    page = console.page
    speak(console, language)
    send = {"en": "Send", "bn": "পাঠান"}[language]
    left = {"en": "1,000 characters left", "bn": "আর ১,০০০টি অক্ষর লেখা যাবে"}[language]
    over = {"en": "This message is too long by 1 characters.", "bn": "এই বার্তা ১টি অক্ষর বেশি লম্বা।"}[language]
    box = page.locator("#message")
    box.fill("👋" * (LONGEST - 1000))
    expect(page.locator("#message-limit")).to_have_text(left)
    box.fill("ক" * (LONGEST + 1))
    expect(page.locator("#message-limit")).to_have_text(over)
    expect(page.get_by_role("button", name=send, exact=True)).to_be_disabled()
    box.press("Enter")
    expect(box).to_have_value("ক" * (LONGEST + 1))
    box.fill("ক")
    expect(page.locator("#message-limit")).to_have_text("")
    expect(page.get_by_role("button", name=send, exact=True)).to_be_enabled()
    box.fill("")
    expect(page.get_by_role("button", name=send, exact=True)).to_be_disabled()


def test_few_messages_left_are_told(open_console, run):
    console = open_console(run.url)
    name = console.register()
    user = run.operators.user(name)
    run.operators.call("PATCH", f"/admin/users/{user['id']}", {"limits": {"messages_per_day": 2}})
    console.page.reload()
    expect(console.page.get_by_text("Messages left today: 2.")).to_be_visible()
    console.say("one")
    console.finished()
    expect(console.page.get_by_text("Messages left today: 1.")).to_be_visible()
    console.say("two")
    expect(console.messages).to_have_count(4)
    expect(console.page.get_by_text("You have no messages left today.")).to_be_visible()


def test_a_reply_that_breaks_off_says_so_before_and_after_a_reload(console, scripted):
    console.register()
    page = console.page
    scripted.model.reply, scripted.model.breaks_off = "অর্ধেক উত্তর", True
    console.say("Go on.")
    note = page.get_by_text("This reply broke off.")
    expect(note).to_be_visible(timeout=60_000)
    expect(console.reply).to_contain_text("অর্ধেক")
    before = page.locator(".problem").inner_text(), console.reply.inner_text()
    console.check("broke-off")
    page.reload()
    expect(note).to_be_visible()
    assert (page.locator(".problem").inner_text(), console.reply.inner_text()) == before
    expect(page.get_by_text("Stopped before the end.")).to_have_count(0)
    scripted.model.breaks_off = False
    page.locator(".problem").get_by_role("button", name="Try again").click()
    console.finished()
    expect(note).to_have_count(0)
    expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()


def test_a_failed_reply_looks_like_an_error_and_can_be_tried_again(console, scripted):
    console.register()
    page = console.page
    scripted.model.reply = ""
    console.say("Hello?")
    expect(page.locator(".problem")).to_contain_text("This reply failed.", timeout=60_000)
    said = console.reply.inner_text()
    page.reload()
    expect(page.locator(".problem")).to_contain_text("This reply failed.")
    assert console.reply.inner_text() == said
    scripted.model.reply = "এবার হয়েছে।"
    page.get_by_role("button", name="Try again").click()
    expect(console.reply).to_have_text("এবার হয়েছে।")


def test_a_thumb_down_asks_why(console, scripted):
    console.register()
    page = console.page
    console.say("one")
    console.finished()
    page.get_by_role("button", name="Bad reply").click()
    box = page.get_by_label("What was wrong? (optional)")
    expect(box).to_be_focused()
    box.fill("তথ্যটি ভুল 👎 خطأ")
    console.check("comment")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_text("Thank you. Your comment was sent.")).to_be_visible()
    expect(page.get_by_role("button", name="Bad reply")).to_be_focused()
    conversation = page.url.rsplit("/", 1)[1]
    stored = console.call("GET", f"/conversations/{conversation}/messages")["data"][1]
    assert (stored["rating"], stored["comment"]) == (-1, "তথ্যটি ভুল 👎 خطأ")
    page.get_by_role("button", name="Good reply").click()
    expect(page.get_by_role("button", name="Good reply")).to_have_attribute("aria-pressed", "true")
    expect(box).to_have_count(0)


def test_escape_stops_the_reply_and_the_list_of_keys_opens(console, scripted):
    console.register()
    page = console.page
    scripted.model.reply, scripted.model.seconds_per_word = "শব্দ " * 600, 0.05
    console.say("Go on.")
    expect(console.reply).to_contain_text("শব্দ")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped before the end.")).to_be_visible()
    console.finished()
    console.composer.press("?")
    expect(console.composer).to_have_value("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("region", name="Messages").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    console.check("shortcuts")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    expect(console.composer).to_be_focused()
    page.keyboard.press("Control+Shift+O")
    expect(console.heading("What shall we talk about?")).to_be_visible()


def test_conversations_stand_under_dates(console, scripted):
    console.register()
    page = console.page
    console.say("today's talk")
    console.finished()
    days = {"yesterday": 1, "week": 5, "month": 20, "long ago": 400}

    def older(route):
        response = route.fetch()
        body = response.json()
        today = body["data"][0]
        for name, count in days.items():
            time = page.evaluate("days => new Date(Date.now() - days * 86400000).toISOString()", count)
            body["data"].append({**today, "id": name, "title": name, "updated_at": time})
        route.fulfill(json=body)

    page.route("**/conversations?folder=&pinned=false&limit=*", older)
    page.reload()
    expect(page.locator(".conversations a")).to_have_count(5)
    headings = page.locator(".conversations h3").all_inner_texts()
    assert headings[:4] == ["Today", "Yesterday", "Previous 7 days", "Previous 30 days"] and len(headings) == 5
    expect(page.locator(".conversations section").first.locator(".row-title")).to_have_text("today's talk")
    assert page.locator(".conversations a").first.get_attribute("title") == "today's talk"


def test_a_printed_conversation_is_the_whole_conversation_alone(console, scripted, tmp_path):
    console.register()
    page = console.page
    console.say("Turn 0.")
    console.finished()
    conversation = page.url.split("/c/")[1]
    for turn in range(1, 30):
        console.call("POST", f"/conversations/{conversation}/messages", {"content": f"Turn {turn}."})
    page.evaluate("window.print = () => { document.body.dataset.printed = document.querySelectorAll('.message').length; }")
    page.evaluate("location.hash = '#/account'")
    expect(console.heading("Account")).to_be_visible()
    page.evaluate("id => { location.hash = `#/c/${id}`; }", conversation)
    expect(console.messages).to_have_count(50)
    page.get_by_role("button", name="Print the conversation").click()
    expect(page.locator("body")).to_have_attribute("data-printed", "60")
    page.pdf(path=tmp_path / "printed.pdf", format="A4")
    text = subprocess.run(["pdftotext", tmp_path / "printed.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert [f"Turn {turn}." in text for turn in range(30)] == [True] * 30
    assert not [word for word in ("Skip to", "New chat", "Sign out", "Write a message", "Chatbots") if word in text]
    pages = text.rstrip("\f").split("\f")
    assert all(page.strip() for page in pages), "no page is blank"


def test_time_is_shown_at_each_message(console, scripted):
    console.register()
    console.say("one")
    console.finished()
    times = console.page.locator(".message time")
    expect(times).to_have_count(2)
    console.messages.last.hover()
    expect(times.last).to_have_css("opacity", "1")
    stored = console.call("GET", f"/conversations/{console.page.url.split('/c/')[1]}/messages")["data"]
    assert [node.get_attribute("datetime") for node in times.all()] == [message["created_at"] for message in stored]


def test_a_cold_load_is_small_and_asks_little(open_console, scripted):
    console = open_console(scripted.url)
    console.register()
    cold = open_console(scripted.url, storage_state=console.context.storage_state())
    asked = []
    cold.page.on("requestfinished", lambda request: asked.append(request))
    cold.open()
    expect(cold.heading("What shall we talk about?")).to_be_visible()
    cold.page.wait_for_load_state("networkidle")
    sizes = {request.url: request.sizes()["responseBodySize"] for request in asked}
    assert len(asked) <= 15, list(sizes)
    assert sum(sizes.values()) <= 250_000, sizes


def test_the_console_can_be_installed(console, scripted):
    page = console.page
    console.open()
    manifest = page.evaluate("fetch(document.querySelector('[rel=manifest]').href).then((answer) => answer.json())")
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Mynah", "/", "standalone")
    pictures = [entry["src"] for entry in manifest["icons"]] + [page.locator("[rel='apple-touch-icon']").get_attribute("href")]
    for source in pictures:
        size = page.evaluate(
            "source => new Promise((resolve) => { const image = new Image(); image.onload = () => resolve(image.naturalWidth);"
            " image.onerror = () => resolve(0); image.src = source; })", source)
        assert size >= 64, source
    session = page.context.new_cdp_session(page)
    assert session.send("Page.getAppManifest")["errors"] == []


def test_tabs_stay_in_step(console, scripted):
    console.register()
    page = console.page
    console.say("one")
    console.finished()
    other = console.context.new_page()
    other.goto(page.url)
    expect(other.locator(".message")).to_have_count(2)
    scripted.model.reply = "নতুন উত্তর"
    console.say("দ্বিতীয় প্রশ্ন")
    expect(other.locator(".message.theirs .text").last).to_have_text("নতুন উত্তর")
    expect(other.locator(".message.ours .text").last).to_have_text("দ্বিতীয় প্রশ্ন")
    expect(other.locator(".message")).to_have_count(4)
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Title").fill("নতুন নাম")
    page.get_by_label("Title").press("Enter")
    expect(other.get_by_role("link", name="নতুন নাম")).to_be_visible()
    expect(page).to_have_title("নতুন নাম · Mynah")
    other.close()
