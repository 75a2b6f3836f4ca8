"""Writes ``docs/hub-api.json``, the OpenAPI of a hub, from its routes: ``python -m tests.hub.api_page``.

Each route describes itself (``hub.http.description``); the schemas are pydantic's, of the types that the code
reads and answers with. Starlette's own generator reads YAML out of docstrings, which nothing compares with
the code; other libraries bring routing and checking of their own beside ours.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from loopdesk.hub.compose import Hub
from loopdesk.hub.http import description
from loopdesk.hub.http.callers import Anyone, Bench, Caller, GuardedRoute, ItStaff
from loopdesk.hub.http.description import AnswerForm, Operation, Parameter
from tests.architecture import ROOT
from tests.hub.running import settings_for

PAGE: Final = ROOT / "docs" / "hub-api.json"

_PLACEHOLDER: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
_SECURITY: Final[dict[type[Caller], list[dict[str, list[str]]]]] = {
    Bench: [{"bench": []}],
    ItStaff: [{"it": []}],
    Anyone: [],
}
_SCHEMES: Final = {
    "bench": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Authorization",
        "description": "The token that a bench got by joining.",
    },
    "it": {"type": "http", "scheme": "bearer", "description": "The token that `loopdesk hub init` showed."},
}
_ABOUT: Final = (
    "What a hub of loopdesk answers. Every answer has `X-Loopdesk-Generation`, and in `Date` the time of "
    "Loop. Readers skip members, headers and events that they do not know. `/api` is Loop's own interface "
    "as far as a bench uses it."
)


def routes() -> tuple[GuardedRoute, ...]:
    """Return every route of a hub."""
    with tempfile.TemporaryDirectory() as folder:
        return Hub(settings_for("postgresql:///none", Path(folder))).faces()


def document(faces: Iterable[GuardedRoute]) -> dict[str, Any]:
    """Return the OpenAPI of some routes."""
    faces = tuple(faces)
    schemas, components = _schemas(faces)
    paths: dict[str, dict[str, Any]] = {}
    for route in faces:
        item = paths.setdefault(_PLACEHOLDER.sub(r"{\1}", route.path), {})
        for method in route.asked_by:
            assert method.lower() not in item, f"{method} {route.path} is answered twice"
            item[method.lower()] = _operation(route, schemas, has_body=method != "GET")
    return {
        "openapi": "3.1.0",
        "info": {"title": "loopdesk hub", "version": "1", "description": _ABOUT},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": _SCHEMES},
    }


def page() -> str:
    """Return the file's text."""
    return json.dumps(document(routes()), indent=1, ensure_ascii=False) + "\n"


Schemas = Mapping[tuple[int, str], Any]


def _schemas(faces: tuple[GuardedRoute, ...]) -> tuple[Schemas, dict[str, Any]]:
    """Return the schema of each type, by its id and whether it is read or written; and what they share."""
    types: dict[tuple[int, str], Any] = {}
    for route in faces:
        for taken in (route.does.takes, *(each.type for each in route.does.parameters)):
            types[id(taken), "validation"] = taken
        for answer in route.answers().values():
            types[id(answer.body), "serialization"] = answer.body
    inputs = [(key, key[1], TypeAdapter(value)) for key, value in types.items() if value is not None]
    found, shared = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    return {key: schema for (key, _), schema in found.items()}, shared["$defs"]


def _operation(route: GuardedRoute, schemas: Schemas, *, has_body: bool) -> dict[str, Any]:
    does = route.does
    told: dict[str, Any] = {
        "summary": does.summary,
        "security": _SECURITY[route.who],
        "parameters": [*_in_path(route), *(_parameter(each, schemas) for each in does.parameters)],
        "responses": {str(status): _answer(each, schemas) for status, each in route.answers().items()},
    }
    if has_body and (does.takes is not None or does.media != description.JSON):
        told["requestBody"] = _body(does, schemas)
    return told


def _in_path(route: GuardedRoute) -> list[dict[str, Any]]:
    """Those parameters of the path that the route does not describe."""
    described = {each.name for each in route.does.parameters}
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _PLACEHOLDER.findall(route.path)
        if name not in described
    ]


def _parameter(each: Parameter, schemas: Schemas) -> dict[str, Any]:
    return {
        "name": each.name,
        "in": each.place,
        "description": each.about,
        "required": each.is_required or each.place == "path",
        "schema": schemas[id(each.type), "validation"],
    }


def _body(does: Operation, schemas: Schemas) -> dict[str, Any]:
    schema = {} if does.takes is None else {"schema": schemas[id(does.takes), "validation"]}
    return {"required": not does.is_optional, "content": {does.media: schema}}


def _answer(each: AnswerForm, schemas: Schemas) -> dict[str, Any]:
    told: dict[str, Any] = {"description": each.about}
    if each.headers:
        told["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in each.headers.items()
        }
    if each.media:
        schema = {} if each.body is None else {"schema": schemas[id(each.body), "serialization"]}
        told["content"] = {each.media: schema}
    return told


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
