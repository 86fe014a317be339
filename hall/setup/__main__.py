"""`python3 -m hall.setup ORDER`: what `make` runs, with whatever Python is on PATH."""

from __future__ import annotations

import os
import shutil
import sys

OLDEST = (3, 11)


def _with_a_newer_python() -> None:
    """Become a newer Python where there is one on PATH; else say which is needed and leave."""
    for minor in (13, 12, 11, 14):
        newer = shutil.which("python3.%d" % minor)  # noqa: UP031 (an old Python must read this file)
        if newer and os.system("'%s' -c 'import ssl, sqlite3' >/dev/null 2>&1" % newer) == 0:  # noqa: UP031
            os.execv(newer, [newer, "-m", "hall.setup", *sys.argv[1:]])
    sys.stderr.write(
        "Linli needs Python 3.11 or newer, and this is %d.%d. Install a newer one"  # noqa: UP031
        " or name it: make PYTHON=/path/to/python3.11 ...\n" % sys.version_info[:2]
    )
    sys.exit(1)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        _with_a_newer_python()
    from hall.setup.orders import main

    sys.exit(main(sys.argv[1:]))
