"""Two servers on one database file, as when a new one is started before the old one has gone."""

import threading

from client import User
from test_streams import eventually
from vendor import Hold


def test_two_servers_on_one_file_share_users_and_lose_no_write(start, vendor):
    first, second = start(), start()
    user = User(first)
    elsewhere = User(second, "elsewhere")
    # Tokens of one are good for the other.
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
