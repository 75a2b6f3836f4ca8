"""Schemathesis asks a real hub whatever its description allows, and what it forbids.

Whatever it is asked, a hub answers as it is described, and never that it is broken. The long form asks each
operation many times more.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.hub import api_page
from tests.hub.running import IT
from tests.hub.serving import serving, set_up, settings_before
from tests.hub.spare_postgres import SparePostgres
from tests.simulator_thread import SimulatorThread
from tests.torture import figures

ASKED: Final = 150 if figures.is_full() else 6
"""How often each operation is asked in each mode."""

_CHECKS: Final = [
    CHECKS.get_one(name)
    for name in (
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]

OPERATIONS: Final = tuple(
    (method, re.sub(r":\w+\}", "}", route.path)) for route in api_page.routes() for method in route.asked_by
)
PATHS: Final = (
    "warehouse/return/list",
    "warehouse/return/details",
    "warehouse/return/1001/notes",
    "return/1001/process",
    "warehouse/line-items/grade",
    "…/%2e%2e/metrics",
)
"""Below Loop's interface: what a bench asks for, and what none does."""


@dataclass(frozen=True)
class Asked:
    """A hub that runs, its description, and what callers show."""

    url: str
    log: Path
    schema: OpenApiSchema
    tokens: dict[str, dict[str, str]]

    def headers(self, method: str, path: str) -> dict[str, str]:
        """Return what the caller of an operation shows."""
        security = self.schema.raw_schema["paths"][path][method.lower()]["security"]
        return self.tokens[next(iter(security[0]))] if security else {}


@pytest.fixture(scope="module")
def asked(spare_postgres: SparePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """One hub for all of them, with a shop, before a simulated Loop."""
    folder = tmp_path_factory.mktemp("schema")
    document = api_page.document(api_page.routes())
    with SimulatorThread() as loop:
        hub_settings = settings_before(spare_postgres.make("schema", "migrated"), loop.url, folder)
        [token] = asyncio.run(set_up(hub_settings, ["Dock 1"], per_second=1000.0, burst=1000.0))
        with serving(hub_settings, folder, 1, it=IT) as [url]:
            schema = schemathesis.openapi.from_dict(document)
            tokens = {"bench": {"X-Authorization": token}, "it": {"Authorization": f"Bearer {IT}"}}
            yield Asked(url, folder / "hub0.log", schema, tokens)
    spare_postgres.drop("schema")


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_hub_answers_as_it_is_described_whatever_it_is_asked(
    asked: Asked, method: str, path: str, mode: GenerationMode
) -> None:
    operation, headers = asked.schema[path][method], asked.headers(method, path)
    below = [{"version": "v1", "path": each} for each in PATHS] if path.startswith("/api") else [None]
    statuses: set[int] = set()

    def ask(case: Any) -> None:
        response = case.call(base_url=asked.url, headers=headers, timeout=30)
        statuses.add(response.status_code)
        assert response.status_code != 500, case.as_curl_command()
        case.validate_response(response, checks=_CHECKS)

    for parameters in below:
        strategy = operation.as_strategy(generation_mode=mode, path_parameters=parameters)
        tried = given(case=strategy)(ask)
        bounded = settings(
            max_examples=max(2, ASKED // len(below)),
            deadline=None,
            derandomize=not figures.is_full(),
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        with suppress(*([Unsatisfiable] if mode is GenerationMode.NEGATIVE else [])):  # forbids nothing
            bounded(tried)()
    assert statuses or mode is GenerationMode.NEGATIVE
    assert '"event": "fault"' not in asked.log.read_text("utf-8")
