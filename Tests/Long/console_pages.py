#!/usr/bin/env python3
"""Takes a picture of every page of the console, at three sizes, light and dark, in English and Bengali, into
.build/console-pages, and measures what a browser loads: bytes and requests of a cold load, the times on a slow 3G connection,
and frames while 10,000 conversations are scrolled. Use a release build as MYNAH_BIN. Exits non-zero beyond a bound.

    console_pages.py [--only pictures,load,scroll]"""

import argparse
import os
import sqlite3
import sys
import tempfile
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests"))

from conftest import ScriptedModel  # noqa: E402
from mynah_process import PASSWORD, Server, make_admin  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402

PICTURES = ROOT / ".build/console-pages"
LANGUAGES = ("en", "bn")
SIZES = [(360, 740), (1200, 800), (2560, 1440)]
# Bytes of what is no font, compressed; seconds until the frame and the box to type in.
MOST_BYTES, MOST_REQUESTS, FRAME_SECONDS, TYPING_SECONDS = 250_000, 15, 1.5, 4.0
# What Chromium's own tools call slow 3G: 400 ms, 400 kbit/s.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
CONVERSATIONS = 10_000
# A frame that takes longer is a stall, in milliseconds.
STALL = 200
QUESTION = "“ধন্যবাদ” শব্দটি আরবিতে কী?"
ANSWER = "**شكراً**। উদাহরণ:\n\n```swift\nprint(\"谢谢 🐦\")\n```\n\n| ভাষা | শব্দ |\n| --- | --- |\n| English | thanks |\n\n- [x] $e^{i\\pi} = -1$"


def fill(server, model):
    """Makes an account with something on every page; returns the addresses of the pages by their names."""
    with httpx.Client(base_url=server.url, timeout=60) as client:

        def post(path, body):
            answer = client.post(path, json=body)
            assert answer.is_success, answer.text
            return answer.json()

        post("/auth/register", {"username": "ada", "password": PASSWORD})
        token = post("/auth/token", {"username": "ada", "password": PASSWORD})["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        bot = post("/chatbots", {"name": "ভাষা শিক্ষক", "description": "معلم اللغات", "greeting": "নমস্কার! 🐦"})["id"]
        model.reply = ANSWER
        conversation = post("/chat", {"message": QUESTION, "chatbot_id": bot})["conversation_id"]
        post("/chat", {"message": "天气怎么样？"})
        post(f"/chatbots/{bot}/api-keys", {"name": "ওয়েবসাইট"})
        shared = post(f"/conversations/{conversation}/share", {})["url"].split("/")[-1]
    return {
        "new": "/", "conversation": f"/c/{conversation}", "chatbots": "/chatbots", "new-chatbot": "/chatbots/new",
        "chatbot": f"/chatbots/{bot}", "keys": f"/chatbots/{bot}/keys", "knowledge": f"/chatbots/{bot}/knowledge",
        "account": "/account", "imports": "/imports", "shared": f"/shared/{shared}", "not-found": "/nowhere",
    }


def sign_in(page, server):
    page.goto(server.url)
    page.get_by_label("Username or e-mail").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#message")).to_be_visible()


class Camera:
    """Takes pictures of one page; one that is wider than the screen is a problem."""

    def __init__(self, page):
        self.page, self.count, self.problems = page, 0, []

    def take(self, name, language):
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for width, height in SIZES:
                self.page.set_viewport_size({"width": width, "height": height})
                self.page.evaluate("new Promise(requestAnimationFrame)")
                self.page.screenshot(path=PICTURES / f"{name}-{language}-{scheme}-{width}.png")
                self.count += 1
                if (found := self.page.evaluate("document.documentElement.scrollWidth")) > width:
                    self.problems.append(f"{name} in {language} takes {found} of {width} px")

    def take_both(self, name):
        for language in LANGUAGES:
            speak(self.page, language)
            self.page.reload(wait_until="networkidle")
            self.take(name, language)


def speak(page, language):
    page.evaluate("code => localStorage.setItem('mynah.language', code)", language)


def pictures(browser, server, pages):
    PICTURES.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    camera = Camera(page)
    for name in ("sign-in", "register", "forgot"):
        page.goto(f"{server.url}/#/{name}")
        camera.take_both(name)
    page.evaluate("localStorage.clear()")
    sign_in(page, server)
    for name, path in pages.items():
        page.goto(f"{server.url}/#{path}")
        camera.take_both(name)
    for language in LANGUAGES:
        operators(page, server, camera, language)
    context.close()
    print(f"pictures: {camera.count} in {PICTURES.relative_to(ROOT)}")
    return camera.problems


def operators(page, server, camera, language):
    """Every page of the operators' menu. A reload would end the session there."""
    page.goto(f"{server.url}/admin")
    speak(page, language)
    page.reload(wait_until="networkidle")
    page.set_viewport_size({"width": 1200, "height": 800})
    page.locator("select[name=role]").select_option("admin")
    page.locator("input[name=username]").fill("root")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    links = page.get_by_role("navigation").locator("a[href^='#']")
    expect(links.first).to_be_visible()
    for path in dict.fromkeys(links.evaluate_all("nodes => nodes.map((node) => node.getAttribute('href'))")):
        page.evaluate("path => { location.hash = path; }", path)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        camera.take(f"operators{path[1:].replace('/', '-')}", language)


def load(browser, server):
    """A cold load of the first screen, and the same on slow 3G."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-GB")
    sign_in(context.new_page(), server)
    cookies = context.storage_state()
    context.close()
    problems = []
    context = browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-GB", storage_state=cookies)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    kinds, sizes = {}, {}
    tools.on("Network.responseReceived", lambda event: kinds.__setitem__(event["requestId"], event["type"]))
    tools.on("Network.loadingFinished", lambda event: sizes.__setitem__(event["requestId"], event["encodedDataLength"]))
    page.goto(server.url, wait_until="networkidle")
    fonts = sum(size for request, size in sizes.items() if kinds.get(request) == "Font")
    rest = sum(sizes.values()) - fonts
    print(f"cold load: {len(sizes)} requests, {rest / 1000:.0f} kB and {fonts / 1000:.0f} kB of fonts")
    if rest > MOST_BYTES or len(sizes) > MOST_REQUESTS:
        problems.append("a cold load is too large")
    context.close()
    context = browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-GB", storage_state=cookies)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", SLOW_3G)
    page.add_init_script(
        "new MutationObserver(() => { if (document.querySelector('#message')) window.typingAt ??= performance.now(); })"
        ".observe(document, { childList: true, subtree: true });")
    page.goto(server.url, wait_until="commit")
    page.wait_for_selector("#message", timeout=60_000)
    typing = page.evaluate("window.typingAt") / 1000
    frame = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity") / 1000
    print(f"slow 3G: first paint after {frame:.2f} s, box to type in after {typing:.2f} s")
    if frame > FRAME_SECONDS or typing > TYPING_SECONDS:
        problems.append("slow 3G takes too long")
    context.close()
    return problems


def scroll(browser, server):
    """Scrolls a list of 10,000 conversations to its end."""
    with sqlite3.connect(server.folder / "mynah.sqlite", timeout=60) as database:
        columns = "workspace_id, chatbot_id, user_id, last_position, created_at, updated_at"
        database.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) "
            f"INSERT INTO conversations (id, title, {columns}) SELECT 'scroll-' || n, 'কথোপকথন 对话 ' || n, workspace_id, chatbot_id, user_id, 0, "
            "created_at - n * 600000, updated_at - n * 600000 FROM (SELECT * FROM conversations LIMIT 1), numbers",
            (CONVERSATIONS,))
    context = browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-GB")
    page = context.new_page()
    sign_in(page, server)
    found = page.evaluate("""async (wanted) => {
        const list = document.querySelector(".conversation-nav");
        const frames = [];
        let before = performance.now();
        for (let quiet = 0; quiet < 300 && list.querySelectorAll("li").length < wanted; quiet += 1) {
            const count = list.querySelectorAll("li").length;
            list.scrollTop = list.scrollHeight;
            const now = await new Promise(requestAnimationFrame);
            frames.push(now - before);
            before = now;
            if (list.querySelectorAll("li").length > count) quiet = 0;
        }
        return { rows: list.querySelectorAll("li").length, frames };
    }""", CONVERSATIONS)
    frames = sorted(found["frames"])
    print(f"scroll: {found['rows']} rows, frames p50 {frames[len(frames) // 2]:.0f} ms, p99 {frames[len(frames) * 99 // 100]:.0f} ms, "
          f"longest {frames[-1]:.0f} ms")
    context.close()
    problems = []
    if found["rows"] < CONVERSATIONS:
        problems.append("the list did not reach its end")
    if frames[len(frames) * 99 // 100] > STALL:
        problems.append("scrolling stalls")
    return problems


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="pictures,load,scroll")
    only = options.parse_args().only.split(",")
    model, problems = ScriptedModel(), []
    settings = {"LLM_PROVIDER": "openai", "LLM_MODEL": "scripted", "OPENAI_API_KEY": "not-a-real-key"}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(folder, OPENAI_BASE_URL=model.url, **settings).start()
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        try:
            make_admin(server).close()
            pages = fill(server, model)
            if "pictures" in only:
                problems += pictures(browser, server, pages)
            if "load" in only:
                problems += load(browser, server)
            if "scroll" in only:
                problems += scroll(browser, server)
        finally:
            browser.close()
            server.stop()
            model.close()
    for problem in problems:
        print(f"console_pages: {problem}")
    print("console_pages:", "failed" if problems else "passed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
