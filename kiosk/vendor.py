"""Copies the named front-end files out of node_modules; run by the set-up after `npm ci --ignore-scripts`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENDORED = Path(__file__).resolve().parent / "static" / "vendor"

SCRIPTS = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "simple-keyboard.js": "simple-keyboard/build/index.js",
    "simple-keyboard.css": "simple-keyboard/build/css/index.css",
}

ICONS = """
a-large-small angry archive arrow-left baby bell-ring book-open-text briefcase-business building-2 check
chevron-down chevron-left chevron-right circle-alert circle-check clipboard-check clock contrast delete
file-text frown gauge graduation-cap hand-coins heart-handshake house id-card info keyboard landmark languages
laugh life-buoy list log-out map-pin megaphone meh message-circle pause phone play printer rotate-cw search
search-check send shield-check shield-plus siren smile star store thumbs-down thumbs-up triangle-alert
user-round volume-1 volume-2 volume-x wallet wrench x
ban calendar chart-column copy download external-link eye filter flask-conical git-compare history inbox
key-round layers lock message-circle-question-mark monitor pencil plus power rocket save scroll-text
alarm-clock arrow-right camera check-check link map smartphone tag target trash-2 undo-2 upload
user-check user-minus user-plus users
""".split()  # noqa: SIM905  one name a word reads better than 90 quoted ones


class NotInstalled(RuntimeError):
    """A file that npm should have installed is missing."""


def copy_vendored(node_modules: Path, target: Path = VENDORED) -> int:
    """Copy scripts and icons into `target`; return how many files were copied.

    Raises NotInstalled, which names the first missing file and the remedy.
    """
    wanted = {target / name: node_modules / path for name, path in SCRIPTS.items()}
    for name in ICONS:
        wanted[target / "icons" / f"{name}.svg"] = node_modules / "lucide-static" / "icons" / f"{name}.svg"
    for source in wanted.values():
        if not source.is_file():
            raise NotInstalled(f"{source} is missing: run `npm ci --ignore-scripts` in {node_modules.parent}")
    (target / "icons").mkdir(parents=True, exist_ok=True)
    for destination, source in wanted.items():
        shutil.copyfile(source, destination)
    return len(wanted)


def main() -> int:
    """Copy the files and say how many; exit code 1 with the remedy when one is missing."""
    try:
        count = copy_vendored(PROJECT / "node_modules")
    except NotInstalled as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    sys.stdout.write(f"{count} front-end files copied to {VENDORED}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
