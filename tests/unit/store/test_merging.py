"""Which of several answers counts, and what an older one still adds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from loopdesk.domain.returns.answers import enriched, may_replace
from loopdesk.domain.returns.returns import ReturnState
from tests.builders import AT, a_line, a_return, as_listed


def test_only_an_older_answer_may_not_replace() -> None:
    older = AT - timedelta(seconds=1)
    assert not may_replace(AT, older)
    assert may_replace(older, AT)
    assert may_replace(AT, AT)
    assert may_replace(None, older)
    assert may_replace(AT, None)


def test_details_lend_names_and_pictures_but_no_facts() -> None:
    details = a_return(lines=(a_line(image_url="https://example.com/a.jpg", title="Shirt"),))
    listed = as_listed(details)
    newest = replace(
        listed,
        state=ReturnState.CLOSED,
        state_raw="closed",
        lines=(replace(listed.lines[0], title="Shirt - Blue / M", outcome_raw="keep"), a_line("80000002")),
    )
    told = enriched(newest, details)
    assert told.customer_name == details.customer_name
    assert told.lines[0].image_url == "https://example.com/a.jpg"
    assert (told.lines[0].title, told.lines[0].variant_title) == ("Shirt", "Blue / M")
    assert told.lines[0].outcome_raw == "keep"
    assert told.lines[1] == newest.lines[1]
    assert told.state is ReturnState.CLOSED


def test_a_list_answer_is_whole_again_with_details_of_the_same_age() -> None:
    details = a_return(lines=(a_line(image_url="https://example.com/a.jpg"),))
    assert enriched(as_listed(details), details) == details
