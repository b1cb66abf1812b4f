"""The command ``baton``: parses the arguments and calls the subcommand. An error becomes one line and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing

from baton import __version__, exact_json
from baton.errors import BatonError
from baton_client import BatonClientError
from cli import (
    approvals,
    closed_pipe,
    contents,
    db,
    deliverables,
    doctor,
    files,
    first_admin,
    kpi_import,
    library,
    members,
    organizations,
    outbox,
    recovery,
    runs,
    saving,
    service_tokens,
    tokens,
    webhooks,
)
from cli.checkout import ROOT, is_checkout
from cli.command import Command
from cli.errors import CommandFailed, exit_code_of, problem_of, text_of
from cli.screen import Screen
from cli.settings import read_settings

EPILOG = """\
exit codes:
  0  success
  1  a refusal, a file that is not valid, or a run that failed or was aborted
  2  wrong arguments
  3  no deployment answers

BATON_URL and BATON_TOKEN name the deployment."""
LOCAL_STACK = " Without them, it is the local stack that `make up` runs."


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run the command; returns the exit code. ``environ`` replaces the environment of the process."""
    return closed_pipe.run_program(lambda: _run(arguments, os.environ if environ is None else environ))


def _run(arguments: Sequence[str] | None, environ: Mapping[str, str]) -> int:
    parsed = parser().parse_args(arguments)
    screen = Screen(json=parsed.json)
    try:
        with closing(Command(parsed, screen, read_settings(environ, ROOT))) as command:
            code: int = parsed.run(command)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        raise
    except (CommandFailed, BatonClientError, BatonError, OSError) as error:
        screen.to_stderr(exact_json.dumps(problem_of(error)) if screen.json else text_of(error))
        return exit_code_of(error)
    return code


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="baton",
        description="Launch orchestrations, follow and recover them, decide their checkpoints, check definition files.",
        epilog=EPILOG + (LOCAL_STACK if is_checkout() else ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"baton {__version__}")
    subparsers = top.add_subparsers(metavar="COMMAND", required=True)
    for noun in (runs, approvals, deliverables, contents, saving, recovery, outbox, files, library, kpi_import, tokens,
                 members, organizations, service_tokens, webhooks, first_admin, db, doctor):  # fmt: skip
        noun.add_parsers(subparsers)
    return top


if __name__ == "__main__":
    sys.exit(main())
