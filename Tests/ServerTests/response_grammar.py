"""The rules of a response's events: their order, numbers and indexes, and that they add up to the response."""

ENDS = {"response.completed", "response.incomplete", "response.failed"}


def check(events, first=0):
    """Checks a stream's events, each as a dictionary, from the number `first` on. Returns the response at the end."""
    numbers = [event["sequence_number"] for event in events]
    assert numbers == list(range(first, first + len(events))), numbers
    types = [event["type"] for event in events]
    if first == 0:
        assert types[:2] == ["response.created", "response.in_progress"], types[:2]
    assert types[-1] in ENDS and not ENDS & set(types[:-1]), types
    response = events[-1]["response"]
    assert all(event["response"]["id"] == response["id"] for event in events if "response" in event)
    if first == 0:
        check_items(events, response)
    return response


def check_items(events, response):
    items = {}
    for event in events:
        if "response" in event:
            continue
        kind, index = event["type"], event["output_index"]
        if kind == "response.output_item.added":
            assert index == len(items), event
            items[index] = {"id": event["item"]["id"], "open": True, "parts": {}, "text": "", "done": None}
            continue
        item = items[index]
        assert item["open"], event
        if kind == "response.output_item.done":
            assert all(part is None for part in item["parts"].values()), event
            item |= {"open": False, "done": event["item"]}
            continue
        assert event["item_id"] == item["id"], event
        if "arguments" in kind or "custom_tool_call_input" in kind:
            check_call(event, item)
        else:
            check_part(event, item)
    assert len({item["id"] for item in items.values()}) == len(items)
    if response["status"] in ("completed", "incomplete"):
        assert [item["done"] for item in items.values()] == response["output"]


def check_call(event, item):
    if event["type"].endswith(".delta"):
        item["text"] += event["delta"]
    else:
        assert event.get("arguments", event.get("input")) == item["text"], event


def check_part(event, item):
    kind, parts = event["type"], item["parts"]
    index = event["summary_index"] if "summary_index" in event else event["content_index"]
    if kind.endswith("part.added"):
        assert index == len(parts) and all(part is None for part in parts.values()), event
        parts[index] = ""
        item["annotations"] = []
        return
    assert parts[index] is not None, event
    if kind.endswith(".delta"):
        assert event["delta"] and (kind != "response.output_text.delta" or event["logprobs"] is not None), event
        parts[index] += event["delta"]
    elif kind == "response.output_text.annotation.added":
        annotation = event["annotation"]
        assert event["annotation_index"] == len(item["annotations"]), event
        assert parts[index][annotation["index"]:] == f"[{annotation['n']}]", event
        item["annotations"].append(annotation)
    elif kind.endswith("part.done"):
        assert event["part"].get("annotations", []) == item["annotations"], event
        assert event["part"].get("text", event["part"].get("refusal")) == parts[index], event
        parts[index] = None
    else:
        assert event.get("text", event.get("refusal")) == parts[index], event
