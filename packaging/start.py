"""The entry point of the frozen program."""

import sys

from loopdesk.cli import main

sys.exit(main())
