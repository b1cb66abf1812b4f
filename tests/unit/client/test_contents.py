"""Contents that are too large for one answer come in parts, and are checked."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

import httpx
import pytest

from baton_client import BadArgument, Client, Refused, Unreachable
from baton_client.contents import MAX_PART_BYTES, Omitted
from tests.unit.client.network import problem

URL = "/orchestrations/runs/r/values?pointer=/error/message"


@dataclass
class FakeDeployment:
    """Answers single ranges of one content, as the API does."""

    content: bytes
    paths: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.raw_path.decode())
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers["Range"])
        assert asked is not None
        start, end = int(asked[1]), min(int(asked[2]) + 1, len(self.content))
        if start >= len(self.content):
            return httpx.Response(416, headers={"Content-Range": f"bytes */{len(self.content)}"})
        headers = {
            "ETag": f'"{hashlib.sha256(self.content).hexdigest()}"',
            "Content-Range": f"bytes {start}-{end - 1}/{len(self.content)}",
        }
        return httpx.Response(206, headers=headers, content=self.content[start:end])

    def client(self) -> Client:
        return Client("http://baton.test", "t", transport=httpx.MockTransport(self))


@pytest.mark.parametrize("size", [0, 1, MAX_PART_BYTES, MAX_PART_BYTES + 1, 2 * MAX_PART_BYTES + 7])
def test_a_content_is_the_same_in_one_part_and_in_many(size: int) -> None:
    deployment = FakeDeployment(b"\xc3\xa9" * (size // 2) + b"x" * (size % 2))
    entry: Omitted = {"pointer": "/error/message", "bytes": size, "sha256": "", "url": URL}
    assert deployment.client().contents.read(entry) == deployment.content
    assert set(deployment.paths) == {URL}
    assert len(deployment.paths) == max(1, -(-size // MAX_PART_BYTES))


def test_an_output_keeps_its_decimals() -> None:
    deployment = FakeDeployment(b'{"sum": 1.10}')
    assert str(deployment.client().contents.output("r", "fetch", "sum", attempt=2)["sum"]) == "1.10"
    assert deployment.paths == ["/orchestrations/runs/r/steps/fetch/outputs/sum?attempt=2"]


def test_a_content_that_changes_meanwhile_is_refused() -> None:
    deployment = FakeDeployment(b"a" * (MAX_PART_BYTES + 1))

    def changing(request: httpx.Request) -> httpx.Response:
        answer = deployment(request)
        deployment.content = b"b" * len(deployment.content)
        return answer

    client = Client("http://baton.test", "t", transport=httpx.MockTransport(changing))
    with pytest.raises(Unreachable, match="changed meanwhile"):
        client.contents.get(URL)


@pytest.mark.parametrize("url", ["https://elsewhere.test/x", "//elsewhere.test/x", "x", ""])
def test_a_token_goes_to_no_other_host(url: str) -> None:
    deployment = FakeDeployment(b"x")
    with pytest.raises(BadArgument, match="must be a path of the deployment"):
        deployment.client().contents.get(url)
    assert deployment.paths == []


def test_what_nothing_stores_cannot_be_read() -> None:
    with pytest.raises(BadArgument, match="does not store the value at /stateMachine"):
        FakeDeployment(b"").client().contents.read({"pointer": "/stateMachine", "bytes": 1, "sha256": "", "url": None})


def test_a_refusal_is_raised() -> None:
    client = Client("http://baton.test", "t", transport=httpx.MockTransport(lambda request: problem(404)))
    with pytest.raises(Refused):
        client.contents.get(URL)
