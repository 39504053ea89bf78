"""The whole server behind a PgBouncer that reassigns its two connections after each transaction."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import User, eventually
from mynah_process import Server, free_port
from postgres_server import SECRETS, Postgres


@pytest.fixture
def bouncer(tmp_path_factory):
    postgres = Postgres(tmp_path_factory.mktemp("postgres"))
    port, file = free_port(), f"/tmp/mynah-pgbouncer-{os.getpid()}.ini"
    with open(file, "w") as settings:
        settings.write(f"""[databases]
mynah = host=127.0.0.1 port={postgres.port} user=mynah password=mynah
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
""")
    os.chmod(file, 0o644)
    # Neither of the two runs as root.
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    started = []

    def start():
        started.append(subprocess.Popen([*as_user, "/usr/sbin/pgbouncer", "-q", file], cwd="/"))

    start()
    yield port, started, start
    started[-1].kill()
    started[-1].wait()
    os.remove(file)
    postgres.run("stop")


def test_the_server_behind_a_pgbouncer_that_is_restarted(bouncer, tmp_path, running_vendor, vendor):
    port, started, start = bouncer
    url = f"postgres://mynah@127.0.0.1:{port}/mynah?prepared_statements=off"
    server = Server(tmp_path, **running_vendor.settings | SECRETS | {"DATABASE_URL": url}).start()
    try:
        users = [User(server) for _ in range(4)]

        def talk(user):
            for number in range(10):
                assert user.post("/chat", {"message": f"{user.name} {number}"})["message"]["status"] == "complete"
            return {entry["title"] for entry in user.get("/conversations")["data"]}

        # Each user sees only its own data, on any connection.
        with ThreadPoolExecutor(4) as pool:
            for user, titles in zip(users, pool.map(talk, users)):
                assert titles == {f"{user.name} {number}" for number in range(10)}
        started[-1].kill()
        started[-1].wait()
        answer = users[0].http.get("/conversations")
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
        start()
        assert eventually(lambda: users[0].http.get("/health/ready").status_code == 200, 30)
        assert len(users[0].get("/conversations")["data"]) == 10
    finally:
        assert server.stop() == 0
