"""The stream function's routes over fakes at its ports."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from baton import exact_json
from baton.api import event_stream, stream
from baton.api.identity import InvalidToken
from baton.api.tickets import LIFETIME_SECONDS, Tickets
from baton.api.views import events
from baton.errors import NotFound
from baton.model import Principal
from baton.usecases.stream_run import StreamSlice
from tests.unit.api.client import http_event
from tests.unit.api.fakes import identify
from tests.unit.api.rows import ANNA, MOMENT, RUN_ID

PATH = f"/orchestrations/runs/{RUN_ID}/status/stream"
OTHER_RUN = "5d1e0000-0000-4000-8000-000000000002"
KEY = "k" * 64


def row(sequence: int, **data: Any) -> dict[str, Any]:
    return {"id": UUID(int=sequence), "run_id": UUID(RUN_ID), "sequence": sequence, "created_at": MOMENT,
            "type": "orchestration.step.completed", "organization": "demo", "run": {"rootRunId": RUN_ID},
            "data": data}  # fmt: skip


@dataclass
class FakeFollow:
    part: StreamSlice = field(default_factory=lambda: StreamSlice([row(8)], over=False, at_work=True))
    calls: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, caller: Principal, run_id: str, after: int, /) -> StreamSlice:
        self.permit(caller, run_id)
        self.calls.append((run_id, after))
        return self.part

    def permit(self, caller: Principal, run_id: str, /) -> None:
        if caller != ANNA:
            raise NotFound(f"There is no run {run_id}.")


@dataclass
class FakeStreamFunction:
    follow: FakeFollow = field(default_factory=FakeFollow)
    tickets: Tickets = field(default_factory=lambda: Tickets(lambda: KEY))
    identify: Callable[[str], Principal] = field(default=identify)

    def ask(self, method: str = "GET", path: str = PATH, token: str | None = "annas-token", **more: Any) -> Any:
        headers: Mapping[str, str] = more.get("headers", {})
        sent = {**({"authorization": f"Bearer {token}"} if token else {}), **headers}
        return stream.build(self).resolve(http_event(method, path, None, sent, more.get("query", {})), None)  # type: ignore[arg-type]


@pytest.fixture
def function() -> FakeStreamFunction:
    return FakeStreamFunction()


def header(answer: Any, name: str) -> str:
    return str({**answer["headers"], **answer.get("multiValueHeaders", {})}[name])


# --- the text ---------------------------------------------------------------------------------------------------------


def test_an_event_is_an_id_a_type_and_one_line_of_json(function: FakeStreamFunction) -> None:
    function.follow.part = StreamSlice([row(8, message="two\nlines\r\u2028")], over=False, at_work=True)
    answer = function.ask()
    assert (answer["statusCode"], header(answer, "Content-Type")) == (200, "text/event-stream")
    assert header(answer, "Cache-Control") == "no-store"
    retry, event, rest = answer["body"].split("\n\n")
    identity, kind, data = event.split("\n")
    assert (retry, identity, kind, rest) == ("retry: 500", "id: 8", "event: orchestration.step.completed", "")
    assert data == "data: " + exact_json.dumps(events.streamed_event(function.follow.part.events[0]))
    assert json.loads(data.removeprefix("data: "))["data"] == {"message": "two\nlines\r\u2028"}


def test_while_the_run_waits_for_people_only_the_client_comes_back_later(function: FakeStreamFunction) -> None:
    function.follow.part = StreamSlice([], over=False, at_work=False)
    assert function.ask()["body"] == "retry: 5000\n\n"


def test_a_stream_that_is_over_answers_204_which_stops_an_eventsource(function: FakeStreamFunction) -> None:
    function.follow.part = StreamSlice([], over=True, at_work=False)
    answer = function.ask()
    assert (answer["statusCode"], answer["body"]) == (204, None)


def test_events_that_do_not_fit_come_with_the_next_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MAX_BYTES", 600)
    rows = [row(sequence, text="x" * 400) for sequence in range(1, 4)]
    sequences: list[int] = []
    while len(sequences) < 3:
        text = event_stream.text(StreamSlice(rows[len(sequences) :], over=False, at_work=False))
        sequences += [int(line.removeprefix("id: ")) for line in text.splitlines() if line.startswith("id: ")]
    assert sequences == [1, 2, 3]


@pytest.mark.parametrize("text", ["\\", '"', "é", "\u2028", "𝄞"])
def test_an_answer_always_fits_the_limit_of_lambda(function: FakeStreamFunction, text: str) -> None:
    function.follow.part = StreamSlice(
        [row(sequence, notes=text * 10_000) for sequence in range(1, 501)], over=False, at_work=False
    )
    answer = json.dumps({**function.ask(), "headers": {}})
    assert len(answer) < 6 * 1000 * 1000


# --- from where on ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "query", "after"),
    [
        ({}, {}, 0),
        ({"last-event-id": "7"}, {}, 7),
        ({}, {"lastEventId": "7"}, 7),
        ({"last-event-id": "9"}, {"lastEventId": "7"}, 9),  # an EventSource comes back with the URL it began with
    ],
)
def test_it_goes_on_after_the_last_event_of_the_client(
    function: FakeStreamFunction, headers: dict[str, str], query: dict[str, str], after: int
) -> None:
    function.ask(headers=headers, query=query)
    assert function.follow.calls == [(RUN_ID, after)]


@pytest.mark.parametrize(
    ("headers", "query", "named"),
    [
        ({"last-event-id": "seven"}, {}, "Last-Event-Id"),
        ({"last-event-id": "-1"}, {}, "Last-Event-Id"),
        ({}, {"lastEventId": "1e3"}, "lastEventId"),
        ({}, {"lasteventid": "1"}, "lasteventid"),
    ],
)
def test_an_invalid_event_id_is_refused_by_its_name(
    function: FakeStreamFunction, headers: dict[str, str], query: dict[str, str], named: str
) -> None:
    answer = function.ask(headers=headers, query=query)
    assert answer["statusCode"] == 422
    assert [problem["field"] for problem in json.loads(answer["body"])["errors"]] == [named]
    assert function.follow.calls == []


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("token", "status"), [(None, 401), ("nobodys-token", 401), ("strangers-token", 404)])
def test_an_unknown_caller_or_a_stranger_gets_no_event(
    function: FakeStreamFunction, method: str, token: str | None, status: int
) -> None:
    answer = function.ask(method, PATH + "/ticket" * (method == "POST"), token)
    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["status"] == status


def test_a_ticket_opens_the_stream_without_a_bearer(function: FakeStreamFunction) -> None:
    issued = function.ask("POST", f"{PATH}/ticket")
    view = json.loads(issued["body"])
    assert (issued["statusCode"], header(issued, "Cache-Control")) == (201, "no-store")
    assert view["streamUrl"] == f"{PATH}?ticket={view['ticket']}"
    lifetime = datetime.fromisoformat(view["expiresAt"]) - datetime.now(UTC)
    assert LIFETIME_SECONDS - 60 < lifetime.total_seconds() <= LIFETIME_SECONDS
    assert function.ask(token=None, query={"ticket": view["ticket"]})["statusCode"] == 200


def test_a_ticket_cannot_get_another_ticket(function: FakeStreamFunction) -> None:
    ticket = function.tickets.issue(ANNA, RUN_ID).text
    assert function.ask("POST", f"{PATH}/ticket", None, query={"ticket": ticket})["statusCode"] == 401
    assert function.ask("POST", f"{PATH}/ticket", ticket)["statusCode"] == 401


def test_the_member_of_the_ticket_counts_even_beside_a_bearer_token(function: FakeStreamFunction) -> None:
    stranger = function.tickets.issue(Principal("0b000000-0000-4000-8000-000000000002"), RUN_ID).text
    assert function.ask(query={"ticket": stranger})["statusCode"] == 404


@pytest.mark.parametrize(
    ("ticket", "reason"),
    [
        (Tickets(lambda: KEY).issue(ANNA, OTHER_RUN).text, "another run"),
        (Tickets(lambda: KEY, now=lambda: 1.0).issue(ANNA, RUN_ID).text, "expired"),
        (Tickets(lambda: "x" * 64).issue(ANNA, RUN_ID).text, "not valid"),
        ("", "not valid"),
        ("a.b.c", "not valid"),
    ],
)
def test_an_invalid_ticket_is_refused_with_the_way_to_a_new_one(
    function: FakeStreamFunction, ticket: str, reason: str
) -> None:
    answer = function.ask(token=None, query={"ticket": ticket})
    problem = json.loads(answer["body"])
    assert answer["statusCode"] == 401
    assert reason in problem["detail"]
    assert "/status/stream/ticket" in problem["detail"]
    assert function.follow.calls == []


def test_a_new_key_ends_earlier_tickets() -> None:
    keys = iter([KEY, "n" * 64])
    tickets = Tickets(lambda: next(keys))
    with pytest.raises(InvalidToken):
        tickets.holder(tickets.issue(ANNA, RUN_ID).text, RUN_ID)
