"""Open the sockets that the hall listens on, and say who holds a port that is taken."""

from __future__ import annotations

import errno
import random
import socket
from pathlib import Path

BACKLOG = 1024
# Below Linux's range for outgoing connections (32768 and up): none takes a port while its owner restarts.
LOOPBACK_PORTS = range(20_000, 32_000)
LISTENING = "0A"  # <net/tcp_states.h>, as /proc/net/tcp writes it


class PortTaken(Exception):
    """The address cannot be listened on; the message says why and which setting to change."""


def open_public(host: str, port: int) -> socket.socket:
    """Return a listening socket for the public address. Raises PortTaken."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            who = holder_of(port)
            raise PortTaken(
                f"Port {port} is taken{f' by {who}' if who else ''}."
                " Stop that program, or set LINLI_PORT to another port."
            ) from problem
        if problem.errno == errno.EACCES:
            raise PortTaken(f"Port {port} needs root. Set LINLI_PORT to one above 1023.") from problem
        raise PortTaken(f"Cannot listen on {host}: {problem.strerror}. Set LINLI_HOST.") from problem


def url_of(listener: socket.socket) -> str:
    """Return the address to open in a browser on this machine."""
    host, port = listener.getsockname()[:2]
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
    return f"http://{everywhere.get(host) or (f'[{host}]' if ':' in host else host)}:{port}"


def open_loopback(port: int = 0) -> socket.socket:
    """Return a listening socket on 127.0.0.1, on a free port where none is named. Raises PortTaken."""
    if port:
        return open_public("127.0.0.1", port)
    for candidate in random.sample(LOOPBACK_PORTS, 200):
        try:
            return socket.create_server(("127.0.0.1", candidate), backlog=BACKLOG)
        except OSError:
            continue
    return socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)


def free_loopback_port() -> int:
    """Return a port of 127.0.0.1 that is free now and stays out of the way of outgoing connections."""
    with open_loopback() as held:
        return int(held.getsockname()[1])


def holder_of(port: int, proc: Path = Path("/proc")) -> str | None:
    """Return who listens on a TCP port as "process 123 (nginx)"; None when it cannot be seen."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port, proc)}
    if not sockets:
        return None
    for folder in proc.glob("[0-9]*"):
        try:
            if any(_target(link) in sockets for link in (folder / "fd").iterdir()):
                return f"process {folder.name} ({(folder / 'comm').read_text().strip()})"
        except OSError:
            continue  # it ended meanwhile, or it belongs to another account
    return None


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""  # closed meanwhile


def _listening_inodes(port: int, proc: Path) -> list[str]:
    inodes = []
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.append(fields[9])
    return inodes
