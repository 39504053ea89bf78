"""The real local model: it reports loading, answers, is restarted, and never outlives its server."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from client import User, eventually, text
from mynah_process import Server


def model_processes(server):
    """Returns the ids of the model's processes that this server has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if f"PPid:\t{server.process.pid}\n" in status.read_text():
                found.append(int(status.parent.name))
        except OSError:
            pass
    return found


def is_gone(process):
    try:
        return "State:\tZ" in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return True


def model_is(user, state):
    return eventually(lambda: user.http.get("/health").json()["model"] == state, 60)


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("local")).start()
    yield server
    if server.process.poll() is None:
        server.kill()


def test_while_the_model_loads_the_client_is_told_and_nothing_is_stored(local):
    user = User(local)
    (first,) = eventually(lambda: model_processes(local))
    os.kill(first, signal.SIGKILL)
    (process,) = eventually(lambda: [one for one in model_processes(local) if one != first])
    # Paused, so that loading lasts as long as this test.
    os.kill(process, signal.SIGSTOP)
    try:
        health = user.get("/health")
        assert (health["status"], health["model"]) == ("ok", "loading")
        answer = user.http.post("/chat", json={"message": "Hi"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model_loading")
        assert int(answer.headers["Retry-After"]) > 0
        assert user.get("/conversations")["data"] == []
    finally:
        os.kill(process, signal.SIGCONT)
    assert model_is(user, "ready")


def test_it_streams_a_real_reply_and_remembers_the_conversation(local):
    user = User(local)
    assert model_is(user, "ready")
    chatbot = user.post("/chatbots", {"name": "Brief", "max_tokens": 24}, 201)["id"]
    with user.stream("/chat", {"chatbot_id": chatbot, "message": "Say hello to me."}) as events:
        events = list(events)
    assert events[-1].name == "done" and len([event for event in events if event.name == "delta"]) > 1
    reply = events[-1].data["message"]
    assert reply["content"] == text(events) and reply["status"] == "complete"
    assert reply["model"] == "smollm2-135m-instruct" and reply["usage"]["completion_tokens"] > 0
    again = user.post("/chat", {"message": "Say it again.", "session_id": reply["conversation_id"]})
    assert again["usage"]["prompt_tokens"] > reply["usage"]["prompt_tokens"]
    assert len(user.messages(reply["conversation_id"])) == 4


def test_a_message_that_does_not_fit_and_a_long_history_are_survived(local):
    user = User(local)
    # Reading 1,500 tokens takes a minute on a busy machine.
    user.http.timeout = 200
    assert model_is(user, "ready")
    chatbot = user.post("/chatbots", {"name": "Short", "max_tokens": 8}, 201)["id"]
    refused = user.post("/chat", {"chatbot_id": chatbot, "message": "word " * 5000}, 422)["error"]
    assert (refused["code"], refused["param"]) == ("message_too_long", "message")
    # Too long as well, but only the model's own tokenizer can tell.
    long = user.post("/chat", {"chatbot_id": chatbot, "message": "বাংলাদেশ" * 400})["message"]
    assert (long["status"], long["error_code"]) == ("failed", "message_too_long")
    conversation = None
    for _ in range(4):
        message = "The little bird sat in the old tree and sang. " * 70 + "What did the bird do?"
        answer = user.post("/chat", {"chatbot_id": chatbot, "message": message, "conversation_id": conversation})
        conversation = answer["conversation_id"]
        assert (answer["message"]["status"], answer["message"]["error_code"]) == ("complete", None)


def test_long_prompts_hold_up_nobody_elses_short_ones(local):
    good, bad = User(local), User(local)
    assert model_is(good, "ready")
    chatbot = good.post("/chatbots", {"name": "Brief", "max_tokens": 12}, 201)["id"]

    def ask():
        began = time.monotonic()
        assert good.post("/chat", {"chatbot_id": chatbot, "message": "Say hi."})["message"]["status"] == "complete"
        return time.monotonic() - began

    def crowd(number):
        # Long enough to be read beside short prompts, in a later slot.
        text = f"{number} " + "one two three four five six seven eight nine " * 80
        bad.http.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": text}], "max_tokens": 4})

    ask()
    calm = ask()
    bad.http.timeout = 200
    threads = [threading.Thread(target=crowd, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    took = [ask() for _ in range(2)]
    for thread in threads:
        thread.join()
    assert max(took) < 10 * calm + 5, (calm, took)


def test_what_the_local_model_cannot_take_is_refused_by_name(local):
    user = User(local)
    assert model_is(user, "ready")
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    for message, more, param in [
        ([picture], {}, "messages"),
        ("lorem ipsum dolor " * 20_000, {}, "messages"),
        ("hi", {"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools[0]"),
    ]:
        began = time.monotonic()
        body = {"messages": [{"role": "user", "content": message}]} | more
        answer = user.http.post("/v1/chat/completions", json=body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text
        assert time.monotonic() - began < 2


def test_a_model_that_dies_is_started_again(local):
    user = User(local)
    assert model_is(user, "ready")
    (process,) = model_processes(local)
    os.kill(process, signal.SIGKILL)
    fresh = eventually(lambda: (now := model_processes(local)) and now != [process] and now, 30)
    assert fresh and len(fresh) == 1
    assert model_is(user, "ready")
    chatbot = user.post("/chatbots", {"name": "Brief", "max_tokens": 24}, 201)["id"]
    reply = user.post("/chat", {"chatbot_id": chatbot, "message": "Still there?"})["message"]
    assert (reply["status"], reply["error_code"]) == ("complete", None)


def test_stop_ends_a_real_reply(local):
    user = User(local)
    assert model_is(user, "ready")
    with user.stream("/chat", {"message": "Count from one to one hundred, in words."}) as events:
        conversation = next(events).data["conversation_id"]
        next(events)
        stopped = user.post(f"/conversations/{conversation}/stop")["message"]
        assert list(events)[-1].name == "done"
    assert stopped["status"] in ("partial", "complete") and stopped["content"]


def test_the_models_process_goes_with_the_server(local):
    user = User(local)
    assert model_is(user, "ready")
    (process,) = model_processes(local)
    local.kill()
    assert eventually(lambda: is_gone(process)), "the model's process outlived a killed server"
    local.start()
    assert model_is(user, "ready")
    (process,) = model_processes(local)
    assert local.stop() == 0
    assert is_gone(process), "the model's process outlived an orderly stop"


def test_ctrl_c_lets_a_real_reply_finish_and_a_stop_while_loading_waits_for_nothing(local):
    if local.process.poll() is not None:
        local.start()
    user = User(local)
    assert model_is(user, "ready")
    chatbot = user.post("/chatbots", {"name": "Brief", "max_tokens": 100}, 201)["id"]
    with user.stream("/chat", {"chatbot_id": chatbot, "message": "Tell me a story about a bird."}) as events:
        next(events), next(events)
        # A terminal sends the signal to both processes.
        for process in (*model_processes(local), local.process.pid):
            os.kill(process, signal.SIGINT)
        assert [event.name for event in events][-1] == "done"
    assert local.process.wait(15) == 0
    local.start()
    (process,) = eventually(lambda: model_processes(local))
    assert local.stop() == 0 and is_gone(process)


def test_a_server_without_the_local_model_runs_and_says_so(tmp_path):
    resources = tmp_path / "resources"
    resources.mkdir()
    for name in ("Web", "Assets"):
        (resources / name).symlink_to(Path(__file__).resolve().parents[2] / name)
    server = Server(tmp_path, RESOURCES_DIR=str(resources)).start()
    try:
        user = User(server)
        health = user.get("/health")
        assert (health["status"], health["model"]) == ("ok", "unavailable")
        answer = user.http.post("/chat", json={"message": "Hi"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "provider_unavailable")
        assert str(resources) not in answer.text
    finally:
        assert server.stop() == 0
