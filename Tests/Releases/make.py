"""Makes the database of a release, which the upgrade test begins with. Run it once, with the release's binary:

    MYNAH_BIN=/path/to/mynah .venv-tests/bin/python Tests/Releases/make.py 0.1.0

writes 0.1.0.sqlite.sql, 0.1.0.postgres.sql and, with what signs in and what was read, 0.1.0.json. A made one stays as it is.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from fill import fill, read
from mynah_process import Server
from postgres_server import SECRETS, Postgres
from vendor import Vendor

HERE = Path(__file__).resolve().parent


def dump_sqlite(path, to):
    with sqlite3.connect(path) as database:
        to.write_text("\n".join(database.iterdump()) + "\n", encoding="utf-8")


def dump_postgres(postgres, to):
    # Row security hides the rows from their owner; this role sees all.
    postgres.psql("GRANT mynah TO exempt")
    url = postgres.url.replace("mynah:mynah@", "exempt:exempt@")
    dumped = subprocess.run(
        ["pg_dump", "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=50", url],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    # A dump of a newer pg_dump begins with a command that older psql programs do not know.
    lines = [line for line in dumped.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]
    to.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(version):
    vendor, found = Vendor(), {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        postgres = Postgres(folder)
        try:
            for engine, settings in (("sqlite", {}), ("postgres", {"DATABASE_URL": postgres.url})):
                (folder / engine).mkdir()
                server = Server(folder / engine, **vendor.settings | SECRETS | settings).start()
                made = fill(server, vendor)
                found[engine] = made | {"read": read(server, made)}
                assert server.stop() == 0
            dump_sqlite(folder / "sqlite/mynah.sqlite", HERE / f"{version}.sqlite.sql")
            dump_postgres(postgres, HERE / f"{version}.postgres.sql")
        finally:
            postgres.run("stop")
            vendor.close()
    (HERE / f"{version}.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
