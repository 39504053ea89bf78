"""What a chatbot cites on a website: chips in the reply, each of which shows its passage, in English and Bengali."""

import time

import pytest
from mynah_process import Server
from playwright.sync_api import expect
from website import SCREENSHOTS, Shop, Visitor

TEXT = "সদস্য হতে ৫০ টাকা লাগে। المتحف مفتوح يوم الجمعة. 图书馆星期天开门。 🦜"
NAME = "নিয়ম <b>.md"


@pytest.fixture(scope="module")
def knowing_process(tmp_path_factory, scripted_model):
    running = Server(
        tmp_path_factory.mktemp("widget-knowing"), LLM_PROVIDER="openai", LLM_MODEL="scripted",
        OPENAI_API_KEY="not-a-real-key", OPENAI_BASE_URL=scripted_model.url, EMBEDDING_PROVIDER="openai",
        EMBEDDING_MODEL="vectors",
    ).start()
    yield running
    running.stop()


@pytest.fixture
def reading_shop(knowing_process, website, scripted_model):
    """A shop whose chatbot knows a file."""
    scripted_model.reset()
    shop = Shop(knowing_process, website)
    made = shop.http.post(f"/chatbots/{shop.bot}/files", files={"file": (NAME, TEXT.encode())})
    assert made.status_code == 202, made.text
    shop.file = f"/chatbots/{shop.bot}/files/{made.json()['id']}"
    deadline = time.monotonic() + 120
    while (state := shop.call("GET", shop.file)["state"]) != "ready" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert state == "ready"
    return shop


@pytest.mark.parametrize("language, number, options", [
    ("en", "1", {}), ("bn", "১", {"locale": "bn-BD", "size": Visitor.NARROW}),
])
def test_chips_show_their_passages(reading_shop, visit, scripted_model, language, number, options):
    shop = reading_shop
    scripted_model.reply, scripted_model.seconds_per_word = "৫০ টাকা [১]. `[1]` বাকি [7] কথা [1] <i>", 0.05
    visitor = visit(**options)
    visitor.open(shop.serve(lang=language), language)
    visitor.say("কত?")
    visitor.finished()
    chips = visitor.reply.locator("button.chip")
    expect(chips).to_have_count(2)
    expect(chips.first).to_have_text(number)
    expect(visitor.reply.locator("code")).to_have_text("[1]")
    assert "[7]" not in visitor.reply.inner_text()
    label = visitor.t["source"].format(n=f"\u2068{number}\u2069", name=f"\u2068{NAME}\u2069")
    expect(chips.first).to_have_accessible_name(label)
    passage = visitor.panel.locator(".passage")
    expect(passage).to_be_hidden()
    chips.first.press("Enter")
    expect(passage.locator("blockquote")).to_have_text(TEXT)
    expect(passage.locator("figcaption bdi")).to_have_text(NAME)
    expect(chips.last).to_have_attribute("aria-expanded", "true")
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        visitor.picture(SCREENSHOTS / f"widget-citation-{language}-{scheme}.png")
        visitor.check()
    visitor.button("closeSource").click()
    expect(passage).to_be_hidden()
    expect(chips.first).to_be_focused()
    chips.last.click()
    expect(passage).to_be_visible()
    chips.last.click()
    expect(passage).to_be_hidden()

    shop.call("DELETE", shop.file)
    visitor.page.reload()
    visitor.launcher.click()
    expect(chips).to_have_count(2)
    chips.first.click()
    expect(passage).to_contain_text(visitor.t["sourceGone"])
    expect(passage.locator("blockquote")).to_have_count(0)
