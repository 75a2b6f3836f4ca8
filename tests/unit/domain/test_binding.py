"""What a kept action is bound to."""

from __future__ import annotations

import pytest

from loopdesk.domain.api_key import address_in, binding_of, fits, host_of

HERE = binding_of("0123456789abcdef", "https://API.LoopReturns.com/api")


@pytest.mark.fault(165)
@pytest.mark.parametrize(
    ("made_with", "does"),
    [
        (HERE, True),
        ("", True),
        ("0123456789abcdef", True),  # from before addresses counted
        ("fedcba9876543210", False),
        ("0123456789abcdef@evil.example", False),
        ("fedcba9876543210@api.loopreturns.com", False),
    ],
)
def test_only_what_was_decided_for_this_key_and_address_fits(made_with: str, does: bool) -> None:
    assert fits(made_with, HERE) is does


def test_a_binding_names_the_host_whatever_stands_around_it() -> None:
    assert HERE == "0123456789abcdef@api.loopreturns.com"
    assert address_in(HERE) == "api.loopreturns.com"
    assert binding_of("", "https://api.loopreturns.com/api") == ""
    assert host_of("https://user@evil.example:444/api.loopreturns.com") == "evil.example"
    assert host_of("https://[broken") == ""
