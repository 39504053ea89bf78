"""The other pages, the keyboard, the languages and the documentation pages."""

from mynah_process import PASSWORD
from playwright.sync_api import expect


def test_keyboard_alone_signs_in_and_sends(console, scripted):
    page, keyboard = console.page, console.page.keyboard
    name = console.register()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Username or e-mail")).to_be_focused()
    keyboard.type(name)
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    expect(console.composer).to_be_focused()
    keyboard.type("Two")
    keyboard.press("Shift+Enter")
    keyboard.type("lines")
    keyboard.press("Enter")
    console.finished()
    expect(page.locator(".message.ours .text")).to_have_text("Two\nlines")
    assert scripted.model.requests[0]["messages"][-1]["content"] == "Two\nlines"
    expect(console.composer).to_be_focused()

    page.get_by_role("button", name="Rename").focus()
    keyboard.press("Enter")
    expect(page.get_by_label("Title")).to_be_focused()
    keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Rename")).to_be_focused()

    page.get_by_role("link", name="Account").focus()
    keyboard.press("Enter")
    expect(console.heading("Account")).to_be_focused()


def test_menu_on_a_narrow_screen(console, scripted):
    page = console.page
    console.register()
    page.set_viewport_size({"width": 360, "height": 740})
    menu = page.get_by_role("button", name="Menu", exact=True)
    menu.click()
    expect(page.get_by_role("link", name="Account")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Account")).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    page.get_by_role("link", name="Account").click()
    expect(console.heading("Account")).to_be_visible()
    expect(page.get_by_role("link", name="Account")).to_be_hidden()


def test_errors_stand_beside_their_field(console, scripted):
    page = console.page
    console.open("/register")
    page.get_by_label("Username or e-mail").fill("somebody")
    page.get_by_label("Password").fill("short")
    console.expect("POST", "/auth/register", 422)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Username or e-mail")).not_to_have_attribute("aria-invalid", "true")
    console.check("register-error")


def test_chatbot_settings_and_prompt_versions(console, scripted):
    page = console.page
    console.register()
    bot = console.call("POST", "/chatbots", {"name": "Guide"})
    console.open(f"/chatbots/{bot['id']}")
    expect(page.get_by_text("No instructions yet.")).to_be_visible()
    page.get_by_label("New version").fill("Speak like a pirate.")
    page.get_by_role("button", name="Save and use").click()
    expect(page.get_by_text("Version 1 is now in use.")).to_be_visible()
    page.get_by_label("New version").fill("Speak like a poet.")
    page.get_by_role("button", name="Save and use").click()
    expect(page.get_by_text("Version 2 is now in use.")).to_be_visible()
    page.get_by_text("Version 1", exact=True).click()
    console.check("chatbot")
    page.get_by_role("button", name="Use version 1").click()
    expect(page.get_by_text("Version 1 is now in use.")).to_be_visible()
    active = [p["content"] for p in console.call("GET", f"/chatbots/{bot['id']}/prompts")["data"] if p["is_active"]]
    assert active == ["Speak like a pirate."]

    page.get_by_label("Name").fill("Captain")
    page.get_by_label("Temperature").fill("7")
    console.expect("PATCH", f"/chatbots/{bot['id']}", 422)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Temperature")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Temperature").fill("0.5")
    page.get_by_label("Longest reply, in tokens").fill("200")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    stored = console.call("GET", f"/chatbots/{bot['id']}")
    assert (stored["name"], stored["temperature"], stored["max_tokens"]) == ("Captain", 0.5, 200)

    page.get_by_role("link", name="Chat", exact=True).click()
    console.say("Hello")
    console.finished()
    assert scripted.model.requests[0]["messages"][0] == {"role": "system", "content": "Speak like a pirate."}

    console.open(f"/chatbots/{bot['id']}")
    page.get_by_role("button", name="Delete chatbot").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete chatbot").click()
    expect(console.heading("Chatbots")).to_be_visible()
    expect(page.get_by_role("heading", name="Captain")).to_have_count(0)
    console.check("chatbots")
    console.expect("GET", f"/chatbots/{bot['id']}", 404)
    console.open(f"/chatbots/{bot['id']}")
    expect(console.heading("There is no such page")).to_be_visible()


def test_account(console, open_console, scripted):
    page = console.page
    name = console.register()
    other = open_console(scripted.url)
    sign_in(other, name, PASSWORD)
    page.get_by_role("link", name="Account").click()
    page.get_by_label("First name").fill("Ada")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert console.call("GET", "/users/me")["first_name"] == "Ada"
    expect(page.get_by_text("This browser", exact=True)).to_have_count(1)
    console.check("account")
    page.get_by_role("button", name="End the session on").click()
    expect(page.get_by_text("The session was ended.")).to_be_visible()
    other.page.get_by_role("link", name="Account").click()
    expect(other.heading("Welcome back")).to_be_visible()

    console.expect("POST", "/auth/password", 403)
    page.get_by_label("Current password").fill("wrong")
    page.get_by_label("New password").fill("another calm bird")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_label("Current password")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    sign_in(other, name, "another calm bird")

    page.get_by_role("button", name="Delete account").click()
    console.check("delete-account")
    page.get_by_role("dialog").get_by_label("Password").fill("another calm bird")
    page.get_by_role("dialog").get_by_role("button", name="Delete account").click()
    expect(console.heading("Welcome back")).to_be_visible()
    console.expect("POST", "/auth/session", 401)
    page.get_by_label("Username or e-mail").fill(name)
    page.get_by_label("Password").fill("another calm bird")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="wrong")).to_be_visible()


def sign_in(console, name, password):
    console.open("/sign-in")
    console.page.get_by_label("Username or e-mail").fill(name)
    console.page.get_by_label("Password").fill(password)
    console.page.get_by_role("button", name="Sign in").click()
    expect(console.page.get_by_text(name, exact=True)).to_be_visible()


def test_bengali(console, scripted):
    page = console.page
    console.register()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_label("Language").select_option("bn")
    expect(console.heading("কী নিয়ে কথা বলবেন?")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "bn"
    console.check("new-chat-bn")
    page.reload()
    page.get_by_role("link", name="অ্যাকাউন্ট").click()
    expect(console.heading("অ্যাকাউন্ট")).to_be_visible()
    console.check("account-bn")
    console.expect("POST", "/auth/password", 403)
    page.get_by_label("বর্তমান পাসওয়ার্ড").fill("wrong")
    page.get_by_label("নতুন পাসওয়ার্ড").fill("another calm bird")
    page.get_by_role("button", name="পাসওয়ার্ড বদলান").click()
    expect(page.get_by_text("পাসওয়ার্ড ঠিক নয়।")).to_be_visible()
    page.get_by_role("button", name="সাইন আউট").click()
    expect(console.heading("আবার স্বাগতম")).to_be_visible()
    console.check("sign-in-bn")


def test_browser_language_is_the_first_choice(open_console, scripted):
    console = open_console(scripted.url, locale="bn-BD")
    console.open()
    expect(console.heading("আবার স্বাগতম")).to_be_visible()


def test_every_text_is_there_in_every_language(console, scripted):
    console.open()
    texts = console.page.evaluate(
        """async () => {
            const load = async (code) => (await import(`/assets/i18n/${code}.js`)).texts;
            return { en: await load("en"), bn: await load("bn") };
        }"""
    )
    assert texts["en"].keys() == texts["bn"].keys()
    gaps = lambda text: sorted(part.split("}")[0] for part in text.split("{")[1:])
    assert [key for key in texts["en"] if gaps(texts["en"][key]) != gaps(texts["bn"][key])] == []
    bengali = lambda text: any("\u0980" <= letter <= "\u09ff" for letter in text)
    assert [key for key, text in texts["bn"].items() if not bengali(text)] == []


def test_theme_is_remembered(console, scripted):
    page = console.page
    page.emulate_media(color_scheme="light")
    console.register()
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name="Use the dark theme").click()
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert light != dark
    page.reload()
    expect(page.get_by_role("button", name="Use the light theme")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark


def test_lost_server_is_named(console, scripted):
    console.register()
    console.context.set_offline(True)
    console.page.get_by_role("link", name="Chatbots", exact=True).click()
    expect(console.page.get_by_text("The server cannot be reached.")).to_be_visible()
    console.context.set_offline(False)
    console.page.get_by_role("button", name="Try again").click()
    expect(console.heading("Chatbots")).to_be_visible()
    console.problems = [problem for problem in console.problems if "INTERNET_DISCONNECTED" not in problem]


def test_documentation_pages(console, scripted):
    console.page.goto(f"{scripted.url}/docs")
    # Only visible rows are drawn.
    expect(console.page.get_by_role("button", name="Sign in with a name and password").first).to_be_visible()
    console.page.goto(f"{scripted.url}/redoc")
    # The document is large, and the page draws all of it.
    expect(console.page.locator(".menu-content")).to_be_visible(timeout=60_000)
    expect(console.page.get_by_role("heading", level=1).first).to_be_visible()
