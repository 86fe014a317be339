"""A PostgreSQL server for tests: made in a temporary folder, reached over loopback, gone afterwards."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_ACCOUNT = "postgres"


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest version; None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@dataclass
class PostgresServer:
    """A running server. As root it runs under the account `postgres`, since it refuses to run as root."""

    programs: Path
    folder: Path
    port: int

    @classmethod
    def start(cls, programs: Path) -> PostgresServer:
        """Make a cluster and start it."""
        folder = Path(tempfile.mkdtemp(prefix="linli-postgres-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = cls(programs, folder, port)
        if getpass.getuser() == "root":
            shutil.chown(folder, _ACCOUNT)
        server._run("initdb", "-D", folder / "data", "-U", "linli", "-A", "trust", "-E", "UTF8", "--no-sync")
        server.resume()
        return server

    def resume(self) -> None:
        """Start the server, after `halt` with all that was committed."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off"
        self._run(
            "pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options, "start"
        )

    def halt(self) -> None:
        """End the server at once, as a power cut would; `resume` brings it back."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{secrets.token_hex(6)}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "linli", name)
        return f"postgresql+psycopg://linli@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder.parent / f"{self.folder.name}.out").unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [str(self.programs / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", _ACCOUNT, "--", *command]
        # Not a pipe: the server would keep it open and this call would never end.
        with (self.folder.parent / f"{self.folder.name}.out").open("ab") as out:
            subprocess.run(command, check=True, stdout=out, stderr=out, cwd="/", timeout=60)
