"""The played model in Anthropic's API of messages."""

import json

from played_model import BadRequest, identifiers, pieces, read, texts


class Anthropic:
    path = "/v1/messages"

    @staticmethod
    def asked(body):
        for field in ("model", "max_tokens"):
            if not body.get(field):
                raise BadRequest(f"{field}: Field required", field)
        last = body["messages"][-1]["content"]
        parts = [] if isinstance(last, str) else last
        results = [texts(part["content"]) for part in parts if part["type"] == "tool_result"]
        tools = {tool["name"]: tool["input_schema"] for tool in body.get("tools", [])}
        choice = body.get("tool_choice") or {"type": "auto"}
        choice = {"tool": choice.get("name"), "any": "any", "none": "none", "auto": None}[choice["type"]]
        config = body.get("output_config") or {}
        wanted = config.get("format")
        thinks = (body.get("thinking") or {}).get("type") in ("enabled", "adaptive") or "effort" in config
        return read(body, results, tools, choice, wanted and wanted["schema"], body.get("stop_sequences") or [], thinks,
                    texts(body.get("system")))

    @staticmethod
    def usage(body, said):
        written = len(said.text) + len(json.dumps(said.calls)) + len(said.thoughts)
        return {
            "input_tokens": len(json.dumps(body["messages"])), "cache_creation_input_tokens": 1,
            "cache_read_input_tokens": 1, "output_tokens": written,
            "output_tokens_details": {"thinking_tokens": len(said.thoughts)}, "cache_creation": None,
            "server_tool_use": None, "inference_geo": None, "service_tier": "standard",
        }

    @staticmethod
    def blocks(said):
        if said.thoughts:
            yield {"type": "thinking", "thinking": said.thoughts, "signature": "c2lnbmVk"}
        if said.text:
            yield {"type": "text", "text": said.text, "citations": None}
        for name, arguments in said.calls:
            yield {"type": "tool_use", "id": f"toolu_{next(identifiers)}", "name": name, "input": arguments,
                   "caller": {"type": "direct"}}

    @classmethod
    def message(cls, body, said, blocks, **end):
        return {"id": f"msg_{next(identifiers)}", "type": "message", "role": "assistant", "model": body["model"],
                "content": blocks, "stop_details": None, "container": None, "usage": cls.usage(body, said)} | cls.end(said) | end

    @staticmethod
    def end(said):
        reason = "tool_use" if said.calls else "stop_sequence" if said.stopped else "end_turn"
        return {"stop_reason": reason, "stop_sequence": said.stopped}

    @classmethod
    def whole(cls, body, said):
        return cls.message(body, said, list(cls.blocks(said)))

    @classmethod
    def stream(cls, body, said):
        events = [{"type": "message_start", "message": cls.message(body, said, [], stop_reason=None)}]
        for index, block in enumerate(cls.blocks(said)):
            begun, deltas = cls.deltas(block)
            events += [{"type": "content_block_start", "index": index, "content_block": begun}]
            events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
            events += [{"type": "content_block_stop", "index": index}]
        events += [{"type": "message_delta", "delta": cls.end(said), "usage": cls.usage(body, said)}, {"type": "message_stop"}]
        return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)

    @staticmethod
    def deltas(block):
        """Returns a block's begin, and its content in pieces."""
        if block["type"] == "tool_use":
            written = json.dumps(block["input"], ensure_ascii=False)
            return block | {"input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(written)]
        if block["type"] == "text":
            return block | {"text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
        thoughts = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
        return block | {"thinking": "", "signature": ""}, [
            *thoughts, {"type": "signature_delta", "signature": block["signature"]}]

    @staticmethod
    def error(message, field):
        if field is None:
            message = "prompt is too long: 10001 tokens > 10000 maximum"
        return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
