"""compose.yaml: Compose's schema, and its processes started from the file, as no container engine runs here."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import jsonschema
import yaml
from common import BINARY, ROOT, TOOLS, WORK, run

GIVEN = {
    "DOMAIN": "localhost", "POSTGRES_PASSWORD": "postgres-secret", "MYNAH_DB_PASSWORD": "mynah-secret",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "ENCRYPTION_KEY": "A" * 43 + "=", "ENVIRONMENT": "development",
    "MYNAH_DEMO": "1"}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def filled(text, given):
    """Compose's interpolation: ${NAME}, ${NAME:-default} and ${NAME:?message}, also nested."""
    pattern = re.compile(r"\$\{(\w+)(?::([-?])([^${}]*))?\}")

    def value(match):
        name, operator, rest = match.groups()
        if given.get(name):
            return given[name]
        assert operator != "?", f"{name}: {rest}"
        return rest or ""

    while pattern.search(text):
        text = pattern.sub(value, text)
    return text


class Stack:
    """The services as processes on this machine: names of hosts become addresses, and ports free ones."""

    def __init__(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        self.folder = folder
        self.services = yaml.safe_load(filled((ROOT / "compose.yaml").read_text(), GIVEN))["services"]
        self.ports = {name: free_port() for name in ("mynah", "postgres", "redis", "https", "http", "caddy")}
        self.running = {}

    def address(self, text):
        """Replaces names of services by where they are here."""
        for name, port in (("postgres", 5432), ("redis", 6379), ("mynah", 8000)):
            text = re.sub(rf"\b{name}:{port}\b", f"127.0.0.1:{self.ports[name]}", text)
        return text.replace("/data/", f"{self.folder}/data/")

    def environment(self, name):
        given = {key: self.address(str(value)) for key, value in self.services[name]["environment"].items()}
        own = {"HOST": "127.0.0.1", "PORT": str(self.ports["mynah"]), "TRUSTED_PROXIES": "127.0.0.1"}
        return os.environ | given | ({key: own[key] for key in own if key in given})

    def spawn(self, name, command, **options):
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [str(word) for word in command], stdout=log, stderr=log, cwd=self.folder, **options)

    def start_postgres(self):
        """As its image does: a cluster, then the script of the mounted folder."""
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
        data, port = self.folder / "database", self.ports["postgres"]
        data.mkdir()
        shutil.chown(data, "postgres")
        os.chmod(data, 0o700)
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        password = self.folder / "password"
        password.write_text(GIVEN["POSTGRES_PASSWORD"])
        run(*as_postgres, programs / "initdb", "-D", data, "--encoding=UTF8", "--auth=scram-sha-256", "--auth-local=trust",
            f"--pwfile={password}", cwd="/")
        self.spawn("postgres", [*as_postgres, programs / "postgres", "-D", data, "-p", port, "-k", data, "-h", "127.0.0.1"])
        place = {"PGHOST": "127.0.0.1", "PGPORT": str(port)}
        self.until(self.checks("postgres"), "--dbname=postgres", "--username=postgres", **place)
        run(ROOT / "deploy/compose/create-database.sh", env=self.environment("postgres") | {
            "PGHOST": str(data), "PGPORT": str(port)})
        self.until(self.checks("postgres"), **place)

    def checks(self, name):
        return self.services[name]["healthcheck"]["test"][1:]

    def until(self, command, *more, **environment):
        """Repeats a health check of the file until it passes."""
        program = {"/usr/bin/mynah": str(BINARY)}.get(command[0], command[0])
        for _ in range(600):
            if not run(program, *command[1:], *more, check=False, env=os.environ | environment).returncode:
                return
            time.sleep(0.1)
        raise AssertionError(f"{command} does not pass; see {self.folder}")

    def start(self):
        self.start_postgres()
        self.spawn("redis", [*self.services["redis"]["command"], "--port", self.ports["redis"], "--bind", "127.0.0.1"])
        program, *words = self.checks("redis")
        self.until([program, "-p", str(self.ports["redis"]), *words])
        demo = self.environment("demo")
        assert self.services["demo"]["scale"] in (1, "1")
        print(run(BINARY, *self.services["demo"]["command"], env=demo, cwd=self.folder).stdout)
        self.spawn("mynah", [BINARY, "serve"], env=self.environment("mynah"))
        self.until(self.checks("mynah"), **self.environment("mynah"))
        self.start_caddy()

    def start_caddy(self):
        text = self.address((ROOT / "deploy/compose/Caddyfile").read_text())
        ports = f"{{\n\thttp_port {self.ports['http']}\n\thttps_port {self.ports['https']}\n\tskip_install_trust\n\tadmin off\n}}\n"
        (self.folder / "Caddyfile").write_text(ports + text)
        self.spawn("caddy", ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"],
                   env=self.environment("caddy") | {"XDG_DATA_HOME": str(self.folder), "HOME": str(self.folder)})

    def get(self, path, body=None, **headers):
        """Calls through Caddy by TLS, with the certificate authority that Caddy made."""
        authority = self.folder / "caddy/pki/authorities/local/root.crt"
        for attempt in range(100):
            try:
                context = ssl.create_default_context(cafile=str(authority))
                request = urllib.request.Request(
                    f"https://localhost:{self.ports['https']}{path}", json.dumps(body).encode() if body else None,
                    {"Content-Type": "application/json"} | headers)
                with urllib.request.urlopen(request, context=context, timeout=60) as answer:
                    return answer.read().decode()
            except (FileNotFoundError, ConnectionError, urllib.error.URLError):
                if attempt == 99:
                    raise
                time.sleep(0.1)

    def stop(self):
        for name, process in reversed(self.running.items()):
            process.send_signal(signal.SIGTERM if name != "postgres" else signal.SIGINT)
            status = process.wait(30)
            assert name != "mynah" or status == 0, f"mynah ended with {status}"


def check_schema():
    schema = json.loads((TOOLS / "check_jsonschema/builtin_schemas/vendor/compose-spec.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load((ROOT / "compose.yaml").read_text()))


def main():
    check_schema()
    try:
        filled((ROOT / "compose.yaml").read_text(), GIVEN | {"SECRET_KEY": ""})
        raise RuntimeError("a stack without keys would start")
    except AssertionError as refused:
        assert "mynah key make" in str(refused)
    stack = Stack(WORK / "compose")
    try:
        stack.start()
        assert json.loads(stack.get("/health"))["database"] == "ok"
        said = json.loads(stack.get("/chatbots", **{"X-API-Key": "sample_api_key_123"}))
        assert [one["id"] for one in said["data"]] == ["c1"]
        # Limits are counted in Redis.
        assert int(run("redis-cli", "-p", stack.ports["redis"], "dbsize").stdout) > 0
        log = (stack.folder / "mynah.log").read_text()
        assert "row-level security" not in log.lower(), log
    finally:
        stack.stop()
    return "valid; PostgreSQL, Redis, Mynah and Caddy with TLS run from it, with the demonstration's data"
