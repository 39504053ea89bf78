"""A test's own PostgreSQL, and the settings of servers that share one."""

import re
import subprocess

from mynah_process import ROOT

SECRETS = {
    "SECRET_KEY": "only-these-tests-know-it-but-it-has-0123456789-signs",
    "ENCRYPTION_KEY": "w4cT0VYJx4CkYxZyTTxDQvMTZT4vT2hZsbP4tVfpX0M=",
}


class Postgres:
    """Starts with an empty database, or follows another server; `run` is `halt`, `restart`, `promote` or `stop`."""

    def __init__(self, folder, follows=None):
        self.folder = folder
        said = self.run("standby", follows.folder / "data") if follows else self.run("start")
        self.url = said.splitlines()[-1]
        self.port = int(re.search(r":(\d+)/", self.url)[1])

    def psql(self, sql):
        self.run("psql", sql=sql)

    def query(self, sql, timeout=120):
        """Runs SQL with the servers' role, which sees every tenant's rows; returns what it prints."""
        done = subprocess.run(
            ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", self.url], input=f"SET mynah.scope = 'system'; {sql}", text=True,
            capture_output=True, timeout=timeout,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, what, *others, sql=""):
        # Output goes to files: the database would hold pipes open.
        with (self.folder / "said").open("w+") as said:
            done = subprocess.run(
                [ROOT / "scripts/postgres-for-tests", what, self.folder / "data", *others],
                input=sql.encode(), stdout=said, stderr=said, timeout=120,
            )
            said.seek(0)
            assert done.returncode == 0, said.read()
            said.seek(0)
            return said.read().strip()
