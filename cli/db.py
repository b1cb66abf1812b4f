"""``baton db passwords``: sets new passwords of the engine's logins and stores them for their functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from baton_client import Unreachable
from cli.command import Command, Subparsers, add_parser
from cli.database_urls import url_as
from cli.errors import CommandFailed
from cli.logins import LOGINS, new_passwords

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

OWNER_URL_HELP = "the URL that runs migrations: of the role postgres, on a direct or session connection"
PASSWORDS_HELP = f"""\
OWNER_URL (in the environment) is {OWNER_URL_HELP}.
A function whose login is refused reads its secret again, so no function needs a restart afterwards.
"""


def add_parsers(subparsers: Subparsers) -> None:
    db = subparsers.add_parser("db", help="maintain the database", description="Maintain the database.")
    verbs = db.add_subparsers(metavar="VERB", required=True)
    passwords = add_parser(verbs, "passwords", renew, "give each of the engine's logins a new password")
    passwords.epilog = PASSWORDS_HELP
    where = passwords.add_mutually_exclusive_group(required=True)
    where.add_argument("--stack", metavar="STACK", help="put each login's URL into this stack's secret in AWS")
    where.add_argument("--print", action="store_true", dest="shown", help="print the URLs instead")
    passwords.add_argument(
        "--pooler",
        metavar="URL",
        help="the URL of the transaction pooler, which functions connect to (default: the server of OWNER_URL)",
    )


def renew(command: Command) -> int:
    """Renew all passwords or none: they are committed after every URL is stored."""
    arguments = command.arguments
    url = _url_to_renew_at(command)
    place = _checked("--pooler", arguments.pooler) if arguments.pooler else url
    secrets = None if arguments.shown else StackSecrets(arguments.stack)
    try:
        with psycopg.connect(url, prepare_threshold=None) as connection:
            passwords = new_passwords(connection)
            urls = {login: url_as(place, f"baton_{login}", password) for login, password in passwords.items()}
            if secrets is not None:
                secrets.put(urls)
    except psycopg.errors.UndefinedObject as error:
        raise CommandFailed(f"Run the migrations first, they create the logins: {_text(error)}") from error
    except psycopg.OperationalError as error:
        raise Unreachable(f"The database does not answer: {_text(error)}") from error
    except psycopg.ProgrammingError as error:
        raise CommandFailed(f"The database refused: {_text(error)}") from error
    _show_urls(command, urls)
    return 0


def _show_urls(command: Command, urls: Mapping[str, str]) -> None:
    screen, stack = command.screen, command.arguments.stack
    if screen.json:
        screen.document(
            {"urls": dict(urls)} if stack is None else {"secrets": [_secret(stack, login) for login in urls]}
        )
    elif stack is None:
        screen.raw("".join(f"baton_{login} {url}\n" for login, url in urls.items()))
    else:
        screen.line(f"{len(urls)} logins have new passwords. Their URLs are in the secrets {_secret(stack, '…')}.")
        screen.line("Functions read them when their old passwords are refused.")


def owner_url(command: Command) -> str:
    """OWNER_URL alone, never the local stack's database: the user must name the database."""
    if url := command.settings.get("OWNER_URL"):
        return _checked("OWNER_URL", url)
    raise CommandFailed("Name the database: set OWNER_URL to the URL that runs migrations.")


def _url_to_renew_at(command: Command) -> str:
    """Only ``--print`` may use the local stack's database; a stack's secrets need OWNER_URL."""
    if command.arguments.shown and "OWNER_URL" not in command.settings:
        return command.database_url
    return owner_url(command)


def _checked(name: str, url: str) -> str:
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # libpq's message would show the password.
        raise CommandFailed(
            f"{name} must be a URL such as postgresql://postgres@host:5432/postgres "
            "(write special characters of the password like %40)"
        ) from None
    if "host" not in parts:
        raise CommandFailed(f"{name} must name a host, such as postgresql://postgres@host:5432/postgres.")
    return url


def _secret(stack: str, login: str) -> str:
    """The secret's name in template.yaml."""
    return f"{stack}/database/{login}"


def _text(error: Exception) -> str:
    return str(error).strip()


class StackSecrets:
    """The secrets of a stack in the AWS account that the environment names.

    Raises (the constructor, and all methods): CommandFailed: a secret is missing, or AWS refused.
    """

    def __init__(self, stack: str) -> None:
        self._stack = stack
        self._client = _secrets_manager()
        for login in LOGINS:
            self._ask(login, self._client.describe_secret)

    def put(self, urls: Mapping[str, str]) -> None:
        for login, url in urls.items():
            self._ask(login, self._client.put_secret_value, SecretString=url)

    def _ask(self, login: str, call: Any, **more: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        name = _secret(self._stack, login)
        try:
            call(SecretId=name, **more)
        except self._client.exceptions.ResourceNotFoundException as error:
            raise CommandFailed(
                f"There is no secret {name}: is {self._stack} the stack, and is it deployed in this account and region?"
            ) from error
        except (ClientError, BotoCoreError) as error:
            raise CommandFailed(
                f"AWS refused the secret {name}, so no password was changed: {_text(error)}\n"
                "Secrets that were stored before it are wrong until you repeat the command with success."
                if more
                else f"AWS does not show the secret {name}, and nothing was changed: {_text(error)}"
            ) from error


def _secrets_manager() -> SecretsManagerClient:
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ModuleNotFoundError:
        raise CommandFailed("boto3 is not installed: install `baton[aws]`, or use --print.") from None
    try:
        return boto3.Session().client("secretsmanager")
    except BotoCoreError as error:
        raise CommandFailed(f"AWS cannot be called: {_text(error)}") from error
