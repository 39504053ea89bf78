"""`make demo` walks through the API of a running server and leaves nothing behind."""

import os
import re
import subprocess

from mynah_process import ROOT, make_admin


def demo(server, **settings):
    return subprocess.run(
        [ROOT / "scripts/demo"], env=os.environ | {"MYNAH": server.url} | settings, capture_output=True, text=True, timeout=120)


def test_the_demonstration_succeeds_in_every_step(start):
    server = start()
    token = make_admin(server).headers["Authorization"].removeprefix("Bearer ")
    done = demo(server, ADMIN_TOKEN=token)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    steps = [int(number) for number in re.findall(r"^\x1b\[1m(\d+)\. ", done.stdout, re.MULTILINE)]
    assert steps == list(range(1, len(steps) + 1)) and len(steps) > 20


def test_a_server_that_is_not_there_is_named(mynah, tmp_path):
    done = subprocess.run(
        [ROOT / "scripts/demo"], env=os.environ | {"MYNAH": "http://127.0.0.1:1"}, capture_output=True, text=True)
    assert done.returncode == 1 and "no server is ready at http://127.0.0.1:1" in done.stderr
