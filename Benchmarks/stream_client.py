"""Opens many streams at once and prints the timing of their tokens as one line of JSON. It is a separate process, so
that its work is not counted for the server.

    stream_client.py PORT PATH STREAMS TOKENS TOKEN"""

import json
import re
import select
import socket
import sys
import time

ERROR = re.compile(rb'event: error.*?"code":"(\w+)"', re.DOTALL)
CONTENT = re.compile(rb'"content":"([ \d]+)"')
OPEN_PER_SECOND = 1000


def quantile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))] / 1000 if values else None


class Stream:
    def __init__(self, port, request):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(request)
        self.socket.setblocking(False)
        self.began = time.monotonic_ns() // 1000
        self.rest = b""
        self.status = None
        self.tokens = 0
        self.last = None
        self.is_over = False

    def read(self, delays, gaps, firsts):
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        now = time.monotonic_ns() // 1000
        if not data:
            self.is_over = True
            return
        data = self.rest + data
        if self.status is None and data.startswith(b"HTTP/1.1 "):
            self.status = int(data[9:12])
        cut = data.rfind(b"\n") + 1
        lines, self.rest = data[:cut], data[cut:]
        over = min((at for at in (lines.find(b"event: done"), lines.find(b"event: error"), lines.find(b"data: [DONE]"))
                    if at >= 0), default=-1)
        for found in CONTENT.findall(lines if over < 0 else lines[:over]):
            sent = [int(each) for each in found.split()]
            if self.last is None:
                firsts.append(now - self.began)
            else:
                gaps.append(now - self.last)
            self.last = now
            self.tokens += len(sent)
            delays.extend(now - each for each in sent)
        if over >= 0:
            self.is_over = True
            if found := ERROR.search(lines, over):
                self.status = found[1].decode()


def main(port, path, count, tokens, token):
    body = {"message": "Tell me a long story.", "messages": [{"role": "user", "content": "?"}], "stream": True}
    payload = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {token}\r\nAccept: text/event-stream\r\nContent-Length: {len(payload)}\r\n\r\n"
    request = head.encode() + payload
    poll = select.epoll()
    streams, delays, gaps, firsts = {}, [], [], []
    began, failed, most_open = time.monotonic(), {}, 0
    made = 0
    deadline = began + 300
    while (made < count or streams) and time.monotonic() < deadline:
        due = min(count, int((time.monotonic() - began) * OPEN_PER_SECOND) + 1)
        for _ in range(min(due - made, 20)):
            stream = Stream(port, request)
            streams[stream.socket.fileno()] = stream
            poll.register(stream.socket, select.EPOLLIN)
            made += 1
        most_open = max(most_open, len(streams))
        for number, _ in poll.poll(0.005 if made < count else 0.1):
            stream = streams[number]
            stream.read(delays, gaps, firsts)
            if stream.is_over:
                poll.unregister(number)
                stream.socket.close()
                del streams[number]
                if stream.status != 200 or stream.tokens != tokens:
                    why = f"{stream.tokens} of {tokens} tokens" if stream.status == 200 else str(stream.status)
                    failed[why] = failed.get(why, 0) + 1
    for series in (delays, gaps, firsts):
        series.sort()
    print(json.dumps({
        "streams": count, "at_once": most_open, "tokens": len(delays), "events": len(gaps) + len(firsts),
        "errors": sum(failed.values()) + len(streams), "failed": failed, "unfinished": len(streams),
        "first_p50_ms": quantile(firsts, 0.5), "first_max_ms": quantile(firsts, 1),
        "delay_p50_ms": quantile(delays, 0.5), "delay_p99_ms": quantile(delays, 0.99), "delay_max_ms": quantile(delays, 1),
        "gap_p50_ms": quantile(gaps, 0.5), "gap_p99_ms": quantile(gaps, 0.99), "gap_max_ms": quantile(gaps, 1),
    }))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
