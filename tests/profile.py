"""The profile of a test run: how many random examples and faults the tests try. ``make test`` tries few, ``.ci/run``
many."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TypeVar

Choice = TypeVar("Choice")


class Profile(StrEnum):
    """``BATON_TEST_PROFILE``. Each test that reads the profile says which cases ``small`` leaves out."""

    SMALL = "small"
    THOROUGH = "thorough"

    def choose(self, *, small: Choice, thorough: Choice) -> Choice:
        return small if self is Profile.SMALL else thorough


PROFILE = Profile(os.environ.get("BATON_TEST_PROFILE", Profile.SMALL))


def examples(thorough: int = 100) -> int:
    """The number of random examples for each property. ``small`` tries a quarter of them."""
    return PROFILE.choose(small=thorough // 4, thorough=thorough)
