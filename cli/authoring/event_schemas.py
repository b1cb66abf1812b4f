"""Generates the JSON Schemas of ``docs/events`` from the events' models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.authoring.events import EVENTS, WEBHOOK_EVENTS
from cli.authoring.events.envelope import BusEvent

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def write_all(folder: Path, check: bool) -> list[str]:
    """Write ``<type>.json`` for every event and remove the others; with ``check`` write nothing.

    Returns the names of the files that differ.
    """
    events = (*EVENTS, *WEBHOOK_EVENTS)
    texts = {f"{type_of(event)}.json": json.dumps(schema(event), indent=2) + "\n" for event in events}
    existing = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}
    out_of_step = [name for name, text in texts.items() if existing.get(name) != text]
    orphans = [name for name in existing if name not in texts]
    if not check:
        folder.mkdir(parents=True, exist_ok=True)
        for name in out_of_step:
            (folder / name).write_text(texts[name], encoding="utf-8")
        for name in orphans:
            (folder / name).unlink()
    return out_of_step + orphans


def type_of(event: type[BusEvent]) -> str:
    (name,) = event.model_fields["type"].annotation.__args__  # type: ignore[union-attr]  # a Literal
    return str(name)


def schema(event: type[BusEvent]) -> dict[str, Any]:
    """The schema of the whole event. It allows unknown members, so that a new member breaks no subscriber."""
    return {"$schema": DIALECT, "title": type_of(event), **_plain(event.model_json_schema())}


def _plain(schema: Any) -> Any:
    """``schema`` without the titles and the null defaults that pydantic adds."""
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
