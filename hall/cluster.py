"""`make serve-cluster`: a hall of several processes on a PostgreSQL and a Redis of its own, all on loopback.

The servers keep their files in LINLI_FOLDER, ask for a password that is made there, listen on free ports, and
start and end with the hall. Settings that name servers of yours go first.
"""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hall.plan import Store, plan_of
from hall.ports import free_loopback_port
from hall.settings import SettingsError, read_settings, written_settings
from hall.supervisor import serve_plan
from hall.terminal import SCREEN, say

DEFAULTS = {"LINLI_ENGINES": "2", "LINLI_HALL_WORKERS": "2"}
# PostgreSQL refuses to run as root; the package makes this account.
UNPRIVILEGED = "postgres"
DATABASES = ("linli", "linli_rasa")
REDIS_SECONDS = 2.0
ELSEWHERE = Path("/var/lib/linli")


class NoCluster(Exception):
    """The servers cannot be started; the message says why and what to do."""


def main() -> int:
    """Serve until INT or TERM; return the exit code."""
    try:
        folder = read_settings().folder
        urls, stores = make_stores(folder / "cluster", named_servers())
        written = written_settings()
        os.environ.update({**urls, **{name: written.get(name) or value for name, value in DEFAULTS.items()}})
        plan = plan_of(read_settings())
    except (SettingsError, NoCluster) as problem:
        say(str(problem))
        return 2
    return serve_plan(replace(plan, stores=stores))


def named_servers() -> dict[str, str]:
    """Return the addresses of servers that the operator has set, by setting."""
    settings = read_settings()
    named = {"LINLI_REDIS_URL": settings.redis_url}
    if not settings.database_url.startswith("sqlite"):
        named["LINLI_DATABASE_URL"] = settings.database_url
    if not settings.tracker_url.startswith("sqlite"):
        named["LINLI_TRACKER_URL"] = settings.tracker_url
    return {name: url for name, url in named.items() if url}


def make_stores(folder: Path, named: Mapping[str, str]) -> tuple[dict[str, str], tuple[Store, ...]]:
    """Make ready what is not `named`; return every server's address by its setting, and those to start."""
    folder.mkdir(parents=True, exist_ok=True)
    account = _Account.of_this_process()
    urls, stores = dict(named), []
    if "LINLI_DATABASE_URL" not in urls or "LINLI_TRACKER_URL" not in urls:
        server = Postgres.at(folder / "postgres", account)
        urls = {**server.urls(), **urls}
        stores.append(server.store())
    if "LINLI_REDIS_URL" not in urls:
        redis = Redis.at(folder / "redis", account)
        urls["LINLI_REDIS_URL"] = redis.url()
        stores.append(redis.store())
    return urls, tuple(stores)


@dataclass(frozen=True)
class _Account:
    """Whom servers run as; `before` goes before their commands."""

    name: str
    before: tuple[str, ...]

    @classmethod
    def of_this_process(cls) -> _Account:
        if os.geteuid() != 0:
            return cls(getpass.getuser(), ())
        # It becomes the server, as does the tether before it: one process, which dies with the supervisor.
        switch = ("setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups")
        return cls(UNPRIVILEGED, (*switch, "--pdeathsig=KILL", "--"))

    def own(self, path: Path) -> None:
        """Give a folder or file to the account, and to nobody else."""
        path.chmod(0o700 if path.is_dir() else 0o600)
        if os.geteuid() == 0:
            shutil.chown(path, self.name, self.name)

    def folder(self, path: Path) -> Path:
        """Return the folder, made where it is missing, having seen that the account can enter it.

        A hall that lies where only root may pass (/root) has the servers' files in a folder of its own below
        /var/lib/linli, the same one at each start.
        """
        of_this_hall = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
        for place in (path, ELSEWHERE / of_this_hall / path.name):
            if self._may_enter(place):
                if place != path:
                    say(f"{self.name} runs the servers and cannot enter {path}: their files are in {place}")
                return place
        raise NoCluster(
            f"The account {self.name}, which the servers run as, cannot enter {path}. Serve as an"
            " ordinary account, or set LINLI_FOLDER to a folder that others may pass through."
        )

    def _may_enter(self, path: Path) -> bool:
        path.mkdir(parents=True, exist_ok=True)
        self.own(path)
        return not subprocess.run([*self.before, "test", "-w", str(path)], check=False, cwd="/").returncode


def _password(folder: Path, account: _Account) -> str:
    """Return the password kept beside a server's files, made at its first start."""
    file = folder / "password"
    if not file.exists():
        draft = folder / "password.new"
        draft.write_text(secrets.token_hex(24) + "\n", encoding="ascii")
        account.own(draft)
        draft.replace(file)
    return file.read_text(encoding="ascii").strip()


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server with the two databases of a hall."""

    programs: Path
    folder: Path
    account: _Account
    port: int
    password: str

    @classmethod
    def at(cls, folder: Path, account: _Account) -> Postgres:
        """Return the server whose files are in `folder`, made at the first call. Raises NoCluster."""
        programs = postgres_programs()
        if programs is None:
            raise NoCluster("PostgreSQL's programs are missing: as root, `apt-get install postgresql`.")
        folder = account.folder(folder)
        server = cls(programs, folder, account, free_loopback_port(), _password(folder, account))
        if not (folder / "data").exists():
            server._make()
        return server

    def urls(self) -> dict[str, str]:
        """Return the addresses of the hall's database and of Rasa's."""
        where = f"linli:{self.password}@127.0.0.1:{self.port}"
        return {
            "LINLI_DATABASE_URL": f"postgresql+psycopg://{where}/{DATABASES[0]}",
            "LINLI_TRACKER_URL": f"postgresql+psycopg2://{where}/{DATABASES[1]}",
        }

    def store(self) -> Store:
        """Return what the supervisor runs."""
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            # Not a line of what is written there, nor of who came and went.
            "log_min_messages": "fatal",
            "log_min_error_statement": "panic",
        }
        given = [f"--{name}={value}" for name, value in options.items()]
        data = str(self.folder / "data")
        command = (*self.account.before, str(self.programs / "postgres"), "-D", data, "-p", str(self.port))
        return Store("postgres", (*command, *given), self.folder, self._answers, signal.SIGINT)

    async def _answers(self) -> bool:
        command = (str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port))
        process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.DEVNULL)
        return await process.wait() == 0

    def _make(self) -> None:
        """Make the server's files beside where they will be: half of them must not be taken for all."""
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        with SCREEN.step("Making a PostgreSQL for this hall"):
            kind = ("-U", "linli", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256")
            self._run("initdb", "-D", str(draft), *kind, f"--pwfile={self.folder / 'password'}")
            for name in DATABASES:
                self._run(
                    "postgres", "--single", "-D", str(draft), "postgres", said=f"CREATE DATABASE {name}\n"
                )
        draft.replace(self.folder / "data")

    def _run(self, program: str, *arguments: str, said: str = "") -> None:
        done = subprocess.run(
            [*self.account.before, str(self.programs / program), *arguments],
            input=said,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
        )
        if done.returncode or "ERROR" in done.stderr:
            last = "\n    ".join(done.stderr.strip().splitlines()[-3:])
            raise NoCluster(f"PostgreSQL's {program} failed in {self.folder}:\n    {last}")


@dataclass(frozen=True)
class Redis:
    """A Redis that holds the locks of conversations, and nothing that is worth keeping."""

    program: str
    folder: Path
    account: _Account
    port: int
    password: str

    @classmethod
    def at(cls, folder: Path, account: _Account) -> Redis:
        """Return the server whose files are in `folder`. Raises NoCluster."""
        program = shutil.which("redis-server")
        if program is None:
            raise NoCluster("redis-server is missing: as root, `apt-get install redis-server`.")
        folder = account.folder(folder)
        return cls(program, folder, account, free_loopback_port(), _password(folder, account))

    def url(self) -> str:
        """Return the server's address."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def store(self) -> Store:
        """Return what the supervisor runs."""
        lines = (
            f"port {self.port}",
            "bind 127.0.0.1",
            f"requirepass {self.password}",
            f"dir {self.folder}",
            'save ""',
            "appendonly no",
            "loglevel warning",
            f"logfile {self.folder / 'log'}",
        )
        settings = self.folder / "redis.conf"
        settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.account.own(settings)
        command = (*self.account.before, self.program, str(settings))
        return Store("redis", command, self.folder, self._answers)

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    writer.write(b"PING\r\n")
                    return bool(await reader.readline())  # without a password: that it wants one
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest version; None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


if __name__ == "__main__":
    sys.exit(main())
