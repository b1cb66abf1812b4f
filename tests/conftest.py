from __future__ import annotations

from hypothesis import settings

# How long an example takes is the machine's affair: on a busy one a correct test would fail.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
