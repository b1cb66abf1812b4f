"""Follows a run: server-sent events over many answers and lost connections."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from baton_client import Refused, RetryPolicy, RunStream, Unreachable
from tests.unit.client.answers import completed_event
from tests.unit.client.network import ScriptedNetwork, busy, problem

END_OF_STREAM = httpx.Response(204)


def block(sequence: int, text: str = "") -> str:
    event = completed_event({"sequence": sequence, "type": "orchestration.run.updated", "data": {"text": text}})
    return f"id: {sequence}\nevent: orchestration.run.updated\ndata: {json.dumps(event)}\n\n"


def answer(text: str) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=text.encode())


def read(text: str) -> tuple[list[int], RunStream]:
    """The sequence numbers of one answer's events, and the stream after them."""
    stream = ScriptedNetwork(answer(text)).client().stream.open("r")
    return [event["sequence"] for event in stream.read() or []], stream


def test_each_event_comes_once_until_the_server_says_the_end() -> None:
    network = ScriptedNetwork(answer("retry: 500\n\n" + block(1) + block(2)), answer("retry: 5000\n\n"), END_OF_STREAM)
    events = list(network.client().stream.follow("r"))
    assert [event["sequence"] for event in events] == [1, 2]
    assert [request.headers.get("Last-Event-ID") for request in network.requests] == [None, "2", "2"]
    assert network.pauses == [0.5, 5.0]
    assert {request.headers["Accept"] for request in network.requests} == {"text/event-stream"}


def test_the_stream_begins_after_the_callers_last_event() -> None:
    network = ScriptedNetwork(answer(block(8)), END_OF_STREAM)
    assert [event["sequence"] for event in network.client().stream.follow("r", 7)] == [8]
    assert network.requests[0].headers["Last-Event-ID"] == "7"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_of_the_standard_is_read(end: str) -> None:
    assert read((block(1) + block(2)).replace("\n", end))[0] == [1, 2]


def test_an_incomplete_message_is_dropped_and_requested_again() -> None:
    whole = block(1) + block(2)
    for length in range(len(whole)):
        numbers, stream = read(whole[:length])
        assert numbers == [1] * (length >= len(block(1)))
        assert stream.last_event_id == (numbers[-1] if numbers else None)
    assert read(whole)[0] == [1, 2]


def test_lines_without_data_are_ignored() -> None:
    numbers, stream = read(": a comment\n\nid: 4\n\nunknown: x\nretry: soon\nretry: -1\nretry\n\n" + block(5))
    assert (numbers, stream.retry_seconds) == ([5], 3.0)


def test_numbers_of_an_event_keep_their_digits() -> None:
    others = json.dumps(completed_event({}))[1:-1]
    text = f'id: 1\ndata: {{{others}, "sequence": 1,\ndata: "data": {{"value": 1.10}}}}\n\n'
    [event] = ScriptedNetwork(answer(text)).client().stream.open("r").read() or []
    assert str(event["data"]["value"]) == "1.10"


def test_text_keeps_all_letters_and_line_ends() -> None:
    text = "a: b\u2028\u0085 Größe\x0b"
    event = completed_event({"sequence": 1, "data": {"text": text}})
    network = ScriptedNetwork(answer(f"data: {json.dumps(event, ensure_ascii=False)}\n\n"), END_OF_STREAM)
    assert [event["data"]["text"] for event in network.client().stream.follow("r")] == [text]


def test_a_lost_connection_loses_and_repeats_no_event() -> None:
    failures: list[Any] = [httpx.ReadError("lost"), busy(), httpx.RemoteProtocolError("cut off")]
    network = ScriptedNetwork(answer(block(1)), *failures, answer(block(2)), END_OF_STREAM)
    assert [event["sequence"] for event in network.client().stream.follow("r")] == [1, 2]
    assert [request.headers.get("Last-Event-ID") for request in network.requests] == [None, *["1"] * 4, "2"]


def test_a_deployment_may_be_absent_for_a_minute_after_its_first_answer() -> None:
    gone = httpx.ConnectError("refused")
    network = ScriptedNetwork(gone)
    with pytest.raises(Unreachable):
        list(network.client(retry_policy=RetryPolicy(0)).stream.follow("r"))
    assert network.pauses == []

    network = ScriptedNetwork(answer("retry: 0\n\n"), gone)
    with pytest.raises(Unreachable):
        list(network.client(retry_policy=RetryPolicy(0)).stream.follow("r"))
    assert 58 < sum(network.pauses) <= 60


def test_a_refusal_ends_following() -> None:
    with pytest.raises(Refused, match="expired"):
        list(ScriptedNetwork(problem(401, title="No", detail="It has expired.")).client().stream.follow("r"))


@pytest.mark.parametrize("wrong", [httpx.Response(200, html="<html>"), httpx.Response(202, json={})])
def test_an_answer_without_events_is_refused(wrong: httpx.Response) -> None:
    with pytest.raises(Unreachable, match="no events"):
        list(ScriptedNetwork(wrong).client().stream.follow("r"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("{", "an event that is no JSON"),
        ("[1]", "an event of JSON that is no object"),
        ('{"hello": 1}', "an event of JSON without .*sequence"),
        (json.dumps(completed_event({"sequence": "1"})), "whose sequence is no whole number"),
    ],
)
def test_another_programs_event_is_refused(data: str, words: str) -> None:
    with pytest.raises(Unreachable, match=f"{words}.*: is it a deployment of Baton"):
        read(f"data: {data}\n\n")
