"""Servers to back up, and what they contain."""

import hashlib
import random
import subprocess
import tarfile

import httpx
import pytest
from client import User, eventually
from mynah_process import BINARY, Server, command, environment
from postgres_server import SECRETS, Postgres

PASSPHRASE = "পাখি গান গায় 🐦 9"
OTHER_KEY = "QmFja3VwLXRlc3RzLW90aGVyLWtleS0wMTIzNDU2Nzg="
TEXTS = {"asha": "নমস্কার, কেমন আছেন?", "omar": "مرحبا، كيف الحال؟", "li": "你好,自行车 🚴", "emma": "Hello 👩🏽‍🚀"}


def mynah(folder, *arguments, **settings):
    """Runs a command; returns what it prints."""
    done = command(folder, *arguments, **settings)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def refused(folder, *arguments, **settings):
    """Runs a command that must fail with one line; returns that."""
    done = command(folder, *arguments, **settings)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("20")]
    assert done.returncode not in (0, -4, -5, -6, -11) and len(lines) == 1, done.stderr + done.stdout
    assert lines[0].startswith("Error: ")
    return lines[0]


class Place:
    """A server's folder, database and settings."""

    def __init__(self, folder, vendor, url=None):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = vendor.settings | SECRETS | ({"DATABASE_URL": url} if url else {})
        if url:
            self.settings["FILES_URL"] = f"file://{folder}/files"

    def server(self):
        return Server(self.folder, **self.settings)

    def __call__(self, *arguments, **settings):
        return mynah(self.folder, *arguments, **self.settings | settings)

    def refused(self, *arguments, **settings):
        return refused(self.folder, *arguments, **self.settings | settings)

    @property
    def leftovers(self):
        """What is there beside what the test made."""
        names = [path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*")]
        return [name for name in names if not name.startswith(("mynah.log", "mynah.out", ".env"))]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    running = Postgres(tmp_path_factory.mktemp("postgres"))
    yield running
    running.run("stop")


@pytest.fixture(params=["sqlite", "postgres"])
def places(request, tmp_path, vendor):
    """Makes places, each with an empty database."""
    servers = []
    number = iter(range(100))

    def place(name):
        if request.param == "sqlite":
            return Place(tmp_path / name, vendor)
        postgres = request.getfixturevalue("postgres")
        database = f"{name}_{next(number)}_{random.randrange(10**9)}"
        postgres.psql(f"CREATE DATABASE {database} OWNER mynah;")
        return Place(tmp_path / name, vendor, postgres.url.rpartition("/")[0] + f"/{database}")

    def start(place):
        servers.append(place.server().start())
        return servers[-1]

    place.start = start
    place.engine = request.param
    yield place
    for server in servers:
        if server.process.poll() is None:
            server.kill()


def fill(server):
    """Users with chatbots, prompts, conversations, details and files in several scripts."""
    for number, (name, text) in enumerate(TEXTS.items()):
        user = User(server, name)
        me = user.get("/users/me")["id"]
        user.post(f"/users/{me}/details", {"company": f"{text} Ltd", "preferences": {"emoji": "👩🏽‍🚀"}})
        bot = user.post("/chatbots", {"name": f"{text[:6]} 🤖", "description": text}, 201)["id"]
        user.post(f"/chatbots/{bot}/prompts", {"content": f"{text} {{{{user.first_name}}}}"}, 201)
        user.post("/chat", {"message": text})
        user.post("/chat", {"message": text * 50})
        for length in (0, 1, 5_000_000 if number == 0 else 70_000):
            content = random.Random(length + number).randbytes(length)
            made = user.http.post(f"/chatbots/{bot}/files", files={"file": (f"{text[:8]} 📄.bin", content)})
            assert made.status_code == 202, made.text
        assert eventually(lambda: read_to_the_end(user, bot), 120), user.get(f"/chatbots/{bot}/files")
        yield user.name


def read_to_the_end(user, bot):
    """Tells whether no job will change a file's row any more."""
    return all(file["state"] in ("ready", "failed") for file in user.get(f"/chatbots/{bot}/files")["data"])


VOLATILE = {"last_used_at", "last_seen_at", "current", "expires_in", "request_id", "started_at"}


def stable(value):
    if isinstance(value, dict):
        return {name: stable(item) for name, item in value.items() if name not in VOLATILE}
    return [stable(item) for item in value] if isinstance(value, list) else value


class Reader(User):
    """A user that exists."""

    def __init__(self, server, name):
        self.http = httpx.Client(base_url=server.url, timeout=60)
        self.port, self.name = server.port, name
        self.sign_in()


def everything(server, names):
    """What the server answers to a script that reads all that these users have."""
    found = {}
    for name in names:
        user = Reader(server, name)
        me = user.get("/users/me")["id"]
        paths = ["/users/me", f"/users/{me}/details", "/workspaces", "/users/me/usage", "/auth/grants"]
        for chatbot in user.get("/chatbots")["data"]:
            base = f"/chatbots/{chatbot['id']}"
            paths += [base, f"{base}/prompts", f"{base}/files", f"{base}/api-keys"]
            for file in user.get(f"{base}/files")["data"]:
                content = user.http.get(f"{base}/files/{file['id']}/content")
                assert content.status_code == 200 and hashlib.sha256(content.content).hexdigest() == file["sha256"]
                found[f"{name} {file['id']}"] = file["sha256"]
        for conversation in user.get("/conversations")["data"]:
            paths += [f"/conversations/{conversation['id']}", f"/conversations/{conversation['id']}/messages"]
        for path in paths:
            answer = user.http.get(path)
            assert answer.status_code in (200, 404), f"{path}: {answer.text}"
            if answer.status_code == 200:
                found[f"{name} {path}"] = stable(answer.json())
    return found


@pytest.fixture
def filled(places):
    """A place with data, and its server stopped."""
    place = places("first")
    server = places.start(place)
    place.names = list(fill(server))
    place.before = everything(server, place.names)
    assert server.stop() == 0
    return place


def members(archive):
    with tarfile.open(archive) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def spawn(place, *arguments, **settings):
    return subprocess.Popen(
        [BINARY, *map(str, arguments)], env=environment(place.folder, **place.settings | settings), cwd=place.folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
