"""What every client asks, and what the played model must have been told and must have said."""

from threading import Event

from pydantic import BaseModel

# The played model fills in the numbers and the quoted texts, so an answer shows what reached it.
WEATHER = "How is the weather in 'ঢাকা' in 3 days? And what does «طائر» mean? 🐦"
ORDER = "'李小龙' orders 12 of 'شاي بالنعناع'"
GREETING = "হ্যালো, 你好, مرحبا 👋"
FORECAST = "রোদ ☀️ 晴 مشمس"


class Order(BaseModel):
    customer: str
    quantity: int
    goods: str


ORDERED = Order(customer="李小龙", quantity=12, goods="شاي بالنعناع")


def weather(city: str, days: int) -> str:
    """Tells the weather of a city in some days."""
    assert (city, days) == ("ঢাকা", 3)
    return FORECAST


class Reading:
    """Tells the played vendor that a stream's reader has something, so that it sends the second half only then."""

    def __init__(self):
        self.has_begun, self.was_late = Event(), False

    def reset(self):
        self.has_begun.clear()
        self.was_late = False

    def of(self, pieces):
        """Passes on what a client yields."""
        for piece in pieces:
            self.has_begun.set()
            yield piece

    def wait(self):
        self.was_late |= not self.has_begun.wait(20)


reading = Reading()


def was_streamed(pieces, text=GREETING):
    """Checks that a greeting came in pieces and whole, and the first of them before the vendor had sent the last."""
    pieces = [piece for piece in reading.of(pieces) if piece]
    return len(pieces) > 1 and "".join(pieces).endswith(text) and not reading.was_late


# Each question is about the passage at its place.
PASSAGES = ["ইলিশ মাছ সকালে বাজারে পাওয়া যায়। 🐟", "القطار إلى القاهرة ينطلق في التاسعة مساءً.", "图书馆星期天下午五点关门。"]
QUESTIONS = ["ইলিশ মাছ কখন বাজারে পাওয়া যায়?", "متى ينطلق القطار إلى القاهرة؟", "图书馆星期天几点关门？"]


def found(question, passages):
    """Returns the place of the vector that is nearest to the question's."""
    length = [sum(x * x for x in vector) ** 0.5 for vector in passages]
    near = [sum(x * y for x, y in zip(question, vector)) / length[place] for place, vector in enumerate(passages)]
    return near.index(max(near))
