"""How much chance, and how many faults, tests try: little at every ``make test``, much in ``.ci/run``."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TypeVar

Choice = TypeVar("Choice")


class Profile(StrEnum):
    """``BATON_TEST_PROFILE``. What ``small`` leaves out, each test says that asks for it."""

    SMALL = "small"
    THOROUGH = "thorough"

    def choose(self, *, small: Choice, thorough: Choice) -> Choice:
        return small if self is Profile.SMALL else thorough


PROFILE = Profile(os.environ.get("BATON_TEST_PROFILE", Profile.SMALL))


def examples(thorough: int = 100) -> int:
    """How many random examples a property is held against; ``small`` tries a quarter of them."""
    return PROFILE.choose(small=thorough // 4, thorough=thorough)
