"""The URL of the deployment that the command calls, and the caller's token."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from baton_client import BadArgument, Client, RetryPolicy, Transport, Unreachable
from cli.errors import CommandFailed, start_hint

SETTINGS = ("BATON_URL", "BATON_TOKEN", "BATON_ORG", "DATABASE_URL", "OWNER_URL")


def read_settings(environ: Mapping[str, str], checkout: Path) -> dict[str, str]:
    """The settings of the environment, else those of ``.baton/env``, which the running local stack writes.

    If the environment names another URL than the file, the file is ignored: its token belongs to the local stack.
    """
    settings: dict[str, str] = {}
    file = checkout / ".baton" / "env"
    if file.is_file():
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        pairs = (line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("#"))
        try:
            settings = {name: "".join(shlex.split(value)) for name, value in pairs}  # values may have shell quotes
        except ValueError as error:
            raise CommandFailed(f"{file} is broken ({error}): restart the local stack.") from error
    own = {name: environ[name] for name in SETTINGS if environ.get(name)}
    if own.get("BATON_URL", settings.get("BATON_URL")) != settings.get("BATON_URL"):
        settings = {}
    return {**settings, **own}


def client_of(settings: Mapping[str, str], transport: Transport | None = None) -> Client:
    """A client of the deployment. It sends each request once, so that a person sees a mistake immediately.

    Raises Unreachable if the settings name no deployment.
    """
    url, token = settings.get("BATON_URL"), settings.get("BATON_TOKEN")
    if not url:
        raise Unreachable(f"No deployment is known: {start_hint()}.")
    if not url.startswith(("http://", "https://")):
        raise Unreachable(f"BATON_URL must begin with https:// (or http://), not {url!r}.")
    if not token:
        raise Unreachable(f"BATON_URL is {url}, but BATON_TOKEN is not set.")
    try:
        return Client(url, token, retry_policy=RetryPolicy(0), transport=transport)
    except BadArgument as error:
        raise Unreachable(f"BATON_URL and BATON_TOKEN name no deployment: {error}") from error
