"""The deployment that the command talks to: where it is, and who calls it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from baton_client import Client, Patience, Transport, Unreachable
from cli.errors import START_IT, CommandFailed

SETTINGS = ("BATON_URL", "BATON_TOKEN", "BATON_ORG", "DATABASE_URL", "OWNER_URL")


def read_settings(environ: Mapping[str, str], checkout: Path) -> dict[str, str]:
    """What the environment says, over ``.baton/env`` of the checkout, which the running local stack writes.

    A token belongs to its deployment: if the environment names another URL, the file's token is not sent there.
    """
    settings: dict[str, str] = {}
    file = checkout / ".baton" / "env"
    if file.is_file():
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        pairs = (line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("#"))
        try:
            settings = {name: "".join(shlex.split(value)) for name, value in pairs}  # quoted where a shell needs it
        except ValueError as error:
            raise CommandFailed(f"{file} is broken ({error}): start the local stack anew.") from error
    given = {name: environ[name] for name in SETTINGS if environ.get(name)}
    if given.get("BATON_URL", settings.get("BATON_URL")) != settings.get("BATON_URL"):
        settings = {}
    return {**settings, **given}


def client_of(settings: Mapping[str, str], transport: Transport | None = None) -> Client:
    """A client of the deployment. It sends each request once, so that a person hears of a mistake at once.

    Raises Unreachable where the settings name no deployment.
    """
    url, token = settings.get("BATON_URL"), settings.get("BATON_TOKEN")
    if not url:
        raise Unreachable(f"No deployment is known: {START_IT}.")
    if not url.startswith(("http://", "https://")):
        raise Unreachable(f"BATON_URL must begin with https:// (or http://), not {url!r}.")
    if not token:
        raise Unreachable(f"BATON_URL is {url}, but there is no BATON_TOKEN to go with it.")
    return Client(url, token, patience=Patience(0), transport=transport)
