"""Streams: at the vendor's pace, for any number of readers, surviving the loss of any of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from client import events, eventually, last_reply, text
from vendor import Hold


@pytest.fixture
def held(user, vendor):
    """A running turn: its conversation and id, with `before` sent and ` after` held back until released."""

    class Held:
        hold = Hold()
        conversation = user.conversation()
        path = f"/conversations/{conversation}/messages"

    vendor.answer("Tell me.", "before", Held.hold, " after")
    yield Held
    Held.hold.release()


def test_events_arrive_as_the_vendor_sends_them(user, held):
    with user.stream(held.path, {"content": "Tell me."}) as events:
        start, delta = next(events), next(events)
        assert (start.name, delta.name, delta.data["content"]) == ("start", "delta", "before")
        assert start.data["conversation_id"] == start.data["session_id"] == held.conversation
        assert not held.hold._released.is_set()
        held.hold.release()
        rest = list(events)
    assert [event.name for event in rest] == ["delta", "done"] and text(rest) == " after"
    asked, reply = rest[-1].data
    assert (asked["content"], reply["content"], reply["status"]) == ("Tell me.", "before after", "complete")
    assert reply["id"] == start.data["message_id"]
    assert all(event.id for event in [start, delta, *rest])


def test_chat_streams_the_same_with_the_body_of_the_answer_at_the_end(user, vendor):
    with user.stream("/chat", {"message": "Hi", "stream": True}) as events:
        events = list(events)
    assert events[-1].name == "done" and text(events) == "Hello from the vendor."
    assert events[-1].data["message"]["content"] == text(events)
    assert events[-1].data["session_id"] == events[0].data["session_id"]


def test_a_client_that_leaves_does_not_lose_the_reply(user, held, vendor):
    with user.stream(held.path, {"content": "Tell me."}) as events:
        next(events), next(events)
    held.hold.release()
    reply = last_reply(user, held.conversation)
    assert (reply["content"], reply["status"]) == ("before after", "complete") and vendor.cancelled == 0


def test_a_client_that_leaves_without_streaming_does_not_lose_it_either(user, held, vendor):
    connection = user.raw("POST", held.path, {"content": "Tell me."})
    assert held.hold.reached.wait(10)
    connection.close()
    held.hold.release()
    assert last_reply(user, held.conversation)["content"] == "before after" and vendor.cancelled == 0


def test_a_broken_stream_goes_on_from_its_last_event_id_on_another_connection(user, held):
    with user.stream(held.path, {"content": "Tell me."}) as events:
        start, delta = next(events), next(events)
    path = f"/conversations/{held.conversation}/stream"
    with user.stream(path, last_event_id=delta.id) as events:
        held.hold.release()
        rest = list(events)
    assert text(rest) == " after" and rest[-1].name == "done" and rest[-1].data["message"]["content"] == "before after"
    # After its end: the rest, the whole text, or only the end.
    for event_id, expected in ((delta.id, " after"), (start.id, "before after"), (rest[-1].id, "")):
        with user.stream(path, last_event_id=event_id) as events:
            again = list(events)
        assert text(again) == expected and again[-1].name == "done"


def test_resuming_inside_a_reply_in_bengali_breaks_no_letter(user, vendor):
    words = ["আমি ", "বাংলায় ", "গান ", "গাই 🎵"]
    vendor.reply = [words[0]] + [step for word in words[1:] for step in (0.05, word)]
    with user.stream("/chat", {"message": "Sing."}) as events:
        events = list(events)
    assert text(events) == "".join(words)
    path = f"/conversations/{events[0].data['conversation_id']}/stream"
    for index, event in enumerate(events[:-1]):
        with user.stream(path, last_event_id=event.id) as rest:
            assert text(events[: index + 1]) + text(rest) == "".join(words)


def test_an_id_of_no_stream_or_of_another_one_is_refused(user, held, mynah):
    path = f"/conversations/{held.conversation}/stream"
    user.get(path, 404)
    user.get(path, 422, headers={"Last-Event-ID": "what"})
    other = user.post("/chat", {"message": "Elsewhere"})
    user.get(path, 404, headers={"Last-Event-ID": f"{other['message']['id']}:0"})


def test_stop_from_another_connection_keeps_what_came_and_cancels_the_call(user, held, vendor):
    with user.stream(held.path, {"content": "Tell me."}) as events:
        next(events), next(events)
        stopped = user.post(f"/conversations/{held.conversation}/stop")
        rest = list(events)
    assert (stopped["message"]["content"], stopped["message"]["status"]) == ("before", "partial")
    assert rest[-1].name == "done" and rest[-1].data[1]["status"] == "partial"
    assert last_reply(user, held.conversation)["content"] == "before"
    assert eventually(lambda: vendor.cancelled) == 1
    assert user.post(held.path, {"content": "Go on."})[1]["status"] == "complete"
    assert user.post(f"/conversations/{held.conversation}/stop")["message"] is None


def test_two_readers_get_the_same_reply(user, held):
    with user.stream(held.path, {"content": "Tell me."}) as first:
        next(first), next(first)
        with user.stream(f"/conversations/{held.conversation}/stream") as second:
            assert (next(second).name, next(second).data["content"]) == ("start", "before")
            held.hold.release()
            assert text(first) == text(second) == " after"


def test_one_turn_at_a_time(user, held):
    with user.stream(held.path, {"content": "Tell me."}) as events:
        next(events), next(events)
        error = user.post(held.path, {"content": "And this?"}, 409)["error"]
        assert error["code"] == "conversation_busy"
        running = user.get(f"/conversations/{held.conversation}")["running_message_id"]
        assert running and running not in [entry["id"] for entry in user.messages(held.conversation)]
        held.hold.release()
        list(events)
    assert [entry["content"] for entry in user.messages(held.conversation)] == ["Tell me.", "before after"]


def test_a_conversation_deleted_meanwhile_ends_its_stream(user, held, vendor):
    with user.stream(held.path, {"content": "Tell me."}) as events:
        next(events), next(events)
        user.delete(f"/conversations/{held.conversation}")
        assert list(events)[-1].name in ("done", "error")
    assert eventually(lambda: vendor.cancelled) == 1
    user.get(f"/conversations/{held.conversation}", 404)


def test_another_reply_takes_the_place_of_the_last(user, vendor):
    first = user.post("/chat", {"message": "Hi"})
    vendor.reply = ["Another."]
    with user.stream(f"/conversations/{first['session_id']}/regenerate", {}) as events:
        assert text(events) == "Another."
    assert [entry["content"] for entry in user.messages(first["session_id"])] == ["Hi", "Another."]
    assert vendor.messages()[-1] == ("user", "Hi")


def test_of_many_messages_sent_at_once_one_is_answered_and_the_others_are_not_stored(user, vendor):
    vendor.reply = [1.0, "Only one."]
    conversation = user.conversation()
    path = f"/conversations/{conversation}/messages"
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: user.http.post(path, json={"content": f"{number}"}), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    (asked, reply), = (answer.json() for answer in answers if answer.status_code == 200)
    assert [entry["id"] for entry in user.messages(conversation)] == [asked["id"], reply["id"]]
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_message_repeated_with_its_idempotency_key_is_answered_once(user, vendor, accept):
    headers = {"Idempotency-Key": "again", "Accept": accept}
    conversation = user.conversation()
    path = f"/conversations/{conversation}/messages"
    first, second = (user.http.post(path, json={"content": "Hi"}, headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 200
    if accept == "application/json":
        assert first.json() == second.json()
    else:
        assert [event.name for event in events(second.text.splitlines())][-1] == "done"
    assert len(vendor.requests) == 1 and len(user.messages(conversation)) == 2


def test_others_chat_while_one_model_call_is_held(user, held):
    """No database connection is held meanwhile: other users read and write."""
    with user.stream(held.path, {"content": "Tell me."}) as events:
        next(events), next(events)
        for _ in range(20):
            assert user.post("/chat", {"message": "Me too."})["message"]["status"] == "complete"
        held.hold.release()
        assert list(events)[-1].name == "done"
