"""Operators change model providers while servers run."""

import pytest
from client import User, eventually
from mynah_process import Server, make_admin
from postgres_server import SECRETS, Postgres
from vendor import Vendor

KEY = "another-vendor-key-canary"


@pytest.fixture
def other_vendor():
    vendor = Vendor()
    yield vendor
    vendor.close()


def change(operator, body, status=200):
    answer = operator.put("/admin/providers/openai", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def state(operator):
    return {each["name"]: each for each in operator.get("/admin/providers").json()["data"]}


def test_an_address_and_a_key_hold_at_once_and_after_a_restart(start, vendor, other_vendor):
    server = start()
    operator, user = make_admin(server), User(server)
    assert state(operator)["openai"]["state"] == "ready"
    assert state(operator)["groq"]["state"] == "unset"
    changed = change(operator, {"base_url": other_vendor.url, "api_key": KEY})
    assert (changed["base_url"], changed["has_key"], changed["is_changed"]) == (other_vendor.url, True, True)
    other_vendor.reply = ["From", " elsewhere."]
    for _ in range(2):
        answer = user.post("/chat", {"message": "Hi"})
        assert answer["message"]["content"] == "From elsewhere."
        assert f"Authorization: Bearer {KEY}\r\n" in other_vendor.heads[-1]
        assert server.stop() == 0
        server.start()
    assert not vendor.requests
    change(operator, {"base_url": None, "api_key": None})
    user.post("/chat", {"message": "Hi"})
    assert len(vendor.requests) == 1
    assert KEY not in server.said and KEY not in operator.get("/admin/providers").text
    assert KEY.encode() not in (server.folder / "mynah.sqlite").read_bytes()


def test_a_key_is_sent_to_no_other_address_than_its_own(start, vendor, other_vendor):
    server = start()
    operator, user = make_admin(server), User(server)
    # Neither the settings' key nor an operator's key is sent to the new address.
    refused = change(operator, {"base_url": other_vendor.url}, 422)
    assert (refused["error"]["code"], refused["error"]["param"]) == ("missing_field", "api_key")
    change(operator, {"api_key": KEY})
    change(operator, {"base_url": other_vendor.url, "enabled": True}, 422)
    change(operator, {"base_url": vendor.url.replace("127.0.0.1", "localhost")}, 422)
    user.post("/chat", {"message": "Hi"})
    assert f"Authorization: Bearer {KEY}\r\n" in vendor.heads[-1] and not other_vendor.requests
    # Null is no key at another address, and the settings' key at the settings' address.
    assert not change(operator, {"base_url": other_vendor.url, "api_key": None})["has_key"]
    user.post("/chat", {"message": "Hi"})
    assert len(other_vendor.requests) == 1 and "Authorization:" not in other_vendor.heads[-1]
    change(operator, {"api_key": "key-of-the-other"})
    back = change(operator, {"base_url": None})
    assert (back["has_key"], back["is_changed"], back["enabled"]) == (True, False, True)
    user.post("/chat", {"message": "Hi"})
    assert "key-of-the-other" not in vendor.heads[-1] and KEY not in vendor.heads[-1]
    assert "Authorization: Bearer " in vendor.heads[-1]
    # Another path on the same host keeps the key, and so does a call without changes.
    assert change(operator, {"base_url": vendor.url + "/"})["has_key"]
    assert not change(operator, {"base_url": None, "api_key": None})["is_changed"]
    entries = operator.get("/admin/audit-log", params={"target": "provider:openai"}).json()["data"]
    assert entries[-1]["detail"]["key_set"] and KEY not in str(entries) and other_vendor.url in str(entries)


def test_what_is_switched_off_is_not_asked(start, vendor):
    server = start()
    operator, user = make_admin(server), User(server)
    assert change(operator, {"enabled": False})["state"] == "disabled"
    answer = user.post("/chat", {"message": "Hi"})
    assert (answer["message"]["status"], answer["message"]["error_code"]) == ("failed", "provider_unavailable")
    assert not vendor.requests
    assert change(operator, {"enabled": True})["state"] == "ready"
    assert user.post("/chat", {"message": "Hi"})["message"]["status"] == "complete"


def test_what_makes_no_sense_is_refused_and_changes_nothing(start):
    server = start()
    operator = make_admin(server)
    metadata = ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]",
                "metadata.google.internal", "Metadata.Google.Internal."]
    for body in [{"base_url": "ftp://x"}, {"base_url": "http://user:secret@x"}, {"api_key": "a b"}, {"api_key": ""},
                 {"enabled": "perhaps"}] + [{"base_url": f"http://{host}/v1", "api_key": "k"} for host in metadata]:
        change(operator, body, 422)
    assert operator.put("/admin/providers/local", json={}).status_code == 404
    assert operator.put("/admin/providers/nobody", json={}).status_code == 404
    assert not state(operator)["openai"]["is_changed"]
    user = User(server)
    assert user.http.get("/admin/providers").status_code == 401


def test_an_address_that_is_no_models_is_not_connected_to(start, vendor):
    server = start()
    operator, user = make_admin(server), User(server)
    # A name may resolve to such an address after it was set; this one represents it.
    change(operator, {"base_url": "http://192.0.2.1:9/v1", "api_key": "k"})
    answer = user.post("/chat", {"message": "Hi"})
    assert (answer["message"]["status"], answer["message"]["error_code"]) == ("failed", "provider_unavailable")
    assert "the address is not allowed: 192.0.2.1" in server.said and not vendor.requests


def test_another_instance_learns_of_it(tmp_path, vendor, other_vendor):
    postgres = Postgres(tmp_path)
    settings = vendor.settings | SECRETS | {"DATABASE_URL": postgres.url}
    servers = []
    try:
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            servers.append(Server(tmp_path / name, **settings).start())
        operator, user = make_admin(servers[0]), User(servers[1])
        change(operator, {"base_url": other_vendor.url, "api_key": KEY})

        def answers_from_there():
            user.post("/chat", {"message": "Hi"})
            return other_vendor.requests

        assert eventually(answers_from_there, seconds=10)
        assert [server.stop() for server in servers] == [0, 0]
    finally:
        for server in servers:
            if server.process.poll() is None:
                server.kill()
        postgres.run("stop")
