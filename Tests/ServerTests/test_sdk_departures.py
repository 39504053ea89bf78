"""A disconnect cancels the vendor's call: while the model thinks or writes, streamed or not."""

import json
import socket

import openai
import pytest
from client import User, eventually
from sdk import application
from vendor import Hold

HI = [{"role": "user", "content": "Hi"}]


@pytest.fixture
def bird(user):
    return application(user)


@pytest.fixture
def client(mynah, bird):
    return openai.OpenAI(api_key=bird.key, base_url=f"{mynah.url}/v1", max_retries=0)


def send(user, bird, path, **fields):
    body = {"model": "bird", "messages": HI, "max_tokens": 9} | fields
    return user.raw("POST", path, body, Authorization=f"Bearer {bird.key}")


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("how", ["close", "reset", "no more to say"])
def test_while_the_model_thinks(user, bird, vendor, mynah, path, stream, how):
    hold, before = Hold(), len(mynah.said)
    vendor.reply = [hold, "Too late."]
    connection = send(user, bird, path, stream=stream)
    assert hold.reached.wait(15)
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    if how == "no more to say":
        connection.shutdown(socket.SHUT_WR)
    else:
        connection.close()
    assert eventually(lambda: vendor.cancelled == 1), "the vendor is still asked"
    assert eventually(lambda: f"route={path} status=499" in mynah.said[before:])
    assert "request failed" not in mynah.said[before:] and "model call failed" not in mynah.said[before:]
    connection.close()


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses"])
def test_with_the_request(user, bird, vendor, mynah, path):
    """The client says that it sends nothing more before the server has looked up what it asks for."""
    hold, before = Hold(), len(mynah.said)
    vendor.reply = [hold, "Too late."]
    body = {"model": "bird", "input": "হ্যালো"} if path == "/v1/responses" else {
        "model": "bird", "messages": HI, "max_tokens": 9}
    connection = user.raw("POST", path, body, Authorization=f"Bearer {bird.key}")
    connection.shutdown(socket.SHUT_WR)
    assert eventually(lambda: f"route={path} status=499" in mynah.said[before:])
    assert eventually(lambda: vendor.cancelled == len(vendor.requests)), "the vendor is still asked"
    connection.close()


def test_in_the_midst_of_a_stream(client, vendor):
    hold = Hold()
    vendor.reply = ["One", hold, "Two"]
    with client.chat.completions.create(model="bird", messages=HI, stream=True) as stream:
        next(stream)
        assert hold.reached.wait(15)
    assert eventually(lambda: vendor.cancelled == 1), "the vendor is still asked"


def test_a_reader_that_stops_reading_is_left_with_what_fits(user, bird, vendor, mynah):
    vendor.reply = ["x" * 1000 for _ in range(900)]
    connection = send(user, bird, "/v1/chat/completions", stream=True)
    assert eventually(lambda: len(vendor.requests) == 1)
    others = send(user, bird, "/v1/chat/completions", stream=False)
    assert b"200 OK" in others.recv(100)
    received = b""
    while b"[DONE]" not in received:
        piece = connection.recv(65536)
        assert piece, "the stream broke off"
        received += piece
    assert received.count(b"x" * 1000) == 900
    connection.close(), others.close()


def test_a_connection_serves_one_request_after_another(mynah, bird, vendor):
    body = json.dumps({"model": "bird", "messages": HI}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bird.key}\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection(("127.0.0.1", mynah.port), timeout=30) as connection:
        for pipelined in (1, 3):
            connection.sendall(request * pipelined)
            answers = b""
            while answers.count(b"Hello from the vendor.") < pipelined:
                piece = connection.recv(65536)
                assert piece, "the connection was closed"
                answers += piece
    assert vendor.cancelled == 0


def test_a_budget_pays_for_what_came_before_they_left(start, vendor):
    server = start(DEFAULT_PRICE="1000000")
    user = User(server)
    bird = application(user, max_tokens=500, key={"budget": 2000})

    def spent():
        return user.get(f"/chatbots/{bird.chatbot}/api-keys")["data"][0]["spent"]

    hold = Hold()
    vendor.reply = ["One two three four", hold]
    client = openai.OpenAI(api_key=bird.key, base_url=f"{server.url}/v1", max_retries=0)
    with client.chat.completions.create(model="bird", messages=HI, stream=True) as stream:
        next(stream)
        assert hold.reached.wait(15) and spent() >= 500
    assert eventually(lambda: 0 < spent() < 200), "the rest of the reservation has not come back"
