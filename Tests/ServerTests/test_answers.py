"""Curated answers, and what a chatbot says if its files do not answer, by the real server."""

from client import User, text
from test_citations import SETTINGS, TEXTS, knowing, numbers
from vendor import Status

REFUSAL = "দুঃখিত, জানি না। لا أعرف 不知道 🤷"


def test_a_reply_without_a_source_is_replaced_if_the_owner_wishes(start, vendor):
    server = start(**SETTINGS)
    user, chatbot = knowing(server, *TEXTS)
    vendor.answer_in_turn(["I think ", "so [7]."], ["I think ", "so [7]."], ["দাম ", "[1", "]."])
    free = user.post("/chat", {"chatbot_id": chatbot, "message": "طقس؟"})["message"]
    assert free["content"] == "I think so." and free["citations"] == []
    wish = user.http.patch(f"/chatbots/{chatbot}", json={"fallback_messages": {"no_source": REFUSAL}})
    assert wish.status_code == 200 and wish.json()["fallback_messages"]["no_source"] == REFUSAL, wish.text
    with user.stream("/chat", {"chatbot_id": chatbot, "message": "আবহাওয়া?"}) as stream:
        seen = list(stream)
    assert text(seen) == REFUSAL == seen[-1].data["message"]["content"]
    assert [event.name for event in seen] == ["start", "delta", "done"]
    told = user.post("/chat", {"chatbot_id": chatbot, "message": "কত?"})["message"]
    assert told["content"] == "দাম [1]." and numbers(told["citations"]) == [1]
    found = user.get(f"/chatbots/{chatbot}/unanswered")["data"]
    assert [(entry["question"], entry["answer"]) for entry in found] == [("আবহাওয়া?", REFUSAL), ("طقس؟", "I think so.")]
    User(server).get(f"/chatbots/{chatbot}/unanswered", 404)


def test_a_curated_answer_needs_no_model(start, vendor):
    user = User(start())
    chatbot = user.post("/chatbots", {"name": "Shop"}, 201)["id"]
    path = f"/chatbots/{chatbot}/answers"
    vendor.reply = [Status(500, {"error": {"message": "down"}})]
    for question, answer in [("দাম কত?", "৫০ টাকা"), ("متى تفتحون؟", "يوم الجمعة"), ("几点开门？", "九点 🦜")]:
        user.post(path, {"question": question, "answer": answer}, 201)
        for written in (question, f"  {question[:-1]} !", question.replace(" ", "\n  ")):
            told = user.post("/chat", {"chatbot_id": chatbot, "message": written})["message"]
            assert told["content"] == answer and told["status"] == "complete" and told["model"] is None, told
    assert vendor.requests == []
    user.post(path, {"question": "দাম  কত", "answer": "x"}, 409)
    user.post(path, {"question": "؟!", "answer": "x"}, 422)
    listed = user.get(path)["data"]
    assert [entry["answer"] for entry in listed] == ["九点 🦜", "يوم الجمعة", "৫০ টাকা"]
    user.delete(f"{path}/{listed[0]['id']}")
    assert user.post("/chat", {"chatbot_id": chatbot, "message": "几点开门"})["message"]["status"] == "failed"
    assert vendor.requests, "the model is asked again"
