"""The raw bytes of a value: whole, in parts, and not at all if the caller has them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from baton.api.problems import MAX_PART_BYTES

PATH = "/orchestrations/runs/{run}/steps/fetch/outputs/rows"


@pytest.fixture
def path(ids: Any) -> str:
    return PATH.format(**ids)


def test_a_small_value_comes_whole_with_its_digest(client: Any, function: Any, path: str, ids: Any) -> None:
    answer = client.get(path, query={"attempt": "2"})

    digest = hashlib.sha256(function.contents.content).hexdigest()
    assert (answer.status, answer.body) == (200, function.contents.content)
    assert answer.headers["ETag"] == f'"{digest}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert function.contents.calls == [(ids["run"], "fetch", "rows", 2)]


def test_a_pointer_is_read_as_rfc_6901_says(client: Any, function: Any, ids: Any) -> None:
    client.get(f"/orchestrations/runs/{ids['run']}/values", query={"pointer": "/parameters/a~1b~0c/0"})
    assert function.contents.calls == [(ids["run"], "parameters", "a/b~c", "0")]


def test_text_that_is_no_pointer_is_invalid(client: Any, ids: Any) -> None:
    answer = client.get(f"/orchestrations/runs/{ids['run']}/values", query={"pointer": "error"})
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "pointer")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-3", 0, 4),
        ("bytes=4-", 4, 10),
        ("bytes=-3", 7, 10),
        ("bytes=-99", 0, 10),
        ("bytes=8-99", 8, 10),
        ("Bytes = 9-9", 9, 10),
    ],
)
def test_a_range_is_a_part(client: Any, function: Any, path: str, asked: str, start: int, end: int) -> None:
    function.contents.content = b'"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"'

    answer = client.get(path, headers={"range": asked})

    assert (answer.status, answer.body) == (206, function.contents.content[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/10"


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=1"])
def test_a_range_of_another_form_is_ignored(client: Any, function: Any, path: str, asked: str) -> None:
    answer = client.get(path, headers={"range": asked})
    assert (answer.status, answer.body) == (200, function.contents.content)


@pytest.mark.parametrize("asked", ["bytes=17-", "bytes=17-20", "bytes=-0"])
def test_a_range_after_the_end_is_refused_with_the_size(client: Any, path: str, asked: str) -> None:
    answer = client.get(path, headers={"range": asked})
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */17")
    assert answer.body["type"] == "urn:problem-type:baton:range-not-satisfiable"


def test_a_large_value_comes_in_parts_only(client: Any, function: Any, path: str) -> None:
    function.contents.content = b"x" * (2 * MAX_PART_BYTES + 1)

    whole = client.get(path)
    parts = [
        client.get(path, headers={"range": f"bytes={start}-"})
        for start in range(0, 2 * MAX_PART_BYTES + 1, MAX_PART_BYTES)
    ]

    assert (whole.status, whole.body["type"]) == (416, "urn:problem-type:baton:range-needed")
    assert whole.headers["Content-Range"] == f"bytes */{2 * MAX_PART_BYTES + 1}"
    assert [len(part.body) for part in parts] == [MAX_PART_BYTES, MAX_PART_BYTES, 1]
    assert b"".join(part.body for part in parts) == function.contents.content


def test_a_caller_that_has_the_content_gets_304(client: Any, path: str) -> None:
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"if-none-match": f'"other", W/{etag}'}).status == 304
    assert client.get(path, headers={"if-none-match": "*"}).status == 304
    assert client.get(path, headers={"if-none-match": '"other"'}).status == 200


def test_a_range_of_another_version_of_the_content_gets_the_whole(client: Any, path: str) -> None:
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"range": "bytes=0-1", "if-range": etag}).status == 206
    assert client.get(path, headers={"range": "bytes=0-1", "if-range": '"other"'}).status == 200


@pytest.mark.parametrize(("kind", "media_type"), [("svg", "image/svg+xml"), ("html", "text/plain; charset=utf-8")])
def test_a_document_cannot_run_a_script(client: Any, function: Any, ids: Any, kind: str, media_type: str) -> None:
    function.contents.format = kind
    answer = client.get(f"/deliverables/{ids['deliverable']}/revenue.svg")
    assert function.contents.calls[-1] == (ids["deliverable"], "revenue.svg")
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")


def test_an_empty_document_comes_whole(client: Any, function: Any, ids: Any) -> None:
    function.contents.content = b""
    answer = client.get(f"/deliverables/{ids['deliverable']}/content")
    assert (answer.status, answer.body) == (200, b"")
