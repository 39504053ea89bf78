"""Two servers on one PostgreSQL, without sticky sessions."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import openai
import pytest
from client import PASSWORD, User, eventually, text
from mynah_process import Server
from postgres_server import SECRETS, Postgres
from response_grammar import check
from vendor import Hold

LEASE_SECONDS = 30
SWEEP_SECONDS = 30


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """An empty database of these tests' own PostgreSQL."""
    postgres = Postgres(tmp_path_factory.mktemp("postgres"))
    yield postgres.url
    postgres.run("stop")


@pytest.fixture(scope="module")
def instances(tmp_path_factory, running_vendor, postgres):
    """Two servers started at the same time on the empty database."""
    folder = tmp_path_factory.mktemp("instances")
    servers = []
    for name in ("first", "second"):
        (folder / name).mkdir()
        servers.append(Server(folder / name, **running_vendor.settings | SECRETS | {"DATABASE_URL": postgres}))
    for server in servers:
        server.spawn()
    for server in servers:
        server.wait_until_ready()
    yield servers
    for server in servers:
        if server.process.poll() is None:
            assert server.stop() == 0


@pytest.fixture
def user(instances, vendor):
    return User(instances[0])


def at(user, server):
    """Returns the same user with calls to this server."""
    user.http.base_url, user.port = server.url, server.port
    return user


@pytest.fixture
def held(user, vendor):
    """A reply that the first server is writing: `before` was sent, ` after` is held back."""

    class Held:
        hold = Hold()
        conversation = user.conversation()
        path = f"/conversations/{conversation}"

    vendor.answer("Tell me.", "before", Held.hold, " after")
    yield Held
    Held.hold.release()


@pytest.fixture(scope="module", autouse=True)
def killed(tmp_path_factory, running_vendor, instances, postgres):
    """A third instance that is killed in the middle of a reply, and its remains, while the other tests run."""
    folder = tmp_path_factory.mktemp("killed")
    third = Server(folder, **instances[0].settings).start()
    user, hold = User(third), Hold()
    running_vendor.answer("Tell the others.", "What came", 1.5, hold, " and what did not")
    conversation = user.conversation()
    with user.stream(f"/conversations/{conversation}/messages", {"content": "Tell the others."}) as events:
        next(events), next(events)
        assert hold.reached.wait(15)
        third.kill()
    hold.release()
    return at(user, instances[1]), conversation, time.monotonic()


def test_a_token_of_one_is_good_for_the_other(user, instances):
    assert at(user, instances[1]).post("/chat", {"message": "Hi"})["message"]["status"] == "complete"
    assert len(at(user, instances[0]).get("/conversations")["data"]) == 1


def test_a_reply_is_followed_and_stopped_on_the_other(user, instances, vendor, held):
    with user.stream(f"{held.path}/messages", {"content": "Tell me."}) as events:
        next(events), next(events)
        at(user, instances[1])
        with user.stream(f"{held.path}/stream") as followed:
            assert (next(followed).name, next(followed).data["content"]) == ("start", "before")
            assert user.post(f"{held.path}/messages", {"content": "And?"}, 409)["error"]["code"] == "conversation_busy"
            user.post(f"{held.path}/stop")
            ends = list(events)[-1], [event for event in followed if event.name != "comment"][-1]
    assert [end.name for end in ends] == ["done", "done"]
    assert user.messages(held.conversation)[-1]["status"] == "partial"
    assert eventually(lambda: vendor.cancelled) == 1


def test_a_lost_stream_is_continued_on_the_other(user, instances, held):
    with user.stream(f"{held.path}/messages", {"content": "Tell me."}) as events:
        next(events)
        last = next(events).id
    at(user, instances[1])
    with user.stream(f"{held.path}/stream", last_event_id=last) as events:
        held.hold.release()
        rest = [event for event in events if event.name != "comment"]
    assert text(rest) == " after" and rest[-1].name == "done"
    assert user.messages(held.conversation)[-1]["content"] == "before after"


def test_a_response_in_the_background_is_resumed_and_cancelled_on_the_other(user, instances, vendor):
    first, second = (
        openai.OpenAI(api_key=user.token, base_url=f"{server.url}/v1", max_retries=0) for server in instances
    )
    hold = Hold()
    vendor.answer("লিখুন", "এক", " 🌍", hold, " তিন")
    begun = first.responses.create(input="লিখুন", background=True, extra_body={"model": None})
    assert hold.reached.wait(15)
    with first.responses.retrieve(begun.id, stream=True) as stream:
        known = [next(stream).to_dict() for _ in range(5)]
    assert eventually(lambda: second.responses.retrieve(begun.id).output_text == "এক 🌍")
    with second.responses.retrieve(begun.id, stream=True, starting_after=4) as stream:
        rest = [next(stream).to_dict()] if len(known[-1].get("delta", "")) < len("এক 🌍") else []
        hold.release()
        rest += [event.to_dict() for event in stream]
    assert check([*known, *rest])["output"][0]["content"][0]["text"] == "এক 🌍 তিন"

    hold = Hold()
    vendor.answer("থামুন", "এক", hold, " দুই")
    begun = first.responses.create(input="থামুন", background=True, extra_body={"model": None})
    assert hold.reached.wait(15)
    cancelled = second.responses.cancel(begun.id)
    assert (cancelled.status, cancelled.output_text) == ("cancelled", "এক")
    assert eventually(lambda: vendor.cancelled == 1)


@pytest.mark.parametrize("where", [0, 1])
def test_a_revoked_session_is_dead_on_both_within_five_seconds(user, instances, where):
    for server in instances:
        at(user, server).get("/users/me")
    at(user, instances[where]).post("/auth/logout", status=204)
    ended = time.monotonic()
    for server in instances:
        assert eventually(lambda: at(user, server).http.get("/users/me").status_code == 401, 5)
    assert time.monotonic() - ended < 5.5


def test_an_idempotency_key_counts_on_both(user, instances, vendor):
    def send(server):
        headers = {"Idempotency-Key": "once", "Authorization": f"Bearer {user.token}"}
        while True:
            answer = httpx.post(f"{server.url}/chat", json={"message": "Only once."}, headers=headers, timeout=60)
            if answer.status_code != 409:
                return answer
            assert answer.json()["error"]["code"] == "idempotency_in_progress"
            time.sleep(0.1)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, instances * 4))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["message"]["id"] for answer in answers}) == 1
    assert len(vendor.requests) == 1 and len(user.get("/conversations")["data"]) == 1


def test_a_refresh_token_is_rotated_on_one_and_refused_on_the_other(user, instances):
    form = {"username": user.name, "password": PASSWORD}
    first = httpx.post(f"{instances[0].url}/auth/token", data=form).json()["refresh_token"]

    def refresh(server, token):
        return httpx.post(f"{server.url}/auth/refresh", json={"refresh_token": token}, timeout=60)

    # Two concurrent calls are a call and its retry: both get the same successor.
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(refresh, instances, [first] * 2))
    assert [answer.status_code for answer in answers] == [200, 200]
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    second = successors.pop()
    third = refresh(instances[1], second).json()["refresh_token"]
    assert refresh(instances[0], third).status_code == 200
    # A late reuse shows that the token has leaked, and ends the session on both.
    reused = refresh(instances[1], first)
    assert (reused.status_code, reused.json()["error"]["code"]) == (401, "token_reused")
    assert refresh(instances[0], third).status_code == 401


def test_messages_of_both_at_once_go_one_by_one_into_a_conversation(user, instances, vendor):
    conversation = user.conversation()
    headers = {"Authorization": f"Bearer {user.token}"}

    def send(number):
        url = f"{instances[number % 2].url}/conversations/{conversation}/messages"
        while True:
            answer = httpx.post(url, json={"content": f"Number {number}"}, headers=headers, timeout=60)
            if answer.status_code != 409:
                return answer.status_code
            time.sleep(0.05)

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(12))) == {200}
    messages = user.messages(conversation)
    assert [message["sender"] for message in messages] == ["user", "ai"] * 12
    assert {message["content"] for message in messages[::2]} == {f"Number {number}" for number in range(12)}


def test_what_a_killed_instance_was_writing_is_partial_and_its_conversation_goes_on(killed, vendor):
    user, conversation, since = killed

    def reply():
        found = [message for message in user.messages(conversation) if message["sender"] == "ai"]
        return found[-1] if found and found[-1]["status"] == "partial" else None

    left = since + LEASE_SECONDS + SWEEP_SECONDS + 15 - time.monotonic()
    ended = eventually(reply, max(left, 1))
    assert ended and ended["content"] == "What came"

    def goes_on():
        answer = user.http.post(f"/conversations/{conversation}/messages", json={"content": "Go on."})
        return answer.status_code == 200 and answer.json()

    pair = eventually(goes_on, max(since + LEASE_SECONDS + SWEEP_SECONDS + 15 - time.monotonic(), 1))
    assert pair and pair[1]["content"] == "Hello from the vendor."
    assert ("assistant", "What came") in vendor.messages()


def test_a_conversation_of_a_killed_instance_is_free_within_five_seconds(tmp_path_factory, running_vendor, instances):
    third = Server(tmp_path_factory.mktemp("gone"), **instances[0].settings).start()
    user, hold = User(third), Hold()
    running_vendor.answer("Tell me of yourself.", "What came", 1.5, hold, " and what did not")
    path = f"/conversations/{user.conversation()}/messages"
    with user.stream(path, {"content": "Tell me of yourself."}) as events:
        next(events), next(events)
        assert hold.reached.wait(15)
        third.kill()
    killed, at_other = time.monotonic(), at(user, instances[1])

    def goes_on():
        return at_other.http.post(path, json={"content": "Go on."}).status_code == 200

    assert eventually(goes_on, 10) and time.monotonic() - killed < 5
    hold.release()
    replies = [message for message in user.messages(path.split("/")[2]) if message["sender"] == "ai"]
    assert [(reply["status"], reply["content"]) for reply in replies[:1]] == [("partial", "What came")]


def test_a_paused_instance_keeps_its_reply(tmp_path_factory, running_vendor, instances):
    third = Server(tmp_path_factory.mktemp("paused"), **instances[0].settings).start()
    user, hold = User(third), Hold()
    running_vendor.answer("Take a rest.", "before", hold, " and after")
    conversation = user.conversation()
    path = f"/conversations/{conversation}/messages"
    with user.stream(path, {"content": "Take a rest."}) as events:
        next(events), next(events)
        assert hold.reached.wait(15)
        third.process.send_signal(signal.SIGSTOP)
        try:
            end = time.monotonic() + 8
            while time.monotonic() < end:
                answer = at(user, instances[1]).http.post(path, json={"content": "And?"})
                assert answer.json()["error"]["code"] == "conversation_busy"
                time.sleep(0.5)
        finally:
            third.process.send_signal(signal.SIGCONT)
        hold.release()
        assert list(events)[-1].name == "done"
    assert user.messages(conversation)[-1]["content"] == "before and after"
    assert third.stop() == 0


def test_a_session_ended_on_one_instance_leaves_nothing_behind_on_the_other(user, instances):
    first, second = instances
    bot = user.post("/chatbots", {"name": "Shop"}, 201)["id"]
    key = user.post(f"/chatbots/{bot}/api-keys", {"name": "shop"}, 201)
    team = user.post("/workspaces", {"name": "Team"}, 201)["id"]
    intruder = httpx.Client(base_url=second.url, timeout=60)
    signed_in = intruder.post("/auth/token", data={"username": user.name, "password": PASSWORD})
    intruder.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
    # It was looked up a moment ago, so that instance caches it for some seconds.
    assert intruder.get("/users/me").status_code == 200
    change = {"current_password": PASSWORD, "new_password": "a new song to sing"}
    user.post("/auth/password", change, 204)
    assert intruder.get("/users/me").status_code == 200
    grants = [
        ("/users/me/api-keys", {}), (f"/chatbots/{bot}/api-keys", {}),
        (f"/chatbots/{bot}/api-keys/{key['id']}/rotate", {"overlap_seconds": 0}), ("/auth/mfa/totp", {}),
        (f"/workspaces/{team}/invitations", {"role": "owner"}), (f"/chatbots/{bot}/signing-secret/rotate", {}),
    ]
    for path, body in grants:
        answer = intruder.post(path, json=body)
        assert answer.status_code == 401, f"{path}: {answer.text}"
    left = user.get("/auth/grants")
    assert [one["id"] for one in left["api_keys"]] == [key["id"]]
    assert left["invitations"] == left["memberships"] == [] and not left["second_factor"]["enabled"]
