"""The command line at a wrong clock: ``python -m tests.abuse.at_clock SECONDS sync --once``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from loopdesk import cli
from loopdesk.system.host import clock


def main() -> int:
    """Set the machine's clock as far off as the first argument says, and run the rest as a command."""
    wrong = timedelta(seconds=float(sys.argv[1]))
    clock._machine_time = lambda: datetime.now(UTC) + wrong
    return cli.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
