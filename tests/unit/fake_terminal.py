from __future__ import annotations

import io


class FakeTerminal(io.StringIO):
    """A stream whose ``isatty`` is true."""

    def isatty(self) -> bool:
        return True
