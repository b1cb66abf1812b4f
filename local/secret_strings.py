"""What a deployment's secrets hold: a Postgres URL a login, and what Secrets Manager would have generated."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.template import Secret

FILE = "generated-secrets.json"


def secret_strings(data_dir: Path, declared: Sequence[Secret], urls: Mapping[str, str]) -> dict[str, str]:
    """Secret name → string, of those that hold anything. ``urls`` are by login. What is generated is kept, as a
    deployment keeps it: what was signed with it before a restart is good after it."""
    file = data_dir / FILE
    kept = json.loads(file.read_text()) if file.exists() else {}
    generated = {
        secret.name: kept.get(secret.name) or _new(secret.generated_length)
        for secret in declared
        if secret.generated_length
    }
    if generated.keys() - kept.keys():
        _write(file, json.dumps({**kept, **generated}))
    logins = {name: url for name in (secret.name for secret in declared) if (url := urls.get(_login(name)))}
    return {**generated, **logins}


def _login(name: str) -> str:
    """The login of ``<stack>/database/<login>``; of any other secret, none."""
    return name.partition("/database/")[2]


def _new(length: int) -> str:
    return secrets.token_hex(length)[:length]


def _write(file: Path, text: str) -> None:
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
    draft.replace(file)
