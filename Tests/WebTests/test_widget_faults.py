"""The widget when something fails: lines, limits, replies, storage."""

import pytest
from mynah_process import Server
from playwright.sync_api import expect
from test_streams import WORDS, Wire
from website import Shop
from widget_answers import cut_off, error


def test_slow_and_cut_replies_arrive_whole(shop, visit, mynah):
    line = Wire(mynah.port)
    try:
        visitor = visit()
        mynah.model.reply, mynah.model.seconds_per_word = WORDS, 0.06
        visitor.open(shop.serve(mynah=line.url))
        visitor.say("Go on.")
        expect(visitor.button("stop")).to_be_visible()
        expect(visitor.reply).to_contain_text("word5")
        line.cut()
        expect(visitor.notice).to_have_text(cut_off(visitor, "lost"))
        expect(visitor.reply).to_contain_text("word20")
        expect(visitor.notice).to_be_empty()
        line.cut()
        visitor.finished()
        assert visitor.reply.inner_text().strip() == WORDS
        assert len(mynah.model.requests) == 1 and len(shop.conversations) == 1

        # A page that is loaded anew goes on, too.
        visitor.say("Once more.")
        expect(visitor.reply).to_contain_text("word3")
        visitor.page.reload()
        visitor.launcher.click()
        expect(visitor.reply).to_contain_text("word8")
        visitor.finished()
        assert visitor.reply.inner_text().strip() == WORDS
        assert len(mynah.model.requests) == 2
    finally:
        line.close()
    visitor.problems = [problem for problem in visitor.problems if "net::" not in problem]


def test_a_message_waits_while_the_visitor_is_offline(shop, visit, mynah):
    visitor = visit()
    visitor.open(shop.serve())
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
    visitor.context.set_offline(True)
    visitor.say("আমি অফলাইনে লিখছি।")
    expect(visitor.notice).to_have_text(visitor.t["offline"])
    visitor.context.set_offline(False)
    visitor.finished()
    expect(visitor.notice).to_be_empty()
    expect(visitor.messages).to_have_count(2)
    assert len(shop.conversations) == 1


def test_a_reply_is_stopped(shop, visit, mynah):
    visitor = visit()
    mynah.model.reply, mynah.model.seconds_per_word = WORDS, 0.2
    visitor.open(shop.serve())
    visitor.say("Go on.")
    expect(visitor.reply).to_contain_text("word2")
    visitor.button("stop").click()
    visitor.finished()
    expect(visitor.panel.get_by_text(visitor.t["partial"])).to_be_visible()
    expect(visitor.composer).to_be_focused()


@pytest.mark.parametrize("answer, key", [
    (error(429, "rate_limited", 7), "rateLimited"), (error(429, "daily_limit_reached", 9000), "dailyLimit"),
    (error(402, "budget_exhausted"), "unavailable"), (error(402, "insufficient_credits"), "unavailable"),
    (error(401, "key_revoked"), "unavailable"), (error(422, "message_too_long"), "tooLong"),
    (error(413, "too_large"), "tooLong"), (error(500, "internal_error"), None),
])
def test_limits_are_told_in_words_and_the_message_can_be_sent_again(shop, visit, mynah, answer, key):
    visitor = visit()
    visitor.expected = {answer["status"]}
    visitor.open(shop.serve())
    answers = iter([answer])

    def once(route):
        found = next(answers, None) if route.request.method == "POST" else None
        route.fulfill(**found) if found else route.continue_()

    visitor.page.route("**/widget/chat", once)
    visitor.say("Do you have lamps?")
    if key:
        words = visitor.t[key].replace("{time}", "\u20687 seconds\u2069")
        expect(visitor.notice).to_have_text(words)
        expect(visitor.messages).to_have_count(1)
        expect(visitor.messages.last).to_contain_text("Not sent.")
        visitor.check()
        visitor.messages.last.get_by_role("button", name="Try again").click()
    # A fault of the server is tried again without being asked.
    visitor.finished()
    expect(visitor.messages).to_have_count(2)
    expect(visitor.notice).to_be_empty()
    assert len(mynah.model.requests) == 1


def test_a_real_limit_is_told(visit, website, tmp_path, scripted_model):
    scripted_model.reset()
    server = Server(
        tmp_path, LLM_PROVIDER="openai", LLM_MODEL="scripted", OPENAI_API_KEY="not-a-real-key",
        OPENAI_BASE_URL=scripted_model.url, WIDGET_RATE_LIMIT="1/minute",
    ).start()
    try:
        visitor = visit()
        visitor.expected = {429}
        visitor.open(Shop(server, website).serve())
        visitor.say("One.")
        visitor.finished()
        visitor.say("Two.")
        expect(visitor.notice).to_contain_text("That was a lot at once. You can go on in")
    finally:
        server.stop()


def test_a_failed_reply_says_so(shop, visit, mynah):
    visitor = visit()
    visitor.open(shop.serve())
    mynah.model.reply = ""
    visitor.say("Hello?")
    expect(visitor.panel.get_by_text(visitor.t["failed"])).to_be_visible(timeout=60_000)
    expect(visitor.reply).to_contain_text("Sorry")
    mynah.model.reply = "Here I am."
    visitor.button("retry").click()
    expect(visitor.reply).to_contain_text("Here I am.")


def test_a_website_that_is_not_allowed_is_told_in_words(shop, visit, website):
    shop.key = shop.new_key(origins=["https://other.example"])
    visitor = visit()
    visitor.expected = {403}
    visitor.open(shop.serve())
    expect(visitor.notice).to_contain_text(cut_off(visitor, "unreachable"))
    assert any("one of the key's websites" in problem for problem in visitor.problems)
    visitor.problems.clear()
    visitor.check()
    shop.key = shop.new_key()
    visitor.open(shop.serve())
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()


def test_a_panel_that_cannot_be_loaded_is_tried_again(shop, visit):
    visitor = visit()
    address = shop.serve()
    visitor.page.goto(address)
    visitor.page.route("**/assets/widget/*", lambda route: route.abort())
    visitor.launcher.click()
    expect(visitor.page.locator("mynah-chat p[role=alert]")).to_have_text("The chat could not be loaded.")
    visitor.page.unroute("**/assets/widget/*")
    visitor.launcher.click()
    expect(visitor.panel).to_be_visible()
    visitor.problems = [problem for problem in visitor.problems if "net::" not in problem]


def test_it_works_where_storage_is_refused(shop, visit):
    visitor = visit()
    visitor.page.add_init_script("""Object.defineProperty(window, "localStorage", {
        get() { throw new DOMException("refused", "SecurityError"); } });""")
    visitor.open(shop.serve())
    for turn in ("One.", "দুই।", "三。"):
        visitor.say(turn)
        visitor.finished()
    expect(visitor.messages).to_have_count(6)
    assert len(shop.conversations) == 1
