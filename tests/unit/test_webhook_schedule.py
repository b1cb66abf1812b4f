"""When a failed delivery is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.webhook_schedule import MAX_ATTEMPTS, PAUSES_SECONDS, next_pause

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def test_the_pauses_grow_from_seconds_to_hours() -> None:
    pauses = [next_pause(attempt, {}, NOW, middle) for attempt in range(1, MAX_ATTEMPTS + 1)]
    assert pauses == [5, 300, 1800, 7200, 18_000, 36_000, None]


@given(st.integers(1, MAX_ATTEMPTS - 1))
def test_a_pause_is_a_fifth_longer_or_shorter_at_most(attempt: int) -> None:
    pause = next_pause(attempt, {}, NOW)
    assert pause is not None
    assert 0.8 * PAUSES_SECONDS[attempt - 1] <= pause <= 1.2 * PAUSES_SECONDS[attempt - 1]


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 5),
        ("9" * 400, 86_400),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), 5),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), 86_400),
        ("soon", 5),
        ("-3", 5),
        ("1e3", 5),
        ("Thu, 26 Nov 2026 12:00:30 -9999", 5),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 86_400),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 5),
        ("", 5),
    ],
)
def test_an_answer_may_ask_for_a_longer_pause_up_to_a_day(asked: str, pause: float) -> None:
    assert next_pause(1, {"retry-after": asked}, NOW, middle) == pause


def test_an_answer_that_always_asks_for_a_short_pause_keeps_the_schedule() -> None:
    pauses = [next_pause(attempt, {"retry-after": "7"}, NOW, middle) for attempt in range(1, MAX_ATTEMPTS + 1)]
    assert pauses == [7, 300, 1800, 7200, 18_000, 36_000, None]


def test_no_answer_asks_for_more_attempts_than_there_are() -> None:
    assert next_pause(MAX_ATTEMPTS, {"retry-after": "5"}, NOW) is None


@given(st.text())
def test_whatever_a_server_asks_for_is_a_time_up_to_a_day(text: str) -> None:
    pause = next_pause(1, {"retry-after": text}, NOW, middle)
    assert pause is not None
    assert 5 <= pause <= 86_400
