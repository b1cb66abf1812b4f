"""The JSON Schemas of ``docs/events``, made from the events' models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.authoring.events import EVENTS
from cli.authoring.events.envelope import Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def write_all(folder: Path, check: bool) -> list[str]:
    """Write ``<type>.json`` for every event, or with ``check`` only look; the names of files out of step."""
    wanted = {f"{type_of(event)}.json": json.dumps(schema(event), indent=2) + "\n" for event in EVENTS}
    there = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}
    out_of_step = [name for name, text in wanted.items() if there.get(name) != text]
    orphans = [name for name in there if name not in wanted]
    if not check:
        folder.mkdir(parents=True, exist_ok=True)
        for name in out_of_step:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        for name in orphans:
            (folder / name).unlink()
    return out_of_step + orphans


def type_of(event: type[Event]) -> str:
    (name,) = event.model_fields["type"].annotation.__args__  # type: ignore[union-attr]  # a Literal
    return str(name)


def schema(event: type[Event]) -> dict[str, Any]:
    """Of the whole envelope. What it does not know is allowed, so that a member more breaks nobody."""
    found = _plain(event.model_json_schema())
    return {"$schema": DIALECT, "title": type_of(event), **found}


def _plain(schema: Any) -> Any:
    """Without what pydantic adds and JSON does not need: titles made of names, and nulls for what is missing."""
    match schema:
        case {"properties": properties}:
            named = {name: _plain(member) for name, member in properties.items()}
            rest = {key: _plain(value) for key, value in schema.items() if key not in ("title", "properties")}
            return {**rest, "properties": named}
        case dict():
            return {
                key: _plain(value)
                for key, value in schema.items()
                if key != "title" and not (key == "default" and value is None)
            }
        case list():
            return [_plain(item) for item in schema]
        case _:
            return schema
