"""A model vendor with random answers: text of every script in random pieces, wrong types, huge numbers, errors, and
early ends. An answer depends only on the seed, the request and how often it came."""

import asyncio
import collections
import hashlib
import json
import random

import texts
from vendor import Vendor

FINISH = ["stop", "length", "tool_calls", "content_filter", "end_turn", "eos", "", None, "শেষ", 7, [], "function_call"]
NUMBERS = [0, 1, 7, -1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, -(10**30), 1.5, 12.0, 1e300, -0.0, None, "12", [], {}, True]
STATUSES = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 429, 500, 502, 503, 503, 529]
DETAILS = ["context_length_exceeded", "rate_limit_exceeded", "insufficient_quota", "overloaded_error", "invalid_request_error"]
# Neighbours are answered with this and their own message.
ECHO = "» "


def halves(chance, text):
    """Splits the text into pieces; JSON may be cut between the halves of a surrogate pair."""
    units = text.encode("utf-16-le", "surrogatepass")
    cuts = sorted(chance.randrange(0, len(units) + 1, 2) for _ in range(chance.randrange(6))) if units else []
    return [units[a:b].decode("utf-16-le", "surrogatepass") for a, b in zip([0, *cuts], [*cuts, len(units)])]


def value(chance, depth=3):
    match chance.randrange(8 if depth else 5):
        case 0 | 1:
            return chance.choice(NUMBERS)
        case 2 | 3:
            return texts.random_text(chance, 20)
        case 4:
            return chance.choice(["\ud83d", "\ude00", "", "\0", "null", "data: x\n\n", "<|im_end|>", "\u2028"])
        case 5 | 6:
            return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
        case _:
            return {texts.random_text(chance, 6): value(chance, depth - 1) for _ in range(chance.randrange(4))}


def damaged(chance, tree):
    """Returns the tree with one value replaced."""
    if not tree or not isinstance(tree, (dict, list)) or chance.random() < 0.2:
        return value(chance)
    place = chance.choice(list(tree)) if isinstance(tree, dict) else chance.randrange(len(tree))
    copy = tree.copy()
    if chance.random() < 0.15:
        del copy[place]
    else:
        copy[place] = damaged(chance, tree[place])
    return copy


def written(chance, tree):
    return json.dumps(tree, ensure_ascii=chance.random() < 0.5, separators=chance.choice([None, (",", ":")])).encode("utf-8", "surrogatepass")


def replies(chance):
    """Returns the model's text, from empty to long."""
    match chance.randrange(10):
        case 0:
            return chance.choice(["", "\ud83d", "👩‍👧‍👦" * 40, "é" * 4000, "\u0301" * 3000, "\0", "\n" * 50, "﷽" * 500, "<|im_start|>"])
        case 1 | 2 | 3:
            return texts.random_text(chance, 400)
        case _:
            return " ".join(chance.choice(texts.NATURAL).long for _ in range(chance.randrange(1, 4)))


def usage(chance, names):
    pick = (lambda: chance.choice(NUMBERS)) if chance.random() < 0.3 else (lambda: chance.randrange(5000))
    return {name: pick() for name in names} | ({"details": value(chance)} if chance.random() < 0.2 else {})


def calls(chance, index):
    arguments = json.dumps({texts.random_text(chance, 5): value(chance)}, ensure_ascii=chance.random() < 0.5)
    first = {"index": index, "id": f"call_{index}", "type": "function", "function": {"name": "find", "arguments": ""}}
    return [first] + [{"index": index, "function": {"arguments": part}} for part in halves(chance, arguments)]


def openai(chance, streams):
    text, count = replies(chance), usage(chance, ["prompt_tokens", "completion_tokens", "total_tokens"])
    reason = "stop" if chance.random() < 0.6 else chance.choice(FINISH)
    if not streams:
        message = {"role": "assistant", "content": text}
        if chance.random() < 0.2:
            message["tool_calls"] = [calls(chance, 0)[0]]
        return [{"id": "w", "model": "wild", "choices": [{"index": 0, "message": message, "finish_reason": reason}], "usage": count}]
    deltas = [{"role": "assistant", "content": ""}]
    for part in halves(chance, text):
        if chance.random() < 0.1:
            deltas.append({chance.choice(["refusal", "reasoning_content", "reasoning", "audio"]): texts.random_text(chance, 30)})
        deltas.append({"content": part if chance.random() < 0.9 else [{"type": "text", "text": part}]})
    for index in range(chance.choice([0, 0, 0, 1, 2, 3])):
        deltas += [{"tool_calls": [piece]} for piece in calls(chance, index)]
    events = [{"model": "wild", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    if chance.random() < 0.1:
        events.insert(chance.randrange(len(events)), {"choices": [{"index": 1, "delta": {"content": "another"}}]})
    return events + [{"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}, {"choices": [], "usage": count}]


def anthropic(chance):
    names = ["input_tokens", "output_tokens", "cache_read_input_tokens"]
    yield {"type": "message_start", "message": {"model": "wild", "usage": usage(chance, names)}}
    kinds = ["text"] + [chance.choice(["text", "tool_use", "thinking", "of_tomorrow"]) for _ in range(chance.randrange(3))]
    for index, kind in enumerate(kinds):
        block = {"type": kind} | ({"id": f"t{index}", "name": "find", "input": {}} if kind == "tool_use" else {})
        yield {"type": "content_block_start", "index": index, "content_block": block}
        name = {"tool_use": "partial_json", "thinking": "thinking"}.get(kind, "text")
        delta = {"tool_use": "input_json_delta", "thinking": "thinking_delta"}.get(kind, "text_delta")
        for part in halves(chance, json.dumps({"q": replies(chance)}) if kind == "tool_use" else replies(chance)):
            yield {"type": "content_block_delta", "index": index, "delta": {"type": delta, name: part}}
            if chance.random() < 0.05:
                yield {"type": "ping"}
        yield {"type": "content_block_stop", "index": index}
    reason = chance.choice(["end_turn", "end_turn", "max_tokens", "tool_use", "refusal", "pause_turn", None])
    yield {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage(chance, ["output_tokens"])}
    yield {"type": "message_stop"}


def stream(chance, events, done):
    """Writes server-sent events with every variation that the format allows."""
    end = chance.choice(["\n", "\n", "\r\n", "\r"]).encode()
    out = [b"\xef\xbb\xbf"] if chance.random() < 0.05 else []
    for each in events:
        if chance.random() < 0.05:
            out.append(chance.choice([b": still here", b"id: \0", b"retry: 99", b"unknown", b"event:"]) + end + end)
        name = [b"event: " + each["type"].encode("utf-8", "replace") + end] if done is None and isinstance(each.get("type"), str) else []
        out += name + [b"data: " if chance.random() < 0.8 else b"data:", written(chance, each), end, end]
    return b"".join(out) + (b"data: [DONE]" + end + end if done else b"")


class WildVendor(Vendor):
    """Serves `/wild/v1` and, as a chatbot's own endpoint, `/hook`. `/calm/v1`, and the model `calm` at any address,
    repeat a neighbour's message."""

    def __init__(self, seed):
        self.seed, self.calls, self.asked = seed, 0, collections.Counter()
        super().__init__()
        self.base = self.url.removesuffix("/v1")

    async def _serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = int(head.lower().split("content-length:")[1].split("\r\n")[0])
                body = await reader.readexactly(length)
                path = head.split(" ")[1]
                request = hashlib.sha256(body).digest()
                chance = random.Random(f"{self.seed} {path} {request} {self.asked[request]}")
                asked = json.loads(body)
                if path.startswith("/calm") or asked.get("model") == "calm":
                    answer = self._calm(chance, asked)
                else:
                    self.calls += 1
                    self.asked[request] += 1
                    answer = self._wild(chance, path, asked)
                if not await self._send_all(chance, writer, *answer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        finally:
            writer.close()

    def _calm(self, chance, asked):
        said = asked["messages"][-1]["content"]
        said = said if isinstance(said, str) else "".join(part.get("text", "") for part in said)
        deltas = [{"content": part} for part in halves(chance, ECHO + said)]
        events = [{"model": "calm", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        events += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
        events += [{"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 9}}]
        if not asked.get("stream"):
            message = {"role": "assistant", "content": ECHO + said}
            return 200, "application/json", {}, written(chance, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}), True
        return 200, "text/event-stream", {}, stream(chance, events, True), True

    def _wild(self, chance, path, asked):
        fate = chance.random()
        if fate < 0.06:
            error = {"error": damaged(chance, {"type": chance.choice(DETAILS), "code": chance.choice(DETAILS), "message": replies(chance)[:200]})}
            headers = {"Retry-After": chance.choice(["1", "0", "-5", "1e9", "99999999999999999999", "nan", "Wed, 21 Oct 2099 07:28:00 GMT", "soon"])}
            return chance.choice(STATUSES), "application/json", headers, written(chance, error), True
        if path.startswith("/hook"):
            text = replies(chance) or "ok"
            bodies = [written(chance, {"reply": text}), written(chance, text), text.encode("utf-8", "surrogatepass")]
            if chance.random() < 0.5:
                return 200, chance.choice(["application/json", "text/plain"]), {}, chance.choice(bodies), True
            events = [{"delta": part} for part in halves(chance, text)] if chance.random() < 0.5 else openai(chance, True)
            return 200, "text/event-stream", {}, stream(chance, events, True), True
        isAnthropic = path.endswith("/messages")
        events = list(anthropic(chance)) if isAnthropic else openai(chance, asked.get("stream"))
        if fate < 0.16:
            place = chance.randrange(len(events))
            events[place] = damaged(chance, events[place])
            events[place] = events[place] if isinstance(events[place], dict) else {"x": events[place]}
        if fate < 0.08:
            events.insert(chance.randrange(len(events)), {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}})
        if len(events) == 1 and chance.random() < 0.9:
            body, kind = written(chance, events[0]), "application/json"
        else:
            body, kind = stream(chance, events, None if isAnthropic else chance.random() < 0.9), "text/event-stream"
        if fate > 0.995:
            body += b"data: " + b"x" * 600_000
        if fate > 0.97:
            place = chance.randrange(len(body))
            body = body[:place] + chance.choice([b"", b"\0", b"\xff\xfe", b"\n", b"{", b'"']) + body[place + 1 :]
        return 200, kind, {}, body, chance.random() < 0.98

    async def _send_all(self, chance, writer, status, kind, headers, body, isWhole):
        if not isWhole:
            body = body[: chance.randrange(len(body) + 1)]
        lines = {"Content-Type": kind, "Transfer-Encoding": "chunked"} | headers
        writer.write(f"HTTP/1.1 {status} Wild\r\n".encode() + "".join(f"{k}: {v}\r\n" for k, v in lines.items()).encode() + b"\r\n")
        cuts = sorted(chance.randrange(1, len(body)) for _ in range(chance.randrange(9))) if len(body) > 1 else []
        for a, b in zip([0, *cuts], [*cuts, len(body)]):
            if writer.is_closing():
                return False
            if a < b:
                writer.write(b"%x\r\n" % (b - a) + body[a:b] + b"\r\n")
            if chance.random() < 0.2:
                await writer.drain()
                await asyncio.sleep(chance.random() * 0.02)
        if isWhole:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return isWhole
