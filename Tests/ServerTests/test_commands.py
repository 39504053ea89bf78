"""Commands, and starts that must fail: non-zero status and one clear message."""

import json
import re
import signal
import socket
import sqlite3
import stat

import pytest
from client import User
from mynah_process import ROOT, command

PRODUCTION = {"ENVIRONMENT": "production", "PUBLIC_URL": "https://chat.example.com"}


@pytest.fixture
def run(tmp_path):
    return lambda *arguments, **settings: command(tmp_path, *arguments, **settings)


def failed(done, *words):
    """Returns whether a command failed with one message that contains all of these."""
    assert done.returncode not in (0, -4, -5, -6, -11), done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("20")]
    assert said[0].startswith("Error: "), done.stderr
    for word in words:
        assert word in done.stderr
    return done.stderr


def test_all_bad_settings_are_listed_at_once(run):
    said = failed(
        run(
            "serve", PORT="eighty", LOG_LEVEL="loud", SECRET_KEY="short", ENCRYPTION_KEY="short", PUBLIC_URL="nowhere",
            OPENAI_BASE_URL="ftp://x", CORS_ORIGINS="https://a.example/path", BCRYPT_ROUNDS="99", LLM_PROVIDER="nobody",
            LOCAL_MODEL_PATH="/nowhere.gguf", PASSWORD_HASH="md5", REGISTRATION="maybe", SHUTDOWN_GRACE="-1",
        )
    )
    names = re.findall(r"^  ([A-Z_]+):", said, re.MULTILINE)
    assert set(names) == {
        "PORT", "LOG_LEVEL", "SECRET_KEY", "ENCRYPTION_KEY", "PUBLIC_URL", "OPENAI_BASE_URL", "CORS_ORIGINS",
        "BCRYPT_ROUNDS",
        "LLM_PROVIDER", "LOCAL_MODEL_PATH", "PASSWORD_HASH", "REGISTRATION", "SHUTDOWN_GRACE",
    }
    assert len(names) == len(set(names))


def test_production_demands_its_secrets(run):
    failed(run("serve", ENVIRONMENT="production"), "SECRET_KEY", "ENCRYPTION_KEY", "PUBLIC_URL")


def test_command_line_over_environment_over_dot_env_over_defaults(run, tmp_path):
    def said(*arguments, **settings):
        return re.search(r"http://\S+", run("doctor", *arguments, **settings).stdout)[0]

    assert said() == "http://127.0.0.1:8000"
    (tmp_path / ".env").write_text("# mine\nPORT=8101\nHOST=127.0.0.2\n")
    assert said() == "http://127.0.0.2:8101"
    assert said(PORT="8102") == "http://127.0.0.2:8102"
    assert said("--port", "8103", PORT="8102") == "http://127.0.0.2:8103"
    failed(run("doctor", "--prot", "8103"), "--prot")
    (tmp_path / ".env").write_text("PORT=wrong\n")
    failed(run("serve"), "PORT")


def test_a_port_in_use_is_named(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        failed(run("serve", PORT=port, OPENAI_API_KEY="x"), port, "in use")


def test_a_database_folder_that_is_missing_is_made_and_one_that_cannot_be_is_named(run, tmp_path):
    assert run("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/a/b/mynah.sqlite").returncode == 0
    assert (tmp_path / "a/b/mynah.sqlite").exists()
    (tmp_path / "file").write_text("")
    failed(run("serve", DATABASE_URL=f"sqlite:///{tmp_path}/file/mynah.sqlite"), "database", f"{tmp_path}/file")
    failed(run("serve", DATABASE_URL="sqlite:////proc/mynah/mynah.sqlite"), "database", "/proc/mynah")
    failed(run("serve", DATABASE_URL="mysql://localhost/x"), "database")


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(run, tmp_path):
    (tmp_path / "mynah.sqlite").write_bytes(b"My diary. " * 1000)
    failed(run("serve"), "database")
    assert (tmp_path / "mynah.sqlite").read_bytes() == b"My diary. " * 1000


@pytest.mark.parametrize(
    "arguments", [["user", "list"], ["audit", "verify"], ["key", "rotate"], ["admin", "create", "root"]])
def test_a_command_in_the_wrong_folder_says_so_and_leaves_nothing_there(run, tmp_path, arguments):
    said = failed(run(*arguments), f"no database at {tmp_path}/mynah.sqlite", "DATABASE_URL", "mynah migrate")
    assert len(said.splitlines()) == 1 and list(tmp_path.iterdir()) == []


def test_migrations_go_up_show_and_go_down(run, tmp_path):
    assert run("migrate", "--status").stdout.split()[:2] == ["waiting", "1"]
    assert run("migrate").stdout.endswith("Done.\n")
    assert run("migrate").stdout == "Nothing to do.\n"
    assert run("migrate", "--status").stdout.split()[:2] == ["applied", "1"]
    failed(run("migrate", "--to", "0"), "drops data", "force")
    assert run("migrate", "--status").stdout.split()[:2] == ["applied", "1"]
    assert run("migrate", "--to", "0", "--force").returncode == 0
    assert run("migrate", "--status").stdout.split()[:2] == ["waiting", "1"]
    failed(run("migrate", "--to", "99"), "99")
    assert run("migrate", "--to", "1").returncode == 0
    snapshots = [path for path in tmp_path.iterdir() if ".before-" in path.name]
    assert snapshots, "no snapshot was taken"
    for snapshot in snapshots:
        assert stat.S_IMODE(snapshot.stat().st_mode) == 0o600
        database = sqlite3.connect(snapshot)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()


def test_a_newer_database_is_refused_untouched(run, tmp_path):
    run("migrate")
    database = sqlite3.connect(tmp_path / "mynah.sqlite")
    database.execute("INSERT INTO schema_migrations (number, name, applied_at) VALUES (9999, 'the future', 0)")
    database.commit()
    database.close()
    for arguments in (["serve"], ["serve", "--no-migrate"], ["migrate"], ["migrate", "--status"]):
        failed(run(*arguments), "9999", "the future")
    assert run("doctor").returncode == 1


def test_no_migrate_refuses_a_database_that_is_behind(run):
    failed(run("serve", "--no-migrate", OPENAI_API_KEY="x"), "migrate")


def test_key_files_and_the_database_are_for_their_owner_only(start, tmp_path):
    server = start()
    User(server)
    for name in ("secret.key", "encryption.key", "mynah.sqlite", "mynah.sqlite-wal", "mynah.sqlite-shm"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name
    keys = [(tmp_path / name).read_text() for name in ("secret.key", "encryption.key")]
    server.restart()
    assert keys == [(tmp_path / name).read_text() for name in ("secret.key", "encryption.key")]


def test_fresh_keys_are_what_production_takes(run, start, tmp_path):
    lines = run("key", "make").stdout.splitlines()
    keys = dict(line.split("=", 1) for line in lines)
    assert set(keys) == {"SECRET_KEY", "ENCRYPTION_KEY"} and keys != dict(
        line.split("=", 1) for line in run("key", "make").stdout.splitlines()
    )
    (tmp_path / ".env").write_text("\n".join(lines))
    server = start(**PRODUCTION)
    user = User(server)
    assert user.get("/db-status")["tables"] is None
    assert not (tmp_path / "secret.key").exists() and not (tmp_path / "encryption.key").exists()
    assert server.stop() == 0


def test_doctor_says_what_is_well_and_what_to_do(run, tmp_path):
    done = run("doctor", OPENAI_API_KEY="x")
    assert done.returncode == 0, done.stdout
    subjects = {line.split()[1] for line in done.stdout.splitlines()}
    assert subjects >= {"settings:", "secrets:", "database:", "console:", "model:", "embeddings:"}
    (tmp_path / "empty").mkdir()
    done = run("doctor", RESOURCES_DIR=f"{tmp_path}/empty")
    assert done.returncode == 1 and done.stdout.count("FAIL") == 3 and "make setup" in done.stdout


def test_doctor_changes_nothing(run, tmp_path):
    run("doctor", OPENAI_API_KEY="x", DATABASE_URL=f"sqlite:///{tmp_path}/new/mynah.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_openapi_is_what_the_server_shows(run, mynah):
    done = run("openapi")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["openapi"].startswith("3.1") and "/chat" in document["paths"]
    assert document == User(mynah).get("/openapi.json")


def test_version_help_and_unknown_words(run):
    version = run("version").stdout.strip()
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", version) and run("--version").stdout.strip() == version
    assert "DATABASE_URL" in run("serve", "--help").stdout
    failed(run("serve", "--no-such-setting"), "--no-such-setting")
    failed(run("frobnicate"), "frobnicate")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::"])
def test_health_asks_the_server_of_these_settings(run, start, host):
    settings = {"HOST": host}
    server = start(**settings)
    settings["PORT"] = str(server.port)
    done = run("health", **settings)
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
    server.process.send_signal(signal.SIGSTOP)
    failed(run("health", **settings), "/health/ready")
    server.process.send_signal(signal.SIGCONT)
    server.stop()
    failed(run("health", **settings), f"{server.port}/health/ready")


def test_the_local_model_is_installed_whole_or_not_at_all(run, tmp_path):
    folder = tmp_path / "মডেল"
    # What is installed and complete is left as it is.
    installed = {"LOCAL_MODEL_DIR": f"{ROOT}/LocalModel/.venv"}
    done = run("model", "install", PIP_NO_INDEX="1", **installed)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run("model", "install", "--if-needed", OPENAI_API_KEY="k", LOCAL_MODEL_DIR=str(folder))
    assert done.returncode == 0 and "no local model" in done.stdout and not folder.exists()
    # No package can be found.
    done = run("model", "install", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path), LOCAL_MODEL_DIR=str(folder))
    assert done.returncode != 0 and "xllamacpp" in done.stderr and not folder.exists()
    failed(run("model", "install", RESOURCES_DIR=str(tmp_path)), "RESOURCES_DIR", "LocalModel")
