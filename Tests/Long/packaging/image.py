"""The container image: its size, its user, a root that cannot be written, the health check, and the drain on SIGTERM."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request

from common import ROOT, WORK, make, run

sys.path.insert(0, str(ROOT / "Tests"))
from conftest import ScriptedModel  # noqa: E402

PORT = 18231
LARGEST = 60_000_000
KEYS = {
    "ENVIRONMENT": "production", "PUBLIC_URL": "https://chat.example.com", "METRICS_TOKEN": "a-token-of-sixteen",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "ENCRYPTION_KEY": "A" * 43 + "="}


def unpack(archive, folder):
    """Unpacks the image's layers into `folder`; returns its configuration and the compressed size of the layers."""
    stored = folder.with_name("oci")
    for path in (folder, stored):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    run("tar", "-xf", archive, "-C", stored)

    def blob(described):
        return stored / "blobs" / described["digest"].replace(":", "/")

    manifest = json.loads(blob(json.loads((stored / "index.json").read_text())["manifests"][0]).read_text())
    for layer in manifest["layers"]:
        run("tar", "--numeric-owner", "-xpf", blob(layer), "-C", folder)
    return json.loads(blob(manifest["config"]).read_text())["config"], sum(one["size"] for one in manifest["layers"])


MOUNTS = """
root=$1 data=$2
shift 2
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t tmpfs tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$data" "$root/data"
exec setpriv --no-new-privs env -i "$@"
"""


def start(root, data, config, *arguments, **settings):
    """Runs a command of the image as its engine would: its user, no other environment, a root that cannot be written."""
    variables = [*config["Env"], f"PORT={PORT}", *(f"{name}={value}" for name, value in settings.items())]
    command = ["/usr/sbin/chroot", f"--userspec={config['User']}", root, *config["Entrypoint"], *arguments]
    return subprocess.Popen(
        ["unshare", "--mount", "bash", "-euc", MOUNTS, "start", root, data, *variables, *command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finished(process):
    said, _ = process.communicate(timeout=60)
    return process.returncode, said


def get(path, body=None, token=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def wait_until_ready(server):
    for _ in range(600):
        try:
            return get("/health/ready")
        except OSError:
            assert server.poll() is None, server.stdout.read()
            time.sleep(0.1)
    raise AssertionError("the image's server is not ready")


def check_running(root, data, config):
    """Serves with the root read-only; a reply that runs at SIGTERM is finished."""
    model = ScriptedModel()
    model.reply, model.seconds_per_word = "এক দুই তিন চার পাঁচ ছয় সাত আট নয় দশ", 0.3
    settings = KEYS | {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": model.url}
    began = time.monotonic()
    server = start(root, data, config, "serve", **settings)
    try:
        wait_until_ready(server)
        seconds = time.monotonic() - began
        assert finished(start(root, data, config, "health", **settings)) == (0, "ok\n")
        assert "<html" in get("/") and json.loads(get("/openapi.json"))["openapi"]
        status = open(f"/proc/{server.pid}/status").read()
        assert "Uid:\t10001" in status and "CapEff:\t0000000000000000" in status and "NoNewPrivs:\t1" in status
        body = {"username": "আয়েশা", "password": "শান্ত পাখি গান গায়"}
        get("/auth/register", body)
        token = json.loads(get("/auth/login", body))["access_token"]
        said = []
        talk = threading.Thread(target=lambda: said.append(json.loads(get("/chat", {"message": "হ্যালো"}, token))))
        talk.start()
        time.sleep(1)
        server.terminate()
        status, log = finished(server)
        talk.join()
        assert status == 0, log
        assert said and said[0]["message"]["content"].strip() == model.reply and said[0]["message"]["status"] == "complete"
        refused, text = finished(start(root, data, config, "health", **settings))
        assert refused == 1 and "health/ready" in text
        return seconds
    finally:
        model.close()
        server.kill()


def main():
    dist = WORK / "images"
    hashes = []
    for _ in range(2):
        make("make-image", dist)
        archive = next(dist.glob("*-image.tar"))
        hashes.append(run("sha256sum", archive).stdout.split()[0])
    assert hashes[0] == hashes[1], "the image's bytes differ from one making to the next"
    root, data = WORK / "image", WORK / "image-data"
    config, size = unpack(archive, root)
    assert size <= LARGEST, f"{size} bytes"
    assert config["User"] == "10001:10001" and config["StopSignal"] == "SIGTERM"
    assert not [name for name in ("bin/sh", "usr/bin/sh", "usr/bin/apt", "usr/bin/dpkg") if (root / name).exists()]
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    os.chown(data, 10001, 10001)
    run("chroot", "--userspec=10001:10001", root, "/usr/bin/pdftotext", "-v")
    seconds = check_running(root, data, config)
    return f"{size / 1e6:.1f} MB compressed, ready in {seconds:.1f} s, drains, the same bytes twice"
