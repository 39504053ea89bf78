"""The measured servers, the peers, and what both need: the model and the databases."""

import json
import os
import secrets
import shutil
import subprocess
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from processes import Failed, Process, answer, free_port

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
REPLY = (
    "Our shop is open from nine to five, Monday to Saturday. Is there anything else that I can help you with today?"
)
PASSWORD = "a-password-of-the-benchmark"
PROMPT = "You answer questions about a small shop in one or two friendly sentences."
POSTGRES_BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


class Nginx(Process):
    """The model that answers at once, and nginx's own forwarding to it."""

    def __init__(self, folder):
        folder = Path(folder) / "nginx"
        folder.mkdir(parents=True)
        self.proxy_port = free_port()
        configuration = folder / "nginx.conf"
        super().__init__("nginx", ["nginx", "-p", folder, "-c", configuration, "-e", "stderr"], folder, free_port())
        words = REPLY.split(" ")
        tokens = [words[0]] + [f" {word}" for word in words[1:]]
        text = (HERE / "peers/nginx.conf.in").read_text()
        for name, value in {
            "folder": folder, "model_port": self.port, "proxy_port": self.proxy_port, "reply": REPLY,
            "tokens": len(tokens), "total": 420 + len(tokens),
            "events": "".join(f"${{a}}{token}${{b}}" for token in tokens),
        }.items():
            text = text.replace(f"@{name}@", str(value))
        configuration.write_text(("user root;\n" if os.geteuid() == 0 else "") + text)


class Postgres(Process):
    """The benchmark's own PostgreSQL with default settings: every commit is on disk before it is acknowledged."""

    def __init__(self, folder):
        if not POSTGRES_BIN:
            raise Failed("PostgreSQL is not installed")
        folder = Path(folder) / "postgres"
        folder.mkdir(parents=True)
        # PostgreSQL refuses to run as root.
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        subprocess.run(
            [POSTGRES_BIN / "initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres", "--locale=C.UTF-8"],
            check=True, capture_output=True, user=user, extra_groups=[] if user else None, cwd=folder,
        )
        super().__init__(
            "postgres", [POSTGRES_BIN / "postgres", "-D", folder / "data", "-k", folder, "-c", "max_connections=200"],
            folder, free_port(), ready=None, user=user,
        )
        self.command += ["-p", str(self.port), "-h", "127.0.0.1"]

    def start(self, timeout=60):
        super().start()
        ready = [POSTGRES_BIN / "pg_isready", "-q", "-t", "30", "-h", "127.0.0.1", "-p", str(self.port)]
        for _ in range(600):
            if subprocess.run(ready).returncode == 0:
                break
        else:
            raise Failed("PostgreSQL did not start")
        # The role is not a superuser, so row-level security applies.
        self.sql("CREATE ROLE bench LOGIN")
        return 0

    def create(self, name):
        self.sql(f'CREATE DATABASE "{name}" OWNER bench')
        return f"127.0.0.1:{self.port}/{name}"

    def sql(self, text, database="postgres"):
        done = subprocess.run(
            ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", database],
            input=text, capture_output=True, text=True,
        )
        if done.returncode:
            raise Failed(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()


class Client:
    """JSON calls that set a server up."""

    def __init__(self, url):
        self.url = url
        self.token = None

    def call(self, method, path, body=None, form=None):
        headers = {"Content-Type": "application/json" if form is None else "application/x-www-form-urlencoded"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = urllib.parse.urlencode(form) if form else json.dumps(body) if body is not None else None
        request = urllib.request.Request(self.url + path, data and data.encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    def sign_in(self, email):
        user = self.call("POST", "/auth/register", {"email": email, "password": PASSWORD})
        form = {"username": email, "password": PASSWORD, "grant_type": "password"}
        self.token = self.call("POST", "/auth/login", form=form)["access_token"]
        return user


@dataclass
class Candidate:
    """A measured server, the place of its rows, and the credentials of its requests."""

    label: str
    kind: str
    engine: str
    process: Process
    store: object
    postgres: Process = None
    client: Client = None
    user: dict = field(default_factory=dict)
    chatbot: str = ""
    first_start: float = 0.0
    fresh_rss: int = 0

    def prepare(self):
        self.first_start = self.process.start()
        self.fresh_rss = self.process.rss()
        self.client = Client(self.process.url)
        self.user = self.client.sign_in("bench@example.com")
        if self.kind == "mynah":
            self.lift("bench@example.com")
            self.chatbot = self.client.call("GET", "/chatbots")["data"][0]["id"]
            self.client.call("POST", f"/chatbots/{self.chatbot}/prompts", {"content": PROMPT})
        else:
            self.chatbot = self.client.call("POST", "/chatbots", {"name": "Assistant", "prompt": PROMPT})["id"]

    def lift(self, email):
        """The peer has no limits; a version without plans has none either."""
        subprocess.run(
            [self.process.command[0], "user", "plan", email, "enterprise"], cwd=self.process.folder,
            env=os.environ | self.process.environment, capture_output=True,
        )

    def cpu(self):
        """Returns the CPU seconds of the server, and of the PostgreSQL behind it."""
        return self.process.cpu(), self.postgres.cpu() if self.postgres else 0.0


def mynah(binary, folder, engine, model_url, postgres, name="mynah"):
    from seed import PostgresStore, SQLiteStore

    folder = Path(folder) / f"{name}-{engine}"
    folder.mkdir(parents=True)
    if engine == "sqlite":
        store = SQLiteStore(folder / "mynah.sqlite")
        url = f"sqlite:///{store.path}"
    else:
        store = PostgresStore(postgres, name)
        url = f"postgresql://bench@{postgres.create(name)}"
    port = free_port()
    process = Process(
        f"{name} {engine}", [binary, "serve"], folder, port,
        {
            "HOST": "127.0.0.1", "PORT": str(port), "DATABASE_URL": url, "RESOURCES_DIR": str(ROOT),
            "LLM_PROVIDER": "openai", "OPENAI_BASE_URL": model_url, "OPENAI_API_KEY": "bench", "LLM_MODEL": "bench",
            "ACCESS_TOKEN_MINUTES": "1440", "RATE_LIMIT": "1000000/second", "LOG_LEVEL": "info",
            "ENCRYPTION_KEY": "bXluYWgtYmVuY2htYXJrLWtleS1vZi0zMi1ieXRlcy4=", "SECRET_KEY": secrets.token_hex(32),
        },
    )
    label = "Mynah, SQLite" if engine == "sqlite" else "Mynah, PostgreSQL"
    return Candidate(label, "mynah", engine, process, store, postgres if engine == "postgres" else None)


def fastapi(venv, folder, engine, model_url, postgres):
    from seed import PostgresStore, SQLiteStore

    folder = Path(folder) / f"fastapi-{engine}"
    folder.mkdir(parents=True)
    if engine == "sqlite":
        store = SQLiteStore(folder / "fastapi.sqlite")
        url = f"sqlite+aiosqlite:///{store.path}"
    else:
        store = PostgresStore(postgres, "fastapi")
        url = f"postgresql+asyncpg://bench@{postgres.create('fastapi')}"
    port = free_port()
    process = Process(
        f"fastapi {engine}",
        [venv / "bin/uvicorn", "fastapi_app:app", "--app-dir", HERE / "peers", "--port", port, "--no-access-log"],
        folder, port,
        {"DATABASE_URL": url, "OPENAI_BASE_URL": model_url, "SECRET_KEY": secrets.token_hex(32)},
    )
    label = "FastAPI, SQLite" if engine == "sqlite" else "FastAPI, PostgreSQL"
    return Candidate(label, "fastapi", engine, process, store, postgres if engine == "postgres" else None)


def routers(venv, folder, model):
    """The forwarders: no accounts, no limits, nothing stored."""
    common = ["--host", "127.0.0.1", "--worker-urls", f"http://127.0.0.1:{model.port}", "--policy", "round_robin"]
    made = []
    for name, start in {"vllm-router": ["vllm-router"], "smg": ["smg", "launch"]}.items():
        port = free_port()
        command = [venv / "bin" / start[0], *start[1:], *common, "--port", port, "--log-level", "error"]
        if name == "smg":
            command += ["--prometheus-port", free_port()]
        made.append(Process(name, command, Path(folder) / name, port, {"PATH": f"{venv}/bin:{os.environ['PATH']}"}))
    return made


__all__ = ["Candidate", "Client", "Failed", "Nginx", "Postgres", "answer", "fastapi", "mynah", "routers"]
