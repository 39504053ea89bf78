"""An OpenAI-compatible vendor with scripted replies and pauses, which notices disconnects."""

import asyncio
import base64
import json
import socket
import struct
import threading

DEFAULT = ["Hello", " from", " the", " vendor."]


class Hold:
    """A step at which a reply waits until the test releases it."""

    def __init__(self):
        self.reached = threading.Event()
        self._released = threading.Event()

    def release(self):
        self._released.set()

    async def wait(self):
        self.reached.set()
        while not self._released.is_set():
            await asyncio.sleep(0.01)


class Status:
    """A response with this status instead of a stream."""

    def __init__(self, status, body, **headers):
        self.status, self.headers = status, headers
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


class Reset:
    """The connection is reset."""


class Close:
    """The connection ends before the end of the reply."""


class Vendor:
    """A reply is a list of steps: a text is one event, a number a pause in seconds, bytes are sent unchanged, and the
    classes above do what they say. A reply that is not cut off ends with usage and `[DONE]`."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024), self._loop
        ).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        self.reset()

    @property
    def settings(self):
        """The settings for a mynah that uses this vendor."""
        return {
            "LLM_PROVIDER": "openai", "LLM_MODEL": "scripted", "OPENAI_API_KEY": "vendor-key-canary",
            "OPENAI_BASE_URL": self.url,
        }

    def reset(self):
        self.reply = DEFAULT
        self.replies = {}
        self.turns = []
        self.requests = []
        self.heads = []
        self.cancelled = 0
        self.embeddings = []
        self.embed = vectors

    def answer(self, message, *steps):
        """Sets the reply to this one message; other messages get `reply`."""
        self.replies[message] = list(steps)

    def answer_in_turn(self, *replies):
        """Sets the replies to the next calls, for any message."""
        self.turns = [list(steps) for steps in replies]

    def messages(self, index=-1):
        """Returns a request's messages as pairs of role and text."""
        return [(message["role"], message["content"]) for message in self.requests[index]["messages"]]

    def close(self):
        async def stop():
            self._server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                head = head.lower()
                length = int(head.split("content-length:")[1].split("\r\n")[0])
                request = json.loads(await reader.readexactly(length))
                if head.startswith("post /v1/embeddings "):
                    self.embeddings.append(request)
                    if not await self._answer([self.embed(request)], reader, writer):
                        return
                    continue
                self.requests.append(request)
                steps = self.replies.get(str(request["messages"][-1]["content"]), self.reply)
                steps = self.turns.pop(0) if self.turns else steps
                if not await self._answer(steps, reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, steps, reader, writer):
        """Returns whether the connection can be used again."""
        if steps and isinstance(steps[0], Status):
            status = steps[0]
            headers = {"Content-Type": "application/json", "Content-Length": len(status.body)} | status.headers
            lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
            writer.write(f"HTTP/1.1 {status.status} Scripted\r\n{lines}\r\n".encode() + status.body)
            await writer.drain()
            return True
        speaking = asyncio.create_task(self._speak(steps, writer))
        leaving = asyncio.create_task(reader.read(1))
        await asyncio.wait({speaking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if speaking.done():
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            if not isinstance(speaking.exception(), ConnectionError):
                return speaking.result()
        self.cancelled += 1
        speaking.cancel()
        return False

    async def _speak(self, steps, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        words = 0
        for step in steps:
            if isinstance(step, str):
                words += 1
                await self._send(writer, event(choices=[choice({"content": step})]))
            elif isinstance(step, (int, float)):
                await asyncio.sleep(step)
            elif isinstance(step, bytes):
                await self._send(writer, step)
            elif isinstance(step, Hold):
                await writer.drain()
                await step.wait()
            elif step is Reset:
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
                return False
            elif step is Close:
                return False
        usage = {"prompt_tokens": 7, "completion_tokens": words, "total_tokens": 7 + words}
        end = event(choices=[choice({}, "stop")])
        await self._send(writer, end, event(choices=[], usage=usage), b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _send(self, writer, *events):
        for data in events:
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await writer.drain()


def vectors(request):
    """Returns a vector for each input: the first bytes of a text, or the first tokens, in the form that is asked for."""
    inputs = request["input"]
    length = request.get("dimensions", 8)
    rows = [list(text.encode()) if isinstance(text, str) else list(text) for text in inputs]
    rows = [[number / 256 for number in (row + [0] * length)[:length]] for row in rows]
    packed = request.get("encoding_format") == "base64"
    data = [
        {
            "object": "embedding", "index": index,
            "embedding": base64.b64encode(struct.pack(f"<{length}f", *row)).decode() if packed else row,
        }
        for index, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": 5 * len(rows), "total_tokens": 5 * len(rows)}
    return Status(200, {"object": "list", "data": data, "model": request["model"] + "-v1", "usage": usage})


def choice(delta, reason=None):
    return {"index": 0, "delta": delta, "finish_reason": reason}


def event(**members):
    body = {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": "scripted"} | members
    return f"data: {json.dumps(body)}\n\n".encode()
