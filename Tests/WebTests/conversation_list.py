"""The list of conversations beside every page, as a reader uses it."""

import time

from playwright.sync_api import expect

TEXTS = {
    "en": {
        "rename": "Rename", "pin": "Pin", "unpin": "Unpin", "pinned": "Pinned", "archive": "Archive", "back": "Take out of the archive",
        "delete": "Delete", "undo": "Undo", "close": "Close", "title": "Title", "save": "Save", "empty": "The archive is empty.",
        "actions": "Actions for “{}”", "running": "A reply is being written",
        "archiveOne": "Archive", "move": "Move to a folder…", "select": "Select several", "folder": "Folder", "moveConfirm": "Move", "cancel": "Cancel",
        "all": "All shown", "end": "End the selection", "one": "Select “{}”", "chosen": "Selected: {}", "folderPinned": "What is in this folder is pinned.",
        "deleted": "Deleted: {}.", "moved": "Moved to “{}”: {}.",
        "failed": "Only {} of {} were changed", "resumed": "What was left to do on this page has been done: {}.",
    },
    "bn": {
        "rename": "নাম বদলান", "pin": "পিন করুন", "unpin": "পিন খুলুন", "pinned": "পিন করা", "archive": "আর্কাইভ", "back": "আর্কাইভ থেকে বের করুন",
        "delete": "মুছুন", "undo": "ফিরিয়ে আনুন", "close": "বন্ধ করুন", "title": "শিরোনাম", "save": "সংরক্ষণ করুন", "empty": "আর্কাইভে কিছু নেই।",
        "actions": "“{}”-এর কাজ", "running": "উত্তর লেখা হচ্ছে",
        "archiveOne": "আর্কাইভে রাখুন", "move": "ফোল্ডারে রাখুন…", "select": "কয়েকটি বাছুন", "folder": "ফোল্ডার", "moveConfirm": "রাখুন", "cancel": "বাতিল",
        "all": "যা দেখা যায় সব", "end": "বাছাই শেষ করুন", "one": "“{}” বাছুন", "chosen": "বাছাই করা: {}টি", "folderPinned": "এই ফোল্ডারে যা আছে তা পিন করা।",
        "deleted": "মুছে ফেলা হয়েছে: {}টি।", "moved": "“{}”-এ রাখা হয়েছে: {}টি।",
        "failed": "{1}টির মধ্যে {0}টি বদলেছে", "resumed": "এই পাতায় যা বাকি ছিল তা করা হয়েছে: {}টি।",
    },
}
TITLES = ["ময়না পাখি", "العصافير", "Trains"]

# What can be taken back for eight seconds can be taken back for as long as a test needs, however slow the machine is.
PATIENT = """
const later = window.setTimeout;
window.setTimeout = (act, time, ...rest) => later(act, time === 8000 ? 600000 : time, ...rest);
"""


def eventually(page, condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "did not become true"
        page.wait_for_timeout(100)


class List:
    """The list as a reader uses it."""

    def __init__(self, console, language):
        self.console, self.page, self.text, self.language = console, console.page, TEXTS[language], language
        self.ids = {}
        for title in TITLES:
            self.ids[title] = console.call("POST", "/conversations", {"title": title})["id"]
        self.page.add_init_script(PATIENT)
        self.page.evaluate("code => localStorage.setItem('mynah.language', code)", language)
        self.page.reload()
        expect(self.rows).to_have_count(len(TITLES))

    @property
    def rows(self):
        return self.page.locator(".conversations li:not([hidden])")

    @property
    def titles(self):
        return self.rows.locator(".row-title")

    def row(self, title):
        return self.rows.filter(has_text=title)

    def act(self, title, action):
        """Chooses an action by keyboard alone, from the row's button on."""
        button = self.page.get_by_role("button", name=self.text["actions"].format(self.name(title)))
        button.focus()
        button.press("Enter")
        item = self.page.get_by_role("menuitem", name=self.text[action], exact=True)
        expect(self.page.get_by_role("menuitem").first).to_be_focused()
        while not item.evaluate("node => node === document.activeElement"):
            self.page.keyboard.press("ArrowDown")
        item.press("Enter")

    @staticmethod
    def name(title):
        return f"\u2068{title}\u2069" if title == "العصافير" else title

    def archive(self):
        self.page.locator(".conversation-head").get_by_role("button", name=self.text["archive"]).click()

    def undo(self):
        self.page.get_by_role("button", name=self.text["undo"]).click()

    def done(self):
        self.page.locator(".undo").get_by_role("button", name=self.text["close"]).click()
        expect(self.page.locator(".undo")).to_have_count(0)

    def stored(self, title):
        return self.console.call("GET", f"/conversations/{self.ids[title]}")

    def check_box(self, title):
        return self.page.get_by_role("checkbox", name=self.text["one"].format(self.name(title)))

    def tell(self, text, *values):
        """What the console says, with numbers as its language writes them."""
        digits = "০১২৩৪৫৬৭৮৯" if self.language == "bn" else "0123456789"
        return self.text[text].format(*("".join(digits[int(d)] if d.isdigit() else d for d in str(v)) for v in values))

    def bar(self, action):
        return self.page.locator(".selection").get_by_role("button", name=self.text[action], exact=True)

    def section(self, folder):
        return self.page.locator(f'[data-folder="{folder}"]')

    def in_folder(self, folder):
        return self.section(folder).locator("li:not([hidden]) .row-title")

    def count(self):
        return len(self.console.call("GET", "/conversations?limit=200")["data"])
