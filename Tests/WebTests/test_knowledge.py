"""What a chatbot knows, as its editors see it: files, what is found in them, and what is said without them."""

import base64
import time

import httpx
import pytest
from conftest import Operators
from mynah_process import Server
from playwright.sync_api import expect
from test_attachments import GIVE

BENGALI, ARABIC, CHINESE = "সদস্য হতে ৫০ টাকা লাগে।", "المتحف مفتوح يوم الجمعة", "图书馆星期天开门。🦜"
RULES = f"# নিয়ম\n\n{BENGALI}\n\n# المتحف\n\n{ARABIC}\n\n# 图书馆\n\n{CHINESE}\n"


@pytest.fixture(scope="module")
def knowing_process(tmp_path_factory, scripted_model):
    running = Server(
        tmp_path_factory.mktemp("knowledge"), LLM_PROVIDER="openai", LLM_MODEL="scripted", OPENAI_API_KEY="not-a-real-key",
        OPENAI_BASE_URL=scripted_model.url, EMBEDDING_PROVIDER="openai", EMBEDDING_MODEL="vectors",
        ALLOW_PRIVATE_ENDPOINTS="on",
    ).start()
    running.operators = Operators(running)
    yield running
    running.stop()


@pytest.fixture
def knowing(open_console, knowing_process, scripted_model):
    """The console of a new user, and the id of the user's chatbot."""
    scripted_model.reset()
    console = open_console(knowing_process.url)
    console.register()
    return console, console.call("GET", "/chatbots")["data"][0]["id"]


def show(console, bot, name="What Assistant knows"):
    console.open(f"/chatbots/{bot}/knowledge")
    expect(console.heading(name)).to_be_visible()


def choose(console, *files):
    with console.page.expect_file_chooser() as chooser:
        console.page.get_by_role("button", name="Add files").click()
    chooser.value.set_files([{"name": name, "mimeType": "text/plain", "buffer": data} for name, data in files])


def section(console, title):
    return console.page.get_by_role("region", name=title, exact=True)


def row(console, name):
    return section(console, "Files").get_by_role("listitem").filter(has_text=name)


def in_state(console, name, state):
    """Waits for a state, which background jobs bring about."""
    expect(row(console, name).locator(".tag")).to_have_text(state, timeout=120_000)


def test_files_are_added_watched_looked_at_and_removed(knowing):
    console, bot = knowing
    console.open(f"/chatbots/{bot}")
    console.page.get_by_role("link", name="Knowledge").click()
    expect(console.heading("What Assistant knows")).to_be_visible()
    files = section(console, "Files")
    expect(files).to_contain_text("No files yet.")
    console.check("knowledge-empty")
    choose(console, ("নিয়ম <b>.md", RULES.encode()), ("فارغ.txt", b""))
    in_state(console, "নিয়ম <b>.md", "Ready")
    in_state(console, "فارغ.txt", "Failed")
    expect(row(console, "فارغ.txt")).to_contain_text("This file is empty. Remove it")
    expect(row(console, "فارغ.txt").get_by_role("button")).to_have_count(1)
    expect(files.get_by_role("list", name="Room for files")).to_contain_text("2 of ")
    console.check("knowledge-files")

    with console.page.expect_download() as download:
        row(console, "নিয়ম").get_by_role("link").click()
    assert open(download.value.path(), "rb").read() == RULES.encode()
    row(console, "নিয়ম").get_by_role("button", name="Show the passages").press("Enter")
    dialog = console.page.get_by_role("dialog", name="নিয়ম <b>.md")
    expect(dialog.locator("blockquote").first).to_contain_text(BENGALI)
    expect(dialog).to_contain_text(ARABIC)
    console.check("knowledge-passages")
    console.page.keyboard.press("Escape")

    remove = row(console, "فارغ.txt").get_by_role("button", name="Remove")
    remove.click()
    console.page.get_by_role("button", name="Cancel").click()
    expect(remove).to_be_focused()
    remove.click()
    console.page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(files.get_by_role("status").filter(has_text="was removed")).to_be_visible()
    expect(row(console, "فارغ.txt")).to_have_count(0)
    expect(files.get_by_role("heading", name="Files")).to_be_focused()
    assert [file["name"] for file in console.call("GET", f"/chatbots/{bot}/files")["data"]] == ["নিয়ম <b>.md"]


def test_files_are_dropped_and_read_again(knowing):
    console, bot = knowing
    show(console, bot)
    files = [[name, "text/plain", base64.b64encode(text.encode()).decode()] for name, text in [("টিয়া.txt", BENGALI), ("b.txt", CHINESE)]]
    console.page.evaluate(GIVE, [".drop", "dragover", files])
    expect(console.page.locator(".drop.dropping")).to_have_count(1)
    console.page.evaluate(GIVE, [".drop", "drop", files])
    expect(console.page.locator(".dropping")).to_have_count(0)
    for name in ("টিয়া.txt", "b.txt"):
        in_state(console, name, "Ready")
    before = console.call("GET", f"/chatbots/{bot}/files")["data"]
    row(console, "টিয়া.txt").get_by_role("button", name="Read টিয়া.txt again").click()
    dialog = console.page.get_by_role("dialog", name="Read “টিয়া.txt” again?")
    expect(dialog).to_contain_text("Until that is done, the chatbot does not find it.")
    with console.page.expect_response(lambda response: response.url.endswith("/retry")) as answered:
        dialog.get_by_role("button", name="Read again").click()
    assert answered.value.json()["state"] == "queued"
    expect(dialog).to_have_count(0)
    deadline = time.monotonic() + 120
    while (after := console.call("GET", f"/chatbots/{bot}/files")["data"]) != before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert after == before
    in_state(console, "টিয়া.txt", "Ready")


def test_a_web_page_is_added_by_its_address(knowing, website):
    console, bot = knowing
    website.files["/rules.txt"] = ("text/plain", RULES, {})
    show(console, bot)
    console.page.get_by_role("button", name="Add a web page").click()
    dialog = console.page.get_by_role("dialog", name="Add a web page")
    console.expect("POST", f"/chatbots/{bot}/files", 422)
    for wrong in ("পাখি", f"{website.url}/missing.txt"):
        dialog.get_by_label("Address").fill(wrong)
        dialog.get_by_role("button", name="Add").click()
        expect(dialog.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
        expect(dialog.get_by_role("button", name="Add")).to_be_enabled()
    console.check("knowledge-address")
    dialog.get_by_label("Address").fill(f"{website.url}/rules.txt")
    dialog.get_by_role("button", name="Add").click()
    expect(section(console, "Files").get_by_role("status").filter(has_text="The page was fetched")).to_be_visible()
    in_state(console, "rules.txt", "Ready")


def test_a_failed_file_is_tried_again(knowing, scripted_model):
    console, bot = knowing
    show(console, bot)
    scripted_model.refuses_texts = True
    choose(console, ("নিয়ম.md", RULES.encode()))
    in_state(console, "নিয়ম.md", "Failed")
    expect(row(console, "নিয়ম.md")).to_contain_text("The model that indexes files refused it.")
    scripted_model.reset()
    console.page.get_by_label("Language").select_option("bn")
    expect(console.heading("Assistant যা জানে")).to_be_visible()
    failed = console.page.get_by_role("listitem").filter(has_text="নিয়ম.md")
    expect(failed).to_contain_text("সূচিবদ্ধ করে সেটি এটি নেয়নি")
    failed.get_by_role("button", name="নিয়ম.md আবার চেষ্টা করুন").click()
    expect(failed.locator(".tag")).to_have_text("তৈরি", timeout=120_000)
    console.check("knowledge-bn")


def test_what_does_not_fit_is_refused_before_it_is_sent(knowing, knowing_process):
    console, bot = knowing
    user = console.call("GET", "/users/me")
    limits = {"files": 2, "stored_bytes": 200_000}
    knowing_process.operators.call("PATCH", f"/admin/users/{user['id']}", {"limits": limits})
    show(console, bot)
    files = section(console, "Files")
    choose(console, ("বড়.txt", b"x" * 300_000), ("১.txt", BENGALI.encode()), ("২.txt", ARABIC.encode()), ("৩.txt", b"3"))
    sending = files.get_by_role("list", name="Files on their way")
    expect(sending.get_by_role("listitem").filter(has_text="বড়.txt")).to_contain_text("This file does not fit")
    expect(sending.get_by_role("listitem").filter(has_text="৩.txt")).to_contain_text("The plan allows no more files.")
    for name in ("১.txt", "২.txt"):
        in_state(console, name, "Ready")
    expect(files).to_contain_text("2 of 2")
    console.check("knowledge-full")
    for name in ("বড়.txt", "৩.txt"):
        sending.get_by_role("button", name=f"Do not add {name}").click()
    expect(sending).to_be_hidden()
    assert len(console.call("GET", f"/chatbots/{bot}/files")["data"]) == 2


def test_a_question_is_tested(knowing):
    console, bot = knowing
    show(console, bot)
    test = section(console, "Test a question")
    test.get_by_label("Question").fill("টাকা?")
    test.get_by_label("Question").press("Enter")
    expect(test.get_by_role("status")).to_contain_text("Nothing was found")
    known = [("নিয়ম.txt", BENGALI, "কত টাকা লাগে?", "ltr"), ("متحف.txt", ARABIC, "متى المتحف مفتوح؟", "rtl"), ("图书馆.txt", CHINESE, "图书馆?", "ltr")]
    choose(console, *((name, text.encode()) for name, text, *_ in known))
    for name, *_ in known:
        in_state(console, name, "Ready")
    for name, text, question, direction in known:
        test.get_by_label("Question").fill(question)
        test.get_by_role("button", name="Search").click()
        first = test.get_by_role("list", name="Passages that were found").get_by_role("listitem").first
        expect(first.get_by_role("heading")).to_have_text(name)
        expect(first.locator(f"blockquote:dir({direction})")).to_have_text(text)
        expect(first).to_contain_text("By words: place 1")
        expect(first).to_contain_text("score ")
    console.check("knowledge-search")


def test_a_chatbot_answers_only_from_its_files(knowing):
    console, bot = knowing
    others = {"provider_timeout": "দেরি হচ্ছে"}
    console.call("PATCH", f"/chatbots/{bot}", {"fallback_messages": others})
    show(console, bot)
    strict = section(console, "Answer only from files")
    expect(strict.get_by_label("Text")).to_be_hidden()
    strict.get_by_label("If no file has the answer").select_option("yes")
    strict.get_by_label("Text").fill("")
    strict.get_by_role("button", name="Save").click()
    expect(strict).to_contain_text("Please fill this in.")
    strict.get_by_label("Text").fill("জানি না। لا أعرف")
    strict.get_by_role("button", name="Save").click()
    expect(strict.get_by_role("status")).to_have_text("Saved.")
    texts = console.call("GET", f"/chatbots/{bot}")["fallback_messages"]
    assert (texts["no_source"], texts["provider_timeout"]) == ("জানি না। لا أعرف", "দেরি হচ্ছে")
    console.page.reload()
    expect(strict.get_by_label("Text")).to_have_value("জানি না। لا أعرف")
    strict.get_by_label("If no file has the answer").select_option("no")
    strict.get_by_role("button", name="Save").click()
    expect(strict.get_by_role("status")).to_have_text("Saved.")
    assert console.call("GET", f"/chatbots/{bot}")["fallback_messages"]["no_source"] is None


def test_an_unanswered_question_gets_an_answer(knowing, scripted_model):
    console, bot = knowing
    show(console, bot)
    choose(console, ("নিয়ম.md", RULES.encode()))
    in_state(console, "নিয়ম.md", "Ready")
    scripted_model.reply = "জানি না"
    for question in ("ما هو الطقس؟", "আজ ছুটি? <b>", "আজ ছুটি? <b>"):
        console.call("POST", "/chat", {"chatbot_id": bot, "message": question})
    console.page.reload()
    open_ones = section(console, "Unanswered questions")
    asked = open_ones.get_by_role("listitem")
    expect(asked).to_have_count(2)
    expect(asked.first).to_contain_text("asked 2 times")
    open_ones.get_by_role("button", name="Write an answer to “আজ ছুটি? <b>”").click()
    dialog = console.page.get_by_role("dialog", name="Add an answer")
    expect(dialog.get_by_label("Question")).to_have_value("আজ ছুটি? <b>")
    dialog.get_by_label("Answer").fill("হ্যাঁ, আজ **ছুটি**।")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(asked.first.locator(".tag")).to_have_text("Answered")
    answers = section(console, "Curated answers")
    expect(answers.get_by_role("listitem")).to_contain_text("হ্যাঁ, আজ **ছুটি**।")
    console.check("knowledge-answers")
    told = console.call("POST", "/chat", {"chatbot_id": bot, "message": " আজ  ছুটি? <b>?"})
    assert told["message"]["content"] == "হ্যাঁ, আজ **ছুটি**।"

    open_ones.get_by_role("button", name="Change the answer to “আজ ছুটি? <b>”").click()
    dialog = console.page.get_by_role("dialog", name="Change")
    dialog.get_by_label("Answer").fill("না।")
    dialog.get_by_role("button", name="Save").click()
    expect(answers.get_by_role("listitem")).to_contain_text("না।")
    answers.get_by_role("button", name="Add an answer").click()
    dialog = console.page.get_by_role("dialog", name="Add an answer")
    console.expect("POST", f"/chatbots/{bot}/answers", 409)
    dialog.get_by_label("Question").fill("আজ  ছুটি? <B>")
    dialog.get_by_label("Answer").fill("?")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("This question has an answer already.")
    console.check("knowledge-answer")
    dialog.get_by_role("button", name="Cancel").click()
    answers.get_by_role("button", name="Delete the answer").click()
    console.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(answers).to_contain_text("No curated answers yet.")
    expect(asked.first.locator(".tag")).to_have_count(0)


def test_a_viewer_sees_a_chatbot_without_what_would_be_refused(open_console, knowing_process):
    owner, viewer = open_console(knowing_process.url), open_console(knowing_process.url)
    owner.register()
    team = owner.call("POST", "/workspaces", {"name": "Team"})
    name = viewer.register()
    invited = owner.call("POST", f"/workspaces/{team['id']}/members", {"username": name, "role": "viewer"})
    viewer.call("POST", "/invitations/accept", {"id": invited["id"]})
    cookies = {cookie["name"]: cookie["value"] for cookie in owner.context.cookies()}
    headers = {"Origin": owner.url, "X-Workspace-Id": team["id"]}
    given = {"name": "পথপ্রদর্শক", "greeting": "أهلا بك"}
    bot = httpx.post(f"{owner.url}/chatbots", json=given, cookies=cookies, headers=headers).json()["id"]
    for path in ("prompts", "widget", "usage"):
        viewer.expect("GET", f"/chatbots/{bot}/{path}", 403)
    viewer.open(f"/chatbots/{bot}")
    expect(viewer.heading("পথপ্রদর্শক")).to_be_visible()
    main = viewer.page.get_by_role("main")
    expect(main).to_contain_text("أهلا بك")
    expect(main.get_by_role("button")).to_have_count(0)
    expect(main.get_by_role("link")).to_have_text(["Chatbots", "Chat"])
    viewer.check("chatbot-viewer")
    viewer.expect("GET", f"/chatbots/{bot}/answers", 403)
    viewer.open(f"/chatbots/{bot}/knowledge")
    expect(viewer.page.get_by_role("alert")).to_contain_text("Your role in this workspace")


def test_every_text_of_the_page_is_there_in_every_language(console, scripted):
    console.open()
    texts = console.page.evaluate(
        """async () => {
            const load = async (code) => (await import(`/assets/i18n/knowledge-${code}.js`)).texts;
            return [await load("en"), await load("bn")];
        }"""
    )
    assert texts[0].keys() == texts[1].keys()
    gaps = lambda text: sorted(part.split("}")[0] for part in text.split("{")[1:])
    assert [key for key in texts[0] if gaps(texts[0][key]) != gaps(texts[1][key])] == []
    bengali = lambda text: any("\u0980" <= letter <= "\u09ff" for letter in text)
    assert [key for key, text in texts[1].items() if not bengali(text)] == []
