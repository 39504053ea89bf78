"""Replies that cite a chatbot's files: buttons that open the passage, also while the reply comes."""

import time

import httpx
import pytest
from mynah_process import Server
from playwright.sync_api import expect

TEXT = "সদস্য হতে ৫০ টাকা লাগে। المتحف مفتوح يوم الجمعة. 图书馆星期天开门。 🦜"


@pytest.fixture(scope="module")
def knowing_process(tmp_path_factory, scripted_model):
    running = Server(
        tmp_path_factory.mktemp("knowing"), LLM_PROVIDER="openai", LLM_MODEL="scripted", OPENAI_API_KEY="not-a-real-key",
        OPENAI_BASE_URL=scripted_model.url, EMBEDDING_PROVIDER="openai", EMBEDDING_MODEL="vectors",
    ).start()
    yield running
    running.stop()


def add_file(console, name, text):
    """Gives the account's only chatbot a file; returns the address of the file when the chatbot can find it."""
    chatbot = console.call("GET", "/chatbots")["data"][0]["id"]
    cookies = {cookie["name"]: cookie["value"] for cookie in console.context.cookies()}
    made = httpx.post(
        f"{console.url}/chatbots/{chatbot}/files", files={"file": (name, text.encode())}, cookies=cookies,
        headers={"Origin": console.url}, timeout=60)
    assert made.status_code == 202, made.text
    path = f"/chatbots/{chatbot}/files/{made.json()['id']}"
    deadline = time.monotonic() + 120
    while (state := console.call("GET", path)["state"]) != "ready" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert state == "ready"
    return path


def test_citations_open_their_passage(open_console, knowing_process, scripted_model):
    scripted_model.reset()
    console = open_console(knowing_process.url)
    console.register()
    file = add_file(console, "নিয়ম <b>.md", TEXT)
    scripted_model.reply, scripted_model.seconds_per_word = "৫০ টাকা [১]. `[1]` বাকি [7] কথা <i>", 0.05
    console.say("কত?")
    console.finished()
    page = console.page
    assert "[7]" not in console.reply.inner_text() and "`" not in console.reply.inner_text()
    expect(console.reply.locator("code")).to_have_text("[1]")
    inside, below = console.reply.locator("button.citation"), page.locator(".sources button.citation")
    expect(inside).to_have_count(1)
    expect(below).to_have_count(1)
    expect(below).to_contain_text("নিয়ম <b>.md")
    assert TEXT in scripted_model.requests[-1]["messages"][-1]["content"]
    for button in (inside, below):
        button.click()
        dialog = page.get_by_role("dialog", name="নিয়ম <b>.md")
        expect(dialog.locator("mark")).to_have_text(TEXT)
        if button is inside:
            console.check("citation")
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_have_count(0)
    console.check("cited-reply")

    console.call("DELETE", file)
    page.reload()
    conversation = page.url.rsplit("/", 1)[1]
    console.finished()
    message = console.call("GET", f"/conversations/{conversation}/messages")["data"][1]
    assert message["citations"][0]["quote"] is None
    console.expect("GET", f"/conversations/{conversation}/messages/{message['id']}/citations/1", 404)
    page.locator(".sources button.citation").click()
    expect(page.get_by_role("dialog")).to_contain_text("This file has been deleted")
    page.get_by_role("button", name="Close").click()
