"""Two servers on one database file, for example when a new one starts before the old one has stopped."""

import threading
import time

import pytest
from client import User, eventually, text
from mynah_process import command
from vendor import Hold


def test_two_servers_on_one_file_share_users_and_lose_no_write(start, vendor):
    first, second = start(), start()
    user = User(first)
    elsewhere = User(second, "elsewhere")
    # Each server accepts the other's tokens.
    elsewhere.http.base_url = first.url
    assert elsewhere.get("/users/me")["username"] == "elsewhere"
    elsewhere.http.base_url = second.url
    failures = []

    def write(user):
        for number in range(30):
            answer = user.http.post("/chat", json={"message": f"{user.name} {number}"})
            if answer.status_code != 200 or answer.json()["message"]["status"] != "complete":
                failures.append(answer.text)

    threads = [threading.Thread(target=write, args=[one]) for one in (user, elsewhere)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for one in (user, elsewhere):
        titles = {entry["title"] for entry in one.get("/conversations?limit=200")["data"]}
        assert titles == {f"{one.name} {number}" for number in range(30)}


def test_a_reply_of_one_server_is_followed_and_stopped_on_the_other(start, vendor):
    hold = Hold()
    vendor.answer("Tell me.", "before", hold, " after")
    first, second = start(), start()
    user = User(first)
    conversation = user.conversation()
    path = f"/conversations/{conversation}"
    with user.stream(f"{path}/messages", {"content": "Tell me."}) as events:
        next(events), next(events)
        user.http.base_url = second.url
        with user.stream(f"{path}/stream") as followed:
            assert (next(followed).name, next(followed).data["content"]) == ("start", "before")
            assert user.post(f"{path}/messages", {"content": "And this?"}, 409)["error"]["code"] == "conversation_busy"
            user.post(f"{path}/stop")
            ends = list(events)[-1], [event for event in followed if event.name != "comment"][-1]
    assert [end.name for end in ends] == ["done", "done"]
    assert eventually(lambda: vendor.cancelled) == 1
    assert [entry["status"] for entry in user.messages(conversation)] == ["complete", "partial"]


@pytest.mark.parametrize("port", ["the same port", "another port"])
def test_starting_another_server_leaves_the_replies_of_the_first_alone(start, vendor, tmp_path, port):
    hold = Hold()
    vendor.answer("Tell me.", "before", hold, " after")
    first = start()
    user = User(first)
    conversation = user.conversation()
    with user.stream(f"/conversations/{conversation}/messages", {"content": "Tell me."}) as events:
        next(events), next(events)
        if port == "the same port":
            assert command(tmp_path, "serve", PORT=str(first.port), **vendor.settings).returncode == 1
        else:
            start()
        # The reply is stored every second, which is when the server would notice.
        time.sleep(2.5)
        hold.release()
        rest = list(events)
    assert text(rest) == " after" and rest[-1].data[1]["status"] == "complete"
    assert user.messages(conversation)[-1]["content"] == "before after"
