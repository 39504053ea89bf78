"""A reply survives changes of the page and the loss of the connection."""

import socket
from threading import Thread

import pytest
from playwright.sync_api import expect

WORDS = " ".join(f"word{number}" for number in range(60))


def test_reply_goes_on_after_a_reload(console, scripted):
    console.register()
    scripted.model.reply, scripted.model.seconds_per_word = WORDS, 0.08
    console.say("Go on.")
    expect(console.reply).to_contain_text("word5")
    console.page.reload()
    expect(console.reply).to_contain_text("word1 ")
    expect(console.page.get_by_role("button", name="Stop the reply")).to_be_visible()
    console.finished()
    assert console.reply.inner_text().strip() == WORDS
    expect(console.messages).to_have_count(2)
    assert len(scripted.model.requests) == 1


def test_reply_goes_on_after_leaving_the_page(console, scripted):
    console.register()
    scripted.model.reply, scripted.model.seconds_per_word = WORDS, 0.05
    console.say("Go on.")
    expect(console.reply).to_contain_text("word3")
    console.page.get_by_role("link", name="Account").click()
    expect(console.heading("Account")).to_be_visible()
    console.page.get_by_role("link", name="Go on.").click()
    console.finished()
    assert console.reply.inner_text().strip() == WORDS


def test_regenerating_shows_the_new_reply(console, scripted):
    console.register()
    scripted.model.reply = "The first reply."
    console.say("Hello?")
    console.finished()
    scripted.model.reply, scripted.model.seconds_per_word = WORDS, 0.05
    console.page.get_by_role("button", name="Reply again").click()
    expect(console.reply).to_contain_text("word3")
    console.page.reload()
    console.finished()
    assert console.reply.inner_text().strip() == WORDS
    expect(console.messages).to_have_count(2)
    console.page.reload()
    expect(console.messages).to_have_count(2)


@pytest.mark.parametrize("language", ["en", "bn"])
def test_thoughts_are_folded_and_a_reply_that_was_cut_can_be_continued(open_console, scripted, language):
    console = open_console(scripted.url)
    names = {
        "en": ("Thought for", "The reply reached its greatest length.", "Continue", "Please continue where you stopped."),
        "bn": ("সেকেন্ড ভেবেছে", "উত্তরটি তার সর্বোচ্চ দৈর্ঘ্যে পৌঁছেছে।", "চালিয়ে যান", "যেখানে থেমেছেন, সেখান থেকে চালিয়ে যান।"),
    }
    thought, cut, further, text = names[language]
    console.register()
    page = console.page
    page.evaluate("code => localStorage.setItem('mynah.language', code)", language)
    page.reload()
    scripted.model.thoughts = "প্রথমে ভাবি… <b>想一想</b>"
    scripted.model.reply, scripted.model.reason = "Half of it", "length"
    page.locator("textarea").fill("লেখো")
    page.locator("textarea").press("Enter")
    folded = page.locator(".message.theirs details")
    expect(folded.get_by_text(thought)).to_be_visible()
    expect(page.get_by_text(cut)).to_be_visible()
    assert console.reply.inner_text().strip() == "Half of it"
    expect(folded.get_by_text("想一想")).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.get_by_text("<b>想一想</b>")).to_be_visible()
    console.check("thoughts")

    scripted.model.thoughts, scripted.model.reply, scripted.model.reason = "", "and the rest", "stop"
    page.get_by_role("button", name=further, exact=True).click()
    expect(console.reply).to_contain_text("and the rest")
    expect(page.locator(".message.ours").last).to_contain_text(text)
    assert scripted.model.requests[-1]["messages"][-1]["content"] == text
    assert "想" not in str(scripted.model.requests[-1]), "thoughts are no history"
    page.reload()
    expect(console.messages).to_have_count(4)
    expect(folded).to_have_count(1)
    expect(page.get_by_role("button", name=further, exact=True)).to_be_hidden()


class Wire:
    """A TCP proxy whose connections can be cut."""

    def __init__(self, target):
        self.target = target
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            self.open |= {near, far}
            for source, target in ((near, far), (far, near)):
                Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            self.open.discard(end)
            self._hang_up(end)
            end.close()

    def _hang_up(self, end):
        # Closing alone does not reach the peer while a thread still reads.
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def cut(self):
        for end in list(self.open):
            self._hang_up(end)

    def close(self):
        self.listener.close()
        self.cut()


@pytest.fixture
def wire(scripted):
    line = Wire(scripted.port)
    yield line
    line.close()


def test_reply_goes_on_after_a_lost_connection(open_console, scripted, wire):
    console = open_console(wire.url)
    console.register()
    scripted.model.reply, scripted.model.seconds_per_word = WORDS, 0.08
    console.say("Go on.")
    expect(console.reply).to_contain_text("word5")
    resumed = []
    console.page.on("request", lambda request: resumed.append(request) if request.url.endswith("/stream") else None)
    wire.cut()
    expect(console.reply).to_contain_text("word30")
    expect(console.page.get_by_text("Connection lost.")).to_be_hidden()
    console.finished()
    assert console.reply.inner_text().strip() == WORDS
    assert resumed and resumed[0].headers.get("last-event-id")
    expect(console.messages).to_have_count(2)
    console.problems = [problem for problem in console.problems if not is_cut(problem)]


def test_message_that_never_arrived_is_given_back(console, scripted):
    console.register()
    console.say("First.")
    console.finished()
    console.context.set_offline(True)
    console.say("Second.")
    expect(console.page.get_by_text("Connection lost.")).to_be_visible()
    console.expect("GET", f"/conversations/{console.page.url.split('/c/')[1]}/stream", 404)
    console.context.set_offline(False)
    expect(console.page.get_by_text("did not reach the server")).to_be_visible()
    expect(console.composer).to_have_value("Second.")
    expect(console.messages).to_have_count(2)
    console.problems = [problem for problem in console.problems if "INTERNET_DISCONNECTED" not in problem]


def test_message_waits_for_the_model(console, scripted):
    console.register()
    console.say("First.")
    console.finished()
    path = f"/conversations/{console.page.url.split('/c/')[1]}/messages"
    console.expect("POST", path, 503)
    answers = iter([True, True, False])

    def refuse(route):
        if route.request.method == "POST" and next(answers, False):
            body = {"error": {"code": "model_loading", "type": "api_error", "message": "Loading.", "param": None}}
            route.fulfill(status=503, headers={"Retry-After": "1"}, json=body)
        else:
            route.continue_()

    console.page.route(f"**{path}", refuse)
    console.say("Second.")
    expect(console.page.get_by_text("The model is still loading.")).to_be_visible()
    expect(console.messages).to_have_count(4)
    console.finished()
    expect(console.page.get_by_text("The model is still loading.")).to_be_hidden()
    assert len(scripted.model.requests) == 2


def test_failed_reply_says_so(console, scripted, scripted_model):
    console.register()
    console.say("First.")
    console.finished()
    scripted_model.reply = ""
    console.say("Second.")
    expect(console.page.get_by_text("This reply failed.")).to_be_visible(timeout=60_000)
    stored = console.call("GET", f"/conversations/{console.page.url.split('/c/')[1]}/messages")["data"][-1]
    assert stored["status"] == "failed"
    assert console.reply.inner_text() == stored["content"]


def test_older_messages_come_as_one_scrolls_up(console, scripted):
    console.register()
    console.say("Turn 0.")
    console.finished()
    conversation = console.page.url.split("/c/")[1]
    for turn in range(1, 60):
        console.call("POST", f"/conversations/{conversation}/messages", {"content": f"Turn {turn}."})
    console.page.reload()
    expect(console.messages.nth(-2)).to_contain_text("Turn 59.")
    expect(console.messages).to_have_count(50)
    expect(console.messages.nth(-2)).to_be_in_viewport()
    for count in (100, 120):
        console.page.get_by_role("region", name="Messages").evaluate("node => node.scrollTop = 0")
        expect(console.messages).to_have_count(count)
    texts = console.page.locator(".message.ours .text").all_text_contents()
    assert texts == [f"Turn {turn}." for turn in range(60)]
    console.page.get_by_role("button", name="Go to the latest message").click()
    expect(console.messages.last).to_be_in_viewport()


def is_cut(problem):
    return any(word in problem for word in ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE", "ERR_SOCKET"))
