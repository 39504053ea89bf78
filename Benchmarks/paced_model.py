"""A model that streams at a steady pace, on loopback: every stream gets a token each 1/RATE seconds.

A token is the moment at which it was sent, in microseconds of the monotonic clock, so that the reader at the
other end knows its latency."""

import asyncio
import sys
import time

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n"
)
EVENT = '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,"model":"bench","choices":[%s]}'
DELTA = '{"index":0,"delta":{"content":" %d"},"finish_reason":null}'
# Streams are not in step: each one starts at one of several offsets within a period.
PLACES = 10


def chunk(text):
    body = f"data: {text}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(body), body)


END = chunk(EVENT % '{"index":0,"delta":{},"finish_reason":"stop"}') + chunk("[DONE]") + b"0\r\n\r\n"


class Streams:
    def __init__(self, tokens, rate):
        self.tokens = tokens
        self.period = 1 / rate
        self.places = [{} for _ in range(PLACES)]
        self.next = 0

    def add(self, transport):
        self.places[self.next][transport] = self.tokens
        self.next = (self.next + 1) % PLACES

    async def run(self):
        step = self.period / PLACES
        at = time.monotonic()
        place = 0
        while True:
            at += step
            await asyncio.sleep(max(0, at - time.monotonic()))
            streams = self.places[place]
            place = (place + 1) % PLACES
            for transport, left in list(streams.items()):
                if transport.is_closing():
                    del streams[transport]
                elif left:
                    transport.write(chunk(EVENT % (DELTA % (time.monotonic_ns() // 1000))))
                    streams[transport] = left - 1
                else:
                    transport.write(END)
                    del streams[transport]


class Request(asyncio.Protocol):
    def __init__(self, streams):
        self.streams = streams
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15:].split(b"\r\n")[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            self.buffer = self.buffer[end + 4 + length:]
            if head.startswith(b"post"):
                self.transport.write(HEAD)
                self.streams.add(self.transport)
            else:
                self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def main(port, tokens, rate):
    streams = Streams(tokens, rate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Request(streams), "127.0.0.1", port, backlog=4096)
    async with server:
        await streams.run()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
