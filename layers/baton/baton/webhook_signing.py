"""Signatures of webhooks, as https://www.standardwebhooks.com describes them, and the secrets that make them.

A secret is derived from the deployment's key, the webhook's id and the secret's version, so no database has it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "whsec_"
_SECRET_BYTES = 32


def secret(key: str, webhook_id: str, version: int) -> str:
    """The secret of a webhook, in the form in which its receiver keeps it: ``whsec_`` and base64."""
    purpose = f"baton webhook {webhook_id} {version}".encode()
    derived = HKDF(SHA256(), length=_SECRET_BYTES, salt=None, info=purpose).derive(key.encode())
    return PREFIX + base64.b64encode(derived).decode()


def headers(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a request. ``timestamp`` is in seconds. The receiver needs one of the ``secrets``."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(one, signed)}" for one in secrets),
    }


def _signature(one: str, signed: bytes) -> str:
    key = base64.b64decode(one.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
