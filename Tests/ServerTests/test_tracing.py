"""Traces of the real binary, taken by a collector."""

import os
import threading

import httpx
import pytest
from client import User, eventually
from mynah_process import command, free_port
from sdk import application
from test_websocket import opened, say, until_end
from trace_sink import TraceSink, attributes
from vendor import Status

TEXTS = ["নমস্কার, কেমন আছেন? গোপন-ক্যানারি", "مرحبا، سر الكناري", "你好,金丝雀的秘密 🐤"]
ERROR, UNSET = 2, 0
STEPS = ["authenticate", "count against limits", "load", "reserve", "wait for a place", "chat scripted", "settle"]


@pytest.fixture
def sink():
    running = TraceSink()
    yield running
    running.close()


@pytest.fixture
def traced(start, sink):
    """Starts a server that sends its traces to the sink."""

    def start_traced(**settings):
        return start(OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, **settings)

    return start_traced


def parent():
    """A `traceparent` of a caller, and its two ids."""
    trace, span = os.urandom(16).hex(), os.urandom(8).hex()
    return f"00-{trace}-{span}-01", trace, span


def sent_to_vendor(vendor, index=-1):
    """The `traceparent` that the vendor got."""
    lines = [line.partition(": ") for line in vendor.heads[index].split("\r\n")]
    found = [value for name, _, value in lines if name.lower() == "traceparent"]
    assert len(found) == 1
    return found[0].split("-")


def test_a_turn_is_one_trace_from_the_caller_to_the_vendor(traced, sink, vendor):
    server = traced(OTEL_SERVICE_NAME="পাখি", OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20sink-key,x-team=a")
    user = User(server, "traced")
    for text in TEXTS:
        vendor.answer(text, f"উত্তর: {text}")
        header, trace, span = parent()
        answer = user.http.post("/chat", json={"message": text}, headers={"traceparent": header})
        assert answer.status_code == 200, answer.text
        spans = sink.trace(answer.headers["x-request-id"], "POST /chat", *STEPS)
        root = spans["POST /chat"]
        assert root.trace_id.hex() == trace and root.parent_span_id.hex() == span and root.kind == root.SPAN_KIND_SERVER
        known = attributes(root)
        assert known["http.route"] == "/chat" and known["http.response.status_code"] == 200
        assert known["gen_ai.conversation.id"] == answer.json()["conversation_id"]
        assert known["mynah.workspace.id"] == user.get("/users/me")["workspace_id"]
        for name in STEPS:
            assert spans[name].parent_span_id == root.span_id, name
            assert spans[name].status.code == UNSET
            assert root.start_time_unix_nano <= spans[name].start_time_unix_nano <= spans[name].end_time_unix_nano
        call = spans["chat scripted"]
        assert call.kind == call.SPAN_KIND_CLIENT
        assert attributes(call) == {
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "scripted",
            "gen_ai.response.model": "scripted", "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 1,
        }
        assert [event.name for event in call.events] == ["first token"]
        for name in ("reserve", "settle"):
            assert [event.name for event in spans[name].events] == ["statements done"]
            assert attributes(spans[name]) == {"db.system.name": "sqlite"}
        # The vendor can go on with the trace.
        assert sent_to_vendor(vendor) == ["00", trace, call.span_id.hex(), "01"]
    assert len({span.span_id for span in sink.spans}) == len(sink.spans)
    assert {resource["service.name"] for resource in sink.resources} == {"পাখি"}
    assert all(head["authorization"] == "Bearer sink-key" and head["x-team"] == "a" for head in sink.heads)
    assert {head["path"] for head in sink.heads} == {"/v1/traces"}
    # Neither what was said, nor a key, nor a password.
    for body in sink.bodies:
        for secret in [*TEXTS, "উত্তর", "ক্যানারি", "vendor-key-canary", user.token, "sink-key", "নমস্কার", "金丝雀"]:
            assert secret.encode() not in body


def test_streams_and_sockets(traced, sink, vendor):
    server = traced()
    user = User(server, "streamer")
    vendor.reply = ["এক ", "দুই ", "三"]
    key = application(user).key
    with httpx.stream(
        "POST", f"{server.url}/v1/chat/completions", headers={"Authorization": f"Bearer {key}"}, timeout=60,
        json={"model": "scripted", "stream": True, "messages": [{"role": "user", "content": TEXTS[0]}]},
    ) as answer:
        assert "三" in "".join(answer.iter_text())
    spans = sink.trace(answer.headers["x-request-id"], "POST /v1/chat/completions", "authenticate", "load", "chat scripted")
    root = spans["POST /v1/chat/completions"]
    # The whole answer: its last token is before its end.
    assert root.end_time_unix_nano >= spans["chat scripted"].end_time_unix_nano
    assert root.parent_span_id == b""
    with opened(user) as socket:
        say(socket, type="message", message=TEXTS[1])
        assert until_end(socket)[-1]["event"] == "done"

    def of_socket():
        found = [span for span in list(sink.spans) if span.name == "websocket message"]
        turns = {span.name for span in list(sink.spans) if found and span.trace_id == found[0].trace_id}
        return found and {"load", "reserve", "chat scripted", "settle"} <= turns

    assert eventually(of_socket, 60)


def test_failures_have_a_code_and_no_text(traced, sink, vendor):
    server = traced()
    user = User(server, "unlucky")
    vendor.reply = [Status(400, {"error": {"message": "canary-of-the-vendor"}})]
    answer = user.http.post("/chat", json={"message": TEXTS[0]})
    spans = sink.trace(answer.headers["x-request-id"], "chat scripted", "settle")
    call = spans["chat scripted"]
    assert call.status.code == ERROR and attributes(call)["error.type"] == "refused"
    assert all(b"canary-of-the-vendor" not in body for body in sink.bodies)
    answer = user.http.get("/conversations/01a2281e-bed9-7104-b802-b938e3f4e608")
    assert answer.status_code == 404
    root = sink.trace(answer.headers["x-request-id"], "GET /conversations/{conversation_id}")[
        "GET /conversations/{conversation_id}"]
    # The caller's mistake is not the server's failure.
    assert root.status.code == UNSET and attributes(root)["error.type"] == "not_found"
    answer = user.http.request("TRACE", "/nowhere")
    assert attributes(sink.trace(answer.headers["x-request-id"], "other NotFound")["other NotFound"])["http.request.method"] == "other"


def test_who_decides_what_is_kept(traced, sink, vendor):
    server = traced(OTEL_TRACES_SAMPLER_ARG="0")
    user = User(server, "sampled")
    header, trace, _ = parent()
    user.http.post("/chat", json={"message": TEXTS[0]}, headers={"traceparent": header[:-2] + "00"})
    assert sent_to_vendor(vendor)[1:2] == [trace] and sent_to_vendor(vendor)[3] == "00"
    for broken in ["", "00", "নমস্কার", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", header.upper(), "ff" + header[2:], header + "-"]:
        answer = user.http.post("/chat", json={"message": TEXTS[1]}, headers={"traceparent": broken.encode()})
        assert answer.status_code == 200
        assert sent_to_vendor(vendor)[1] not in (trace, "0" * 32)
    kept, kept_trace, _ = parent()
    answer = user.http.post("/chat", json={"message": TEXTS[2]}, headers={"traceparent": kept})
    sink.trace(answer.headers["x-request-id"], "POST /chat", *STEPS)
    assert {span.trace_id.hex() for span in sink.spans} == {kept_trace}


def metric(server, name):
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


@pytest.mark.parametrize("collector", ["away", "silent", "refusing"])
def test_a_collector_that_takes_nothing_costs_nothing(start, vendor, collector):
    sink = TraceSink(free_port())
    sink.delay, sink.status = (3600, 200) if collector == "silent" else (0, 401)
    if collector == "away":
        sink.close()
    server = start(OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_EXPORTER_OTLP_HEADERS="x-key=0123456789")
    user = User(server, "untraced")
    for number in range(30):
        assert user.post("/chat", {"message": f"{number} {TEXTS[number % 3]}"})["message"]["status"] == "complete"
    if collector == "refusing":
        assert eventually(lambda: metric(server, "mynah_spans_dropped_total") > 0, 60)
    else:
        assert metric(server, "mynah_spans_waiting_bytes") < 8 << 20
    assert eventually(lambda: "traces" in server.said, 60), server.said
    assert "0123456789" not in server.said
    assert server.stop() == 0
    if collector != "away":
        threading.Thread(target=sink.close, daemon=True).start()


def test_what_waited_is_sent_when_the_collector_is_back(start, vendor):
    port = free_port()
    server = start(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")
    user = User(server, "patient")
    answer = user.http.post("/chat", json={"message": TEXTS[0]})
    assert eventually(lambda: "traces not sent" in server.said, 60)
    sink = TraceSink(port)
    sink.trace(answer.headers["x-request-id"], "POST /chat", *STEPS)
    last = user.http.get("/users/me").headers["x-request-id"]
    # A stop sends what is waiting.
    assert server.stop() == 0
    sink.trace(last, "GET /users/me")
    sink.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"), ("OTEL_EXPORTER_OTLP_HEADERS", "no-value"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=%0d%0aInjected:1"), ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_TRACES_SAMPLER_ARG", "nan"), ("OTEL_TRACES_SAMPLER_ARG", "৫"),
    ])
def test_settings_that_are_wrong_are_named(tmp_path, vendor, name, value):
    done = command(tmp_path, "serve", **vendor.settings | {name: value})
    assert done.returncode != 0 and name in done.stderr
