"""A new user's first steps on a new server, with the real local model."""

from playwright.sync_api import expect


def test_first_conversation(open_console, server):
    console = open_console(server.url)
    page = console.page
    # Until the local model has loaded, a message waits.
    console.open()
    expect(console.heading("Welcome back")).to_be_visible()
    console.check("sign-in")
    page.get_by_role("link", name="Create account").click()
    expect(console.heading("Create your account")).to_be_visible()
    console.check("register")
    name = console.register()
    console.check("new-chat")

    page.get_by_role("link", name="Chatbots", exact=True).click()
    page.get_by_role("link", name="New chatbot").click()
    page.get_by_label("Name").fill("Bird guide")
    page.get_by_label("Instructions").fill("You know all about birds. Answer in three sentences.")
    page.get_by_label("Greeting").fill("Hello! Ask me about birds.")
    console.check("new-chatbot")
    page.get_by_role("button", name="Create chatbot").click()
    expect(page.get_by_text("Hello! Ask me about birds.")).to_be_visible()
    expect(page.get_by_role("button", name="Chatbot: Bird guide")).to_be_visible()

    allow_loading(console)
    console.say("Please tell me about parrots.")
    lengths = watch(console)
    console.finished()
    assert len(lengths()) > 2 and lengths()[0] < lengths()[-1], f"the reply did not grow: {lengths()}"
    conversation = page.url.split("/c/")[1]
    stored = console.call("GET", f"/conversations/{conversation}/messages")["data"]
    assert [message["sender"] for message in stored] == ["user", "ai"]
    expect(console.messages.first).to_contain_text("Please tell me about parrots.")
    console.check("chat")

    page.get_by_role("button", name="Good reply").click()
    expect(page.get_by_role("button", name="Good reply")).to_have_attribute("aria-pressed", "true")

    console.say("Write a very long story about a crow, with many chapters.")
    expect(console.reply).not_to_be_empty(timeout=60_000)
    page.get_by_role("button", name="Stop the reply").click()
    console.finished()
    kept = console.call("GET", f"/conversations/{conversation}/messages")["data"][-1]
    assert kept["status"] == "partial" and kept["content"]
    expect(page.get_by_text("Stopped before the end.")).to_be_visible()

    page.reload()
    expect(console.messages).to_have_count(4)
    expect(console.messages.first).to_contain_text("Please tell me about parrots.")
    expect(page.get_by_role("button", name="Good reply").first).to_have_attribute("aria-pressed", "true")

    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Title").fill("Parrots and crows")
    console.check("rename")
    page.get_by_label("Title").press("Enter")
    expect(console.heading("Parrots and crows")).to_be_visible()
    expect(page.get_by_role("link", name="Parrots and crows")).to_be_visible()

    page.get_by_role("button", name="Delete").click()
    console.check("delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(console.heading("What shall we talk about?")).to_be_visible()
    expect(page.get_by_text("No conversations yet.")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(console.heading("Welcome back")).to_be_visible()
    console.open("/account")
    expect(console.heading("Welcome back")).to_be_visible()
    console.page.get_by_label("Username or e-mail").fill(name)
    console.page.get_by_label("Password").fill("not the password")
    console.expect("POST", "/auth/session", 401)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="wrong")).to_be_visible()


def allow_loading(console):
    """While the local model starts, the page is told so and retries."""

    def note(response):
        if response.status == 503 and response.url.endswith("/messages"):
            console.expect("POST", response.url.removeprefix(console.url), 503)

    # This listener runs before the console's own, which must expect the response.
    console.page.remove_listener("response", console._answered)
    console.page.on("response", note)
    console.page.on("response", console._answered)


def watch(console):
    """Records every length of the newest reply on the page."""
    console.page.evaluate(
        """() => {
            window.lengths = [];
            new MutationObserver(() => {
                const text = document.querySelector(".message.theirs:last-child .text")?.textContent.length;
                if (text && text !== window.lengths.at(-1)) window.lengths.push(text);
            }).observe(document.querySelector("main"), { childList: true, subtree: true, characterData: true });
        }"""
    )
    return lambda: console.page.evaluate("window.lengths")
