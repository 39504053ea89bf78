"""The Debian package and the tarball in fresh roots of Debian 12 and 13: install, answer, upgrade, remove, purge."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from contextlib import contextmanager

from common import ROOT, WORK, make, run

SUITES = ["bookworm", "trixie"]
START_SECONDS = 300
PORT = 18230
AS_MYNAH = ("setpriv", "--reuid=mynah", "--regid=mynah", "--clear-groups", "env", "-C")
# A mirror of this network may have an authority of its own.
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@contextmanager
def fresh_root(suite):
    """A new Debian with nothing but its essential packages and certificates."""
    archive = WORK / f"{suite}.tar"
    if not archive.exists():
        run("mmdebstrap", "--variant=minbase", "--include=ca-certificates", suite, archive)
    root = WORK / f"root-{suite}"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    run("tar", "-xf", archive, "-C", root)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy(AUTHORITIES, root / AUTHORITIES.removeprefix("/"))
    for folder in ("proc", "dev"):
        run("mount", "--rbind", f"/{folder}", root / folder)
        run("mount", "--make-rslave", root / folder)
    try:
        yield root
    finally:
        for folder in ("proc", "dev"):
            run("umount", "--recursive", "--lazy", root / folder)
        shutil.rmtree(root, ignore_errors=True)


def inside(root, *command, check=True, **environment):
    plain = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    plain |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    return run("chroot", root, *command, check=check, env=plain | environment)


def apt(root, *arguments):
    return inside(root, "apt-get", "-y", "-q", "--no-install-recommends", *arguments)


def get(path, body=None, token=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", json.dumps(body).encode() if body is not None else None, headers)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return answer.read()


def stop(server):
    """SIGTERM ends the server with status 0. It is the child of `setpriv`, which became it."""
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) == 0


@contextmanager
def serving(root, folder, *command, **environment):
    """Runs the server as the user mynah in its folder, as the service does."""
    log = WORK / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["chroot", "--userspec=mynah", root, "/usr/bin/env", "-C", folder, f"PORT={PORT}",
             *(f"{name}={value}" for name, value in environment.items()), *command],
            stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                get("/health/ready")
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline, log.read_text()[-3000:]
                time.sleep(0.1)
        yield
        stop(server)
    finally:
        if server.poll() is None:
            server.kill()


def talk():
    """Registers, waits for the local model and has it answer; returns the seconds that its loading took."""
    body = {"username": f"user{time.monotonic_ns()}", "password": "শান্ত পাখি গান গায়"}
    get("/auth/register", body)
    token = json.loads(get("/auth/login", body))["access_token"]
    began = time.monotonic()
    while json.loads(get("/health"))["model"] != "ready":
        assert time.monotonic() - began < START_SECONDS, get("/health")
        time.sleep(0.2)
    ready = time.monotonic() - began
    chatbot = json.loads(get("/chatbots", {"name": "পাখি", "max_tokens": 16}, token))["id"]
    said = json.loads(get("/chat", {"chatbot_id": chatbot, "message": "হ্যালো! Say hello. 👋"}, token))
    assert said["message"]["status"] == "complete" and said["message"]["content"], said
    return ready


def next_version(folder):
    """The same package as a later version, as an upgrade."""
    package = next(folder.glob("*.deb"))
    tree = WORK / "next"
    shutil.rmtree(tree, ignore_errors=True)
    run("dpkg-deb", "--raw-extract", package, tree)
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace("\nVersion: ", "\nVersion: 1:"))
    later = WORK / "next.deb"
    run("dpkg-deb", "--root-owner-group", "--build", "-Znone", tree, later)
    return later


def check_package(root, folder):
    """Returns the seconds from the installation of the package to a model's answer."""
    package = next(folder.glob("*.deb"))
    shutil.copy(package, root / "root/mynah.deb")
    apt(root, "update")
    began = time.monotonic()
    # With what it recommends, as apt does.
    inside(root, "apt-get", "-y", "-q", "install", "/root/mynah.deb")
    settings = root / "etc/mynah/mynah.env"
    assert oct(settings.stat().st_mode & 0o777) == "0o640"
    assert inside(root, "mynah", "version").stdout.strip() == inside(
        root, "dpkg-query", "-W", "-f", "${Version}", "mynah").stdout.strip()
    user = (*AS_MYNAH, "/var/lib/mynah")
    inside(root, *user, "mynah", "model", "install", "--if-needed", PIP_CERT=AUTHORITIES)
    with serving(root, "/var/lib/mynah", "/usr/bin/mynah", "serve"):
        inside(root, *user, f"PORT={PORT}", "mynah", "health")
        talk()
        seconds = time.monotonic() - began
    refused = inside(root, *user, f"PORT={PORT}", "mynah", "health", check=False)
    assert refused.returncode == 1 and "health/ready" in refused.stdout
    settings.write_text(settings.read_text() + f"# আমার\nDISK_WARNING_MB=300\n")
    database = root / "var/lib/mynah/mynah.sqlite"
    size = database.stat().st_size
    shutil.copy(next_version(folder), root / "root/next.deb")
    apt(root, "install", "/root/next.deb")
    assert "আমার" in settings.read_text() and database.stat().st_size >= size
    with serving(root, "/var/lib/mynah", "/usr/bin/mynah", "serve"):
        talk()
    apt(root, "remove", "mynah")
    assert not (root / "usr/bin/mynah").exists() and database.exists() and settings.exists()
    apt(root, "purge", "mynah")
    left = [path for path in ("var/lib/mynah", "var/log/mynah", "etc/mynah", "usr/share/mynah") if (root / path).exists()]
    assert not left, left
    return seconds


def check_tarball(root, folder):
    """Unpacks the tarball into /opt of a Debian that has only the libraries, and has it answer."""
    apt(root, "install", "libargon2-1", "libgomp1", "libsqlite3-0", "libstdc++6", "python3-venv", "xz-utils")
    inside(root, "useradd", "--system", "mynah")
    run("tar", "-xf", next(folder.glob("*.tar.xz")), "-C", root / "opt")
    program = next((root / "opt").glob("mynah-*/bin/mynah"))
    data = root / "srv/mynah"
    data.mkdir()
    run("chroot", root, "chown", "mynah", "/srv/mynah")
    settings = {"DATABASE_URL": "sqlite:mynah.sqlite", "LOCAL_MODEL_DIR": "/srv/mynah/model"}
    inside(root, *AS_MYNAH, "/srv/mynah", f"/{program.relative_to(root)}", "model", "install", PIP_CERT=AUTHORITIES, **settings)
    with serving(root, "/srv/mynah", f"/{program.relative_to(root)}", "serve", **settings):
        talk()


def main(folder):
    lint = run("lintian", "--no-cfg", "--fail-on=error", next(folder.glob("*.deb")), check=False)
    assert lint.returncode == 0, lint.stdout
    for unit in ("mynah", "mynah-local-model"):
        run("systemd-analyze", "security", "--offline=true", "--threshold=20", ROOT / f"packaging/debian/{unit}.service")
    seconds = []
    for suite in SUITES:
        with fresh_root(suite) as root:
            seconds.append(f"{suite} {check_package(root, folder):.0f} s")
    with fresh_root("trixie") as root:
        apt(root, "update")
        check_tarball(root, folder)
    warnings = sum(line.startswith("W:") for line in lint.stdout.splitlines())
    return f"lintian: 0 errors, {warnings} warnings; from apt to a model's answer: {', '.join(seconds)}; tarball answers"
