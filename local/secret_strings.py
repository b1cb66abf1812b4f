"""The strings of a deployment's secrets: a Postgres URL for each login, and generated keys."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.template import Secret

FILE = "generated-secrets.json"


def secret_strings(data_dir: Path, declared: Sequence[Secret], urls: Mapping[str, str]) -> dict[str, str]:
    """Secret name → string, without empty secrets. ``urls`` are by login.

    Generated keys are stored, so that a signature from before a restart stays valid.
    """
    file = data_dir / FILE
    stored = json.loads(file.read_text()) if file.exists() else {}
    generated = {
        secret.name: stored.get(secret.name) or _new(secret.generated_length)
        for secret in declared
        if secret.generated_length
    }
    if generated.keys() - stored.keys():
        _write(file, json.dumps({**stored, **generated}))
    logins = {name: url for name in (secret.name for secret in declared) if (url := urls.get(_login(name)))}
    return {**generated, **logins}


def _login(name: str) -> str:
    """The login of ``<stack>/database/<login>``; empty for another secret."""
    return name.partition("/database/")[2]


def _new(length: int) -> str:
    return secrets.token_hex(length)[:length]


def _write(file: Path, text: str) -> None:
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
    draft.replace(file)
