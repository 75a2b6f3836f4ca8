"""What becomes of a draft that a bench puts. Decisions alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from loopdesk.hub.sharing.draft_rules import (
    LINEAGE,
    Current,
    Ended,
    Put,
    PutOutcome,
    Revision,
    decide,
    lineage_after,
    revision_in,
)
from tests.builders import AT

ONE, TWO = UUID(int=1), UUID(int=2)
LATER = AT + timedelta(minutes=5)

CURRENT = Current(Revision(7, "aa"), ONE, "c7", ("c6", "c5"), 4, None, AT)
PUT = Put(TWO, CURRENT.revision, "new", 1, None, LATER)
OTHER = replace(PUT, base=Revision(6, "aa"))
SETTLED = replace(CURRENT, content="", ended=Ended.SETTLED)


@pytest.mark.parametrize(
    ("current", "put", "outcome"),
    [
        pytest.param(None, PUT, PutOutcome.KEPT, id="the first one is kept"),
        pytest.param(CURRENT, PUT, PutOutcome.KEPT, id="one that stands on the newest is kept"),
        pytest.param(CURRENT, OTHER, PutOutcome.CONFLICT, id="one that stands on an older one is not"),
        pytest.param(CURRENT, replace(PUT, base=None), PutOutcome.CONFLICT, id="nor one begun apart"),
        pytest.param(CURRENT, replace(OTHER, content="c7"), PutOutcome.KEPT, id="unless it says the same"),
        pytest.param(
            CURRENT, replace(OTHER, content="c5"), PutOutcome.BEHIND, id="or is what ours came from"
        ),
        pytest.param(
            CURRENT,
            replace(OTHER, bench=ONE, turn=5),
            PutOutcome.LATE,
            id="a bench that does not stand on what it wrote itself looks at that first",
        ),
        pytest.param(
            CURRENT,
            replace(OTHER, bench=ONE, turn=5, content="c5"),
            PutOutcome.LATE,
            id="also where it is back at what that came from",
        ),
        pytest.param(
            CURRENT,
            replace(OTHER, bench=ONE, turn=5, content="", ended=Ended.DISCARDED),
            PutOutcome.LATE,
            id="and before it discards it",
        ),
        pytest.param(
            CURRENT,
            replace(PUT, bench=ONE, turn=5),
            PutOutcome.KEPT,
            id="then it follows",
        ),
        pytest.param(
            CURRENT,
            replace(OTHER, bench=ONE, turn=3),
            PutOutcome.LATE,
            id="but not with what it wrote before",
        ),
        pytest.param(
            CURRENT,
            replace(OTHER, bench=ONE, turn=4, content="c7"),
            PutOutcome.SAME,
            id="the same request twice is once",
        ),
        pytest.param(
            CURRENT,
            replace(PUT, base=Revision(9, "aa")),
            PutOutcome.KEPT,
            id="a restored copy of the hub is older than what stands on a later one",
        ),
        pytest.param(
            replace(CURRENT, revision=Revision(7, "bb")),
            replace(PUT, base=Revision(9, "aa")),
            PutOutcome.CONFLICT,
            id="but not where somebody has gone on with it",
        ),
        pytest.param(
            SETTLED, replace(OTHER, at=AT), PutOutcome.BEHIND, id="what was settled never comes back"
        ),
        pytest.param(SETTLED, OTHER, PutOutcome.KEPT, id="what is entered after the settlement is new"),
        pytest.param(
            SETTLED, replace(PUT, at=AT), PutOutcome.KEPT, id="a settlement that was taken back gives it back"
        ),
        pytest.param(
            CURRENT,
            replace(OTHER, content="", ended=Ended.SETTLED),
            PutOutcome.KEPT,
            id="a settlement ends what was entered before it",
        ),
        pytest.param(
            replace(CURRENT, at=LATER + timedelta(seconds=1)),
            replace(OTHER, content="", ended=Ended.SETTLED),
            PutOutcome.BEHIND,
            id="and nothing that was entered later",
        ),
        pytest.param(
            CURRENT,
            replace(OTHER, content="", ended=Ended.DISCARDED),
            PutOutcome.BEHIND,
            id="nobody discards what they have not seen",
        ),
        pytest.param(
            CURRENT,
            replace(PUT, content="", ended=Ended.DISCARDED),
            PutOutcome.KEPT,
            id="whoever has seen it may",
        ),
        pytest.param(
            None,
            replace(PUT, base=None, content="", ended=Ended.DISCARDED),
            PutOutcome.SAME,
            id="nothing is there to discard",
        ),
    ],
)
def test_what_was_not_seen_is_never_overwritten(
    current: Current | None, put: Put, outcome: PutOutcome
) -> None:
    assert decide(current, put) is outcome


def test_a_value_knows_those_that_it_came_from() -> None:
    assert lineage_after(None) == ()
    assert lineage_after(CURRENT) == ("c7", "c6", "c5")
    assert lineage_after(SETTLED) == ("c6", "c5")
    long = replace(CURRENT, lineage=tuple(map(str, range(LINEAGE))))
    assert lineage_after(long) == ("c7", *map(str, range(LINEAGE - 1)))


@pytest.mark.parametrize("text", ["", "7", "@aa", "-1@aa", "٧@aa", "1" * 19 + "@aa"])
def test_what_is_no_revision_is_none(text: str) -> None:
    assert revision_in(text) is None
    assert revision_in("7@aa") == CURRENT.revision
