"""The form of a service token: ``baton_<id>_<secret>``. The prefix distinguishes it from a JSON Web Token.

The record keeps only a hash of the secret. The secret has 256 random bits, so nobody can guess it, and SHA-256 is as
safe as a slow hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from uuid import UUID

PREFIX = "baton_"
_FORM = re.compile(r"baton_([0-9a-f]{32})_([0-9a-f]{64})")


def new(token_id: str) -> tuple[str, str]:
    """A token with a new secret for this id (a UUID), and the hash for the record."""
    token = f"{PREFIX}{UUID(token_id).hex}_{secrets.token_hex(32)}"
    return token, _hash(token)


def read(token: str) -> tuple[str, str] | None:
    """The id in a token, and the hash of its secret; None if the text has another form."""
    form = _FORM.fullmatch(token)
    return (str(UUID(form[1])), _hash(token)) if form else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.rpartition("_")[2].encode()).hexdigest()
