"""The values that an answer leaves out, because it would be too large with them. Each is null in the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlencode

from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from baton.api.views import Row

Path = Sequence[str]


class Omitted(TypedDict):
    """A value that is null here, because the answer would be too large. ``url`` answers its bytes (``Range`` asks for
    a part); null: nothing stores the value. ``sha256`` is the digest of these bytes, in hex. ``bytes`` and ``sha256``
    are null if the answer leaves out more than there was time to read; ``url`` answers both."""

    pointer: str
    bytes: int | None
    sha256: str | None
    url: str | None


class Answer(TypedDict):
    """``omitted`` names the values that this answer leaves out (JSON pointers, RFC 6901)."""

    omitted: list[Omitted]


def omitted_from(
    row: Row, at: str, url: Callable[[Path], str], places: Mapping[str, str] | None = None
) -> list[Omitted]:
    """What the record left out of a row that the answer shows at the pointer ``at``. ``url`` answers where the value at
    a path of the row is. ``places`` has the columns whose place in the view is not their own name in camelCase."""
    return [
        {
            "pointer": at + _place(entry["path"], places or {}),
            "bytes": entry["bytes"],
            "sha256": entry["sha256"],
            "url": url(entry["path"]),
        }
        for entry in row.get("omitted") or ()
    ]


def value_url(run_id: object, *path: object) -> str:
    """The URL of a value of a run; ``store/contents.sql`` lists the paths."""
    return f"/orchestrations/runs/{run_id}/values?{urlencode({'pointer': pointer(*path)})}"


def output_url(run_id: object, step_id: str, name: str, attempt: int | None = None) -> str:
    url = f"/orchestrations/runs/{run_id}/steps/{quote(step_id, safe='')}/outputs/{quote(name, safe='')}"
    return url if attempt is None else f"{url}?attempt={attempt}"


def pointer(*path: object) -> str:
    """A JSON pointer."""
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in path)


def path_of(pointer: str) -> list[str]:
    """The names in a JSON pointer. Raises ValueError for other text."""
    if not pointer.startswith("/"):
        raise ValueError("must be a JSON pointer, such as /error/message")
    return [name.replace("~1", "/").replace("~0", "~") for name in pointer[1:].split("/")]


def _place(path: Path, places: Mapping[str, str]) -> str:
    column, *rest = path
    return places.get(column, pointer(to_camel(column))) + pointer(*rest)
