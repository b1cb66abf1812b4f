"""The object that every subcommand receives, and the declaration of a subcommand."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from baton.model import Role
from baton_client import Client
from cli.checkout import is_checkout
from cli.errors import CommandFailed
from cli.screen import Screen
from cli.settings import client_of

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subparsers = object


@dataclass
class Command:
    """One call of the command: its arguments, its output, and the settings of the deployment."""

    arguments: argparse.Namespace
    screen: Screen
    settings: Mapping[str, str]

    @cached_property
    def client(self) -> Client:
        """Made at its first use: subcommands that only read files need no client."""
        return client_of(self.settings)

    def close(self) -> None:
        if "client" in vars(self):
            self.client.close()

    @property
    def organization(self) -> str:
        organization: str | None = getattr(self.arguments, "org", None) or self.settings.get("BATON_ORG")
        if not organization:
            raise CommandFailed("Name the organisation: add --org ORG, or set BATON_ORG.")
        return organization

    @property
    def database_url(self) -> str:
        if "DATABASE_URL" not in self.settings:
            local_stack = ", or start the stack with `make up`" if is_checkout() else ""
            raise CommandFailed(f"This needs the database: set DATABASE_URL{local_stack}.")
        return self.settings["DATABASE_URL"]


def add_parser(
    subparsers: Subparsers, name: str, run: Callable[[Command], int], summary: str
) -> argparse.ArgumentParser:
    """Add a subcommand with the option ``--json``. ``run`` returns the exit code."""
    parser = subparsers.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.set_defaults(run=run)
    return parser


def add_roles(parser: argparse.ArgumentParser, summary: str, *, required: bool) -> None:
    """Add the option ``--role``, which can be repeated. The roles are in ``arguments.roles``."""
    roles = [str(role) for role in Role]
    parser.add_argument("--role", action="append", choices=roles, dest="roles", required=required, help=summary)
