"""Every place that must know a kind of action does, and only the outbox changes anything at Loop."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from loopdesk.api.client import LoopClient
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.settlement import FINAL_KIND
from loopdesk.presenters.pages.history import summed
from loopdesk.presenters.words import words
from loopdesk.services.ports.loop import ActingGateway, ReadingGateway
from loopdesk.store.sql import migrations
from loopdesk.system.settings.model import LimitSettings
from tests.builders import an_entry
from tests.kinds import GATED

SOURCE = Path("loopdesk")

MAY_ACT = {
    "app/compose.py",
    "app/program.py",
    "services/outbox/claims.py",
    "services/outbox/exchange.py",
}
"""Who may know the acting half of the gateway: what wires it, and what sends."""


def methods_of(protocol: type) -> set[str]:
    """Return the names of the methods that a protocol declares itself."""
    return {name for name, value in vars(protocol).items() if inspect.isfunction(value) and name[0] != "_"}


@pytest.mark.parametrize("kind", sorted(Kind))
def test_a_kind_has_its_words(kind: Kind) -> None:
    assert words.kind(kind)
    assert summed([kind])
    assert words.action(an_entry(kind=kind))


def test_each_kind_has_a_method_of_the_acting_gateway_and_each_method_its_kind() -> None:
    named = [kind.spec.method for kind in Kind]
    assert len(set(named)) == len(named)
    assert set(named) == methods_of(ActingGateway)
    assert set(named) <= methods_of(LoopClient)
    assert not set(named) & methods_of(ReadingGateway)


def test_each_kind_has_a_limit_in_the_settings() -> None:
    assert set(Kind) <= {field.name for field in fields(LimitSettings)}


def test_each_gated_kind_ends_a_settlement() -> None:
    assert set(FINAL_KIND.values()) == GATED


def test_the_database_knows_the_kinds_and_which_of_them_exclude_each_other() -> None:
    lists = [
        {Kind(word) for word in re.findall(r"'(\w+)'", found)}
        for step in migrations()
        for found in re.findall(r"\bkind IN \(([^)]*)\)", step.script)
    ]
    assert lists == [set(Kind), GATED]


def test_only_the_outbox_can_change_anything_at_loop() -> None:
    acting = {"ActingGateway", "KeyedGateway", "ReturnsGateway"}
    named = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and acting & {alias.name for alias in node.names}
    }
    assert named == MAY_ACT
