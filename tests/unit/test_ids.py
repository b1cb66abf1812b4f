"""Ids of the record's rows."""

from __future__ import annotations

import time
import uuid

from baton.ids import new_id


def test_an_id_is_a_uuid_of_version_7_with_the_current_time() -> None:
    before = time.time_ns() // 1_000_000
    new = new_id()
    assert (new.version, new.variant) == (7, uuid.RFC_4122)
    assert before <= new.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_are_unique_and_later_ids_sort_later() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert len(set(ids)) == len(ids)
    moments = [one.int >> 80 for one in ids]
    assert moments == sorted(moments)
    assert len({one.int & (1 << 62) - 1 for one in ids}) == len(ids)
