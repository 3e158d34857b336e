"""A real PostgreSQL for tests: Debian's, in a temporary folder, on a Unix socket that nobody else reaches.

Rule: one server a run of tests, a database for each test that wants one, copied from a template that is up to date. Where
PostgreSQL is not installed such tests are skipped and say so; CI installs it (`.ci/run`), and there nothing is skipped.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url

_INSTALLED = Path("/usr/lib/postgresql")
_ACCOUNT = "nobody"  # PostgreSQL refuses to run as root
# Nothing here outlives the test: it need not reach the disk.
_OPTIONS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "max_connections=60",
)


@dataclass
class Postgres:
    """A server that runs; `folder` holds its socket."""

    programs: Path
    folder: Path
    _numbers: "count[int]" = field(default_factory=count)

    def url(self, name: str) -> str:
        """The address of a database, as the bot's setting has it."""
        return f"postgresql+asyncpg://tests@/{name}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """The address of a new database, with all that is in another one."""
        name = f"bot{next(self._numbers)}"
        self.run(f'create database {name} template "{template}" strategy file_copy')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever still uses it."""
        self.run(f"drop database {make_url(url).database} with (force)")

    def run(self, *statements: str, database: str = "postgres") -> str:
        """Run statements as whoever owns the server; what they print."""
        command = [
            str(self.programs / "psql"),
            "-XAtq",
            "-h",
            str(self.folder),
            "-U",
            "tests",
            "-d",
            database,
        ]
        given = [part for each in statements for part in ("-c", each)]
        printed = subprocess.run([*command, *given], check=True, capture_output=True, text=True).stdout
        return printed.strip()


def programs() -> Path | None:
    """Where PostgreSQL's programs are, the newest version's."""
    found = sorted(_INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def running() -> Iterator[Postgres]:
    """A server, for as long as this lasts; skips the test where there is none to run."""
    where = programs()
    if where is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed, and CI skips nothing")
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="atelier-pg-"))
    account = pwd.getpwnam(_ACCOUNT) if os.geteuid() == 0 else None
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    uid = account.pw_uid if account is not None else None

    def run(program: str, *arguments: object) -> None:
        command = [where / program, "-D", folder / "data", *arguments]
        subprocess.run([str(each) for each in command], check=True, stdout=subprocess.DEVNULL, user=uid)

    try:
        run(
            "initdb",
            "-U",
            "tests",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        )
        alone = ("listen_addresses=", f"unix_socket_directories={folder}")
        options = " ".join(f"-c {each}" for each in (*_OPTIONS, *alone))
        run("pg_ctl", "-w", "-s", "-l", folder / "log", "-o", options, "start")
        try:
            yield Postgres(where, folder)
        finally:
            run("pg_ctl", "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
