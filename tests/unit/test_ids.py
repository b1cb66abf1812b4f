"""Ids of the record's rows."""

from __future__ import annotations

import time
import uuid

from baton.ids import new_id


def test_an_id_is_a_uuid_of_version_7_of_now() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_no_two_are_the_same_and_later_ones_sort_after() -> None:
    made = [new_id() for _ in range(10_000)]
    assert len(set(made)) == len(made)
    moments = [one.int >> 80 for one in made]
    assert moments == sorted(moments)
    assert len({one.int & (1 << 62) - 1 for one in made}) == len(made)
