"""What an answer leaves out, because it would be too large: values, which are null there, and elements of lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlencode

from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from baton.api.views import Row

Path = Sequence[str]


class Omitted(TypedDict):
    """What is not here, because the answer would be too large.

    With ``count``: so many elements of a list, which ``url`` answers in pages. The elements of ``review.applied`` are
    reports of agents, each with its entries of ``notApplied``. Without ``count``: a value that is null here.
    ``url`` answers its bytes (``Range`` asks for a part); null: nothing stores the value. ``sha256`` is the digest of
    these bytes, in hex. ``bytes`` and ``sha256`` are null if the answer leaves out more than there was time to read;
    ``url`` answers both.
    """

    pointer: str
    count: int | None
    bytes: int | None
    sha256: str | None
    url: str | None


class Answer(TypedDict):
    """``omitted`` names what this answer leaves out (JSON pointers, RFC 6901)."""

    omitted: list[Omitted]


def omitted_from(
    row: Row, at: str, url: Callable[[Path], str], places: Mapping[str, str] | None = None
) -> list[Omitted]:
    """What the record left out of a row that the answer shows at the pointer ``at``. ``url`` answers where the value at
    a path of the row is. ``places`` has the columns whose place in the view is not their own name in camelCase."""
    return [
        {
            "pointer": at + _place(entry["path"], places or {}),
            "count": None,
            "bytes": entry["bytes"],
            "sha256": entry["sha256"],
            "url": url(entry["path"]),
        }
        for entry in row.get("omitted") or ()
    ]


def omitted_elements(at: str, total: int, shown: int, url: str | None) -> list[Omitted]:
    """What a list at the pointer ``at`` leaves out if it shows fewer elements than there are. ``url`` answers them."""
    count = total - shown
    return [{"pointer": at, "count": count, "bytes": None, "sha256": None, "url": url}] if count > 0 else []


def omitted_rows(rows: Sequence[Row], at: str, url: str | None) -> list[Omitted]:
    """The same for rows of a part of a run, which have their number (``total``); there is at least one if any fit."""
    return omitted_elements(at, rows[0]["total"] if rows else 0, len(rows), url)


def part_url(run_id: object, part: str, after: int = 0) -> str:
    """The URL of the elements of a part of a run after the first ``after`` ones."""
    return f"/orchestrations/runs/{run_id}/{part}?after={after}"


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
