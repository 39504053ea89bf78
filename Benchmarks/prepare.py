"""Set-up of a run: Debian's packages, the peers in a virtual environment, and a release build of Mynah."""

import filecmp
import os
import platform
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from servers import HERE, POSTGRES_BIN, ROOT

WORK = ROOT / ".build-bench"
PACKAGES = {"nginx": "nginx-light", "wrk": "wrk", "psql": "postgresql"}


def packages():
    missing = [package for command, package in PACKAGES.items() if not shutil.which(command)]
    if not POSTGRES_BIN and "postgresql" not in missing:
        missing.append("postgresql")
    if not missing:
        return
    root = [] if os.geteuid() == 0 else ["sudo"]
    print(f"bench: installing {' '.join(missing)}", flush=True)
    subprocess.run([*root, "apt-get", "update", "-q"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends",
         *missing], check=True, stdout=subprocess.DEVNULL,
    )


def peers():
    venv, wanted = WORK / "venv", HERE / "requirements.txt"
    installed = venv / "installed.txt"
    if installed.exists() and filecmp.cmp(installed, wanted, shallow=False):
        return venv
    print("bench: installing the peers", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run(
        [venv / "bin/pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:", "-r", wanted],
        check=True,
    )
    shutil.copy(wanted, installed)
    return venv


def binary():
    if given := os.environ.get("MYNAH_BIN"):
        return Path(given).resolve()
    subprocess.run(["make", "build"], cwd=ROOT, check=True)
    return ROOT / ".build/release/mynah"


def limits():
    """Raise the limit on open files: 2,000 streams are 4,000 connections."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def version(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return (done.stdout or done.stderr).strip().splitlines()[0]


def machine():
    info = Path("/proc/cpuinfo").read_text()
    model = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), "unknown")
    memory = Path("/proc/meminfo").read_text().split()[1]
    system = next(
        (line.split("=")[1].strip('"') for line in Path("/etc/os-release").read_text().splitlines()
         if line.startswith("PRETTY_NAME=")), platform.system())
    return {
        "cpu": model, "cores": os.cpu_count(), "memory_gb": round(int(memory) / 1e6), "system": system,
        "kernel": platform.release(), "python": platform.python_version(), "nginx": version("nginx", "-v"),
        "postgres": version(POSTGRES_BIN / "postgres", "--version") if POSTGRES_BIN else "none",
    }
