"""The played model in OpenAI's API of chat completions."""

import json

from played_model import BadRequest, identifiers, pieces, read, texts


class OpenAI:
    path = "/v1/chat/completions"

    @staticmethod
    def asked(body):
        if not body.get("model"):
            raise BadRequest("you must provide a model parameter", "model")
        last = body["messages"][-1]
        results = [texts(last["content"])] if last["role"] == "tool" else []
        tools = {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in body.get("tools", [])}
        choice = body.get("tool_choice")
        if isinstance(choice, dict):
            choice = choice["function"]["name"]
        wanted = body.get("response_format") or {"type": "text"}
        schema = wanted["json_schema"]["schema"] if wanted["type"] == "json_schema" else None
        stop = body.get("stop") or []
        return read(body, results, tools, None if choice == "auto" else choice, schema,
                    [stop] if isinstance(stop, str) else stop, bool(body.get("reasoning_effort")),
                    "JSON" if wanted["type"] == "json_object" else "")

    @staticmethod
    def usage(body, said):
        read = len(json.dumps(body["messages"]))
        written = len(said.text) + len(json.dumps(said.calls)) + len(said.thoughts)
        return {
            "prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": 1},
            "completion_tokens_details": {"reasoning_tokens": len(said.thoughts)},
        }

    @staticmethod
    def calls(said):
        return [{"id": f"call_{next(identifiers)}", "type": "function", "function": {
            "name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}} for name, arguments in said.calls]

    @classmethod
    def whole(cls, body, said):
        message = {"role": "assistant", "content": said.text or None, "refusal": None, "annotations": []}
        if said.thoughts:
            message["reasoning_content"] = said.thoughts
        if said.calls:
            message["tool_calls"] = cls.calls(said)
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if said.calls else "stop"}
        return cls.head(body, "chat.completion") | {"choices": [choice], "usage": cls.usage(body, said)}

    @staticmethod
    def head(body, kind):
        return {"id": f"chatcmpl-{next(identifiers)}", "object": kind, "created": 1, "model": body["model"]}

    @classmethod
    def stream(cls, body, said):
        head = cls.head(body, "chat.completion.chunk")
        deltas = [{"role": "assistant", "content": None if said.calls else ""}]
        deltas += [{"reasoning_content": piece} for piece in pieces(said.thoughts)]
        deltas += [{"content": piece} for piece in pieces(said.text)]
        for index, call in enumerate(cls.calls(said)):
            first = call | {"index": index, "function": call["function"] | {"arguments": ""}}
            rest = pieces(call["function"]["arguments"])
            deltas += [{"tool_calls": [first]}]
            deltas += [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in rest]
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None} for delta in deltas]
        choices += [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "tool_calls" if said.calls else "stop"}]
        events = [head | {"choices": [choice]} for choice in choices]
        if (body.get("stream_options") or {}).get("include_usage"):
            events += [head | {"choices": [], "usage": cls.usage(body, said)}]
        return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"

    @staticmethod
    def error(message, field):
        if field is None:
            message = "This model's maximum context length is 10000 tokens. However, your messages resulted in more."
        return {"error": {"message": message, "type": "invalid_request_error", "param": field or "messages",
                          "code": None if field else "context_length_exceeded"}}
