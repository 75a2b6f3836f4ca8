"""The walls between the rooms: each contract holds, and an import planted through it is found."""

from __future__ import annotations

import tomllib

import grimp
import pytest

from tests.architecture import ROOT

PLANTED = {
    "wall-labels": ("domain.labels.classify", "domain.outbox.stages"),
    "wall-services": ("services.outbox.sender", "services.bench.intake"),
    "wall-recovery": ("store.recovery.salvage", "store.returns.returns"),
    "wall-words": ("presenters.words.words", "presenters.screens.window"),
    "wall-screens": ("presenters.screens.pages", "presenters.pages.queue"),
    "wall-hub": ("hub.compose", "presenters.words.words"),
    "wall-benches": ("app.compose", "hub.compose"),
    "wall-ports": ("services.ports.store", "services.station.events"),
}


def _walls() -> dict[str, tuple[list[str], list[str]]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    return {
        each["id"]: (
            each.get("source_modules") or each["modules"],
            each.get("forbidden_modules") or each["modules"],
        )
        for each in contracts
        if each["id"].startswith("wall-")
    }


def _is_broken(graph: grimp.ImportGraph, wall: str) -> bool:
    sources, forbidden = _walls()[wall]
    return any(
        graph.find_shortest_chains(source, other, as_packages=True)
        for source in sources
        for other in forbidden
        if source != other
    )


@pytest.mark.parametrize("wall", PLANTED)
def test_an_import_planted_through_a_wall_is_found(wall: str) -> None:
    graph = grimp.build_graph("loopdesk")
    assert not _is_broken(graph, wall)
    importer, imported = (f"loopdesk.{name}" for name in PLANTED[wall])
    assert {importer, imported} <= graph.modules
    graph.add_import(importer=importer, imported=imported)
    assert _is_broken(graph, wall)


def test_every_wall_is_tried_with_a_planted_import() -> None:
    assert set(PLANTED) == set(_walls())
