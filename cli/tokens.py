"""``baton token``: issues a token with exactly these roles on the local stack. Elsewhere the issuer does this."""

from __future__ import annotations

import argparse
from datetime import timedelta

import psycopg

from baton.model import Role
from baton_client import Unreachable
from cli.checkout import STATE, is_checkout
from cli.command import Command, Subparsers, add_parser, add_roles
from cli.errors import CommandFailed

MAX_HOURS = 24 * 366


def add_parsers(subparsers: Subparsers) -> None:
    token = add_parser(subparsers, "token", issue, "print a token for a user with these roles (local stack only)")
    token.add_argument("--org", metavar="ORG", help="the organisation, created if needed (default: BATON_ORG)")
    add_roles(token, "repeat it for each role (default: all four)", required=False)
    token.add_argument("--hours", type=_hours, default=12, metavar="N", help="valid for N hours (default: 12)")


def issue(command: Command) -> int:
    if not is_checkout():
        raise CommandFailed("Only a local stack issues tokens this way, and this `baton` belongs to no checkout.")
    from cli import local_issuer  # not part of the installed package

    roles = [str(role) for role in command.arguments.roles or Role]
    try:
        user_id = local_issuer.ensure_member(command.database_url, command.organization, roles)
    except psycopg.OperationalError as error:
        raise Unreachable(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error
    except psycopg.errors.CheckViolation as error:
        raise CommandFailed(
            f"{command.organization!r} cannot be an organisation: it takes 1 to 60 small letters, digits and hyphens."
        ) from error
    except psycopg.Error as error:
        raise CommandFailed(f"The database of DATABASE_URL refused: {str(error).strip()}") from error
    lifetime = timedelta(hours=command.arguments.hours)
    token = local_issuer.issue_token(STATE, local_issuer.issuer_of(command.client.url), user_id, lifetime)
    if command.screen.json:
        command.screen.document(
            {"token": token, "userId": user_id, "organization": command.organization, "roles": roles}
        )
    else:
        command.screen.raw(f"{token}\n")
    return 0


def _hours(text: str) -> float:
    """For argparse."""
    try:
        hours = float(text)
    except ValueError:
        hours = 0
    if not 0 < hours <= MAX_HOURS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of hours between 0 and {MAX_HOURS}")
    return hours
