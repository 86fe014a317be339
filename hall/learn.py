"""`python -m hall.learn`: learn from the published guides while the hall serves. Run by the supervisor."""

from __future__ import annotations

import os
import sys

from hall.settings import read_settings
from hall.setup.screen import Screen

# Last in line for the processor: people are being answered meanwhile.
NICENESS = 15


def main() -> int:
    """Learn; every hall process takes the numbers over within a second."""
    os.nice(NICENESS)
    with Screen().step("Learning from the guides how sure an answer is"):
        from hall.startup import learn_shipped

        learn_shipped(read_settings())
    return 0


if __name__ == "__main__":
    sys.exit(main())
