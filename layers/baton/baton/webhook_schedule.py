"""When a webhook's failed delivery is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PAUSES_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000)  # after the first failure, the second …
MAX_ATTEMPTS = len(PAUSES_SECONDS) + 1
SPREAD = 0.2  # of a pause, up or down, so that deliveries that failed together do not come back together
MAX_RETRY_AFTER_SECONDS = 86_400
_RETRY_AFTER = "retry-after"


def next_pause(
    attempt: int,
    headers: Mapping[str, str],
    now: datetime,
    uniform: Callable[[float, float], float] = random.uniform,
) -> float | None:
    """Seconds until the next attempt after the ``attempt``-th (from 1) failed; None: there is none.

    ``Retry-After`` of an answer makes the pause longer, up to a day, and never shorter: a receiver that always asks for
    some seconds would use up all attempts within a minute.
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    scheduled = PAUSES_SECONDS[attempt - 1] * uniform(1 - SPREAD, 1 + SPREAD)
    return max(scheduled, _retry_after(headers.get(_RETRY_AFTER, ""), now))


def _retry_after(text: str, now: datetime) -> float:
    """The seconds that an answer asks for: a number, or the time until a date; 0 if it has neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:12])  # more digits are more than a day as well
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, OverflowError):
            return 0.0
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), float(MAX_RETRY_AFTER_SECONDS))
