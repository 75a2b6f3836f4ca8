"""Where the frozen program begins."""

import sys

from loopdesk.cli import main

sys.exit(main())
