"""``python -m loopdesk``."""

from __future__ import annotations

import sys

from loopdesk.cli import main

sys.exit(main())
