"""The client's side of server-sent events."""

from __future__ import annotations

import json

import pytest

from cli.event_stream import EventStream, Message


def read(text: str, stream: EventStream | None = None) -> list[Message]:
    return list((stream or EventStream()).read(text))


def test_a_message_has_its_type_its_data_and_the_id_to_come_back_with() -> None:
    assert read('id: 7\nevent: orchestration.run.created\ndata: {"a":1}\n\n') == [
        Message("orchestration.run.created", '{"a":1}', "7")
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_way(end: str) -> None:
    assert read(end.join(["data: a", "data: b", "", "data:c", "", ""])) == [
        Message("message", "a\nb", ""),
        Message("message", "c", ""),
    ]


def test_a_message_that_was_cut_off_is_dropped_and_asked_for_again() -> None:
    stream = EventStream()
    whole = "id: 1\ndata: a\n\nid: 2\ndata: b\n\n"
    for length in range(len(whole)):
        stream = EventStream()
        got = read(whole[:length], stream)
        assert stream.last_id == (got[-1].last_id if got else "")
    assert [message.data for message in read(whole, stream)] == ["a", "b"]
    assert stream.last_id == "2"


def test_what_is_no_message_is_passed_over() -> None:
    stream = EventStream()
    assert read(": a comment\n\nid: 4\n\nunknown: x\nretry: soon\nid: \0\nretry\n\n", stream) == []
    assert (stream.last_id, stream.retry_seconds) == ("4", 3.0)


def test_the_id_stays_until_there_is_another() -> None:
    stream = EventStream()
    assert [m.last_id for m in read("id: 1\ndata: a\n\ndata: b\n\n", stream)] == ["1", "1"]
    assert [m.last_id for m in read("data: c\n\nid\ndata: d\n\n", stream)] == ["1", ""]


def test_how_long_to_wait_is_kept() -> None:
    stream = EventStream()
    read("retry: 1500\n\n", stream)
    read("data: a\n\n", stream)
    assert stream.retry_seconds == 1.5


def test_data_is_left_alone_but_for_one_blank() -> None:
    data = json.dumps({"text": "a: b\nc"})
    assert [message.data for message in read(f"data:  two\n\ndata:{data}\n\ndata\n\n")] == [" two", data, ""]
