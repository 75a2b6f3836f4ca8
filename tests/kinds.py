"""What the outbox promises of each kind of action, written down apart from the table under test."""

from __future__ import annotations

from loopdesk.domain.outbox.actions import Kind

VALUES = frozenset({Kind.GRADE, Kind.ASSESS})
"""They set a value; the same bytes twice leave the same state."""

FINALIZERS = frozenset({Kind.PROCESS, Kind.REMOVE, Kind.CANCEL, Kind.CLOSE})
"""Loop can never take them back."""

PAYING = frozenset({Kind.PROCESS, Kind.REMOVE})
"""Done only when Loop shows that it paid."""

GATED = FINALIZERS | {Kind.FLAG}
"""Asked for only after Loop was read again, and done only after it was read back."""

BATCH_MOST = 20
"""Most items of one grade or assess call."""
