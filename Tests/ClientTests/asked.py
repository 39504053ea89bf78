"""What every client asks, and what the played model must have been told and must have said."""

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


def was_streamed(pieces, text=GREETING):
    """Checks that a greeting came in pieces and whole."""
    pieces = [piece for piece in pieces if piece]
    return len(pieces) > 3 and "".join(pieces).endswith(text)
