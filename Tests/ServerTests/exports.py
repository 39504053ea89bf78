"""Exports of ChatGPT for tests, with the oddities of real ones, in any size."""

import io
import json
import random
import zipfile

TEXTS = [
    "ঢাকার পাখিরা ভোরে গান গায়। ", "الطيور تغني عند الفجر. ", "鸟儿在黎明歌唱。", "🦜👩‍👩‍👧 ", "The birds sing at dawn. ",
    "টেক্সট \ud83e", "\u0000 ", "【3†source】",
]


def message(chance, number, time, size):
    role = ["user", "assistant"][number % 2]
    text = "".join(chance.choice(TEXTS) for _ in range(max(1, size // 40)))
    contents = [{"content_type": "text", "parts": [text]}] * 6 + [
        {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}, text]},
        {"content_type": "code", "language": "python", "text": text}, {"content_type": "thoughts", "thoughts": []},
        {"content_type": "unheard_of", "value": [text]},
    ]
    found = {
        "id": f"m{number}", "author": {"role": role, "name": None, "metadata": {}}, "create_time": time + number,
        "content": contents[0] if number < 2 else chance.choice(contents), "status": "finished_successfully", "weight": 1.0,
        "recipient": "all" if number < 2 or chance.random() < 0.9 else "python",
    }
    if chance.random() < 0.7:
        found["metadata"] = {"model_slug": "gpt-5", "citations": []}
    return found


def conversation(number, messages=20, size=400):
    """A conversation that has some versions; always the same for one number."""
    chance, time = random.Random(number), 1_700_000_000 + number
    mapping = {"root": {"id": "root", "parent": None, "children": ["m0"], "message": None}}
    for at in range(messages):
        parent = "root" if at == 0 else f"m{at - 2 if at > 2 and chance.random() < 0.1 else at - 1}"
        mapping[f"m{at}"] = {"id": f"m{at}", "parent": parent, "message": message(chance, at, time, size)}
    return {
        "id": f"c{number}", "conversation_id": f"c{number}", "title": f"কথা {number}", "create_time": time,
        "update_time": time + 1000, "current_node": f"m{messages - 1}", "mapping": mapping,
    }


def archive(count, per_file=100, **options):
    """A ZIP archive of numbered files; the last entry of each file is a folder, and one in a hundred is not valid."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for start in range(0, count, per_file):
            with zipped.open(f"conversations-{start // per_file:03}.json", "w", force_zip64=True) as file:
                file.write(b"[")
                for number in range(start, min(start + per_file, count)):
                    text = json.dumps(conversation(number, **options), ensure_ascii=number % 2 == 0)
                    file.write(text.encode("utf-8", "replace") + b",\n")
                file.write(b'{"id": "broken", "mapping": {"a": }},{"name": "Folder"}]')
        zipped.writestr("user.json", "{}")
        zipped.writestr("chat.html", "<html></html>")
        zipped.writestr("dalle-generations/ছবি.webp", b"RIFF" * 1000)
    return out.getvalue()
