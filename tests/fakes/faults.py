"""The fault path of a test that expects none."""

from __future__ import annotations


def unexpected(where: str, failure: BaseException) -> None:
    """Fail the test at the place where it happened."""
    raise AssertionError(f"nobody expected this: {where}") from failure
