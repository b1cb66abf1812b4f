"""The command ``baton``: what was typed → the file of its noun. Errors become one line and an exit code here."""

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
    db,
    deliverables,
    files,
    first_admin,
    kpi_import,
    library,
    members,
    outbox,
    recovery,
    runs,
    service_tokens,
    tokens,
)
from cli.checkout import ROOT
from cli.command import Command
from cli.errors import CommandFailed, exit_code_of, problem_of, text_of
from cli.screen import Screen
from cli.settings import read_settings

EXIT_CODES = """\
exit codes:
  0  it is done
  1  it was refused, a file is not valid, or the run failed or was aborted
  2  the command was typed wrongly
  3  no deployment answers

The deployment is the one of BATON_URL and BATON_TOKEN, or else the local stack that `make up` runs.
"""


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Answers the exit code. ``environ`` stands for the process environment."""
    return closed_pipe.tolerated(lambda: _run(arguments, os.environ if environ is None else environ))


def _run(arguments: Sequence[str] | None, environ: Mapping[str, str]) -> int:
    typed = parser().parse_args(arguments)
    screen = Screen(json=typed.json)
    try:
        with closing(Command(typed, screen, read_settings(environ, ROOT))) as command:
            code: int = typed.run(command)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        raise
    except (CommandFailed, BatonClientError, BatonError, OSError) as error:
        screen.complain(exact_json.dumps(problem_of(error)) if screen.json else text_of(error))
        return exit_code_of(error)
    return code


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="baton",
        description="Launch orchestrations, follow and recover them, decide their checkpoints, check definition files.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"baton {__version__}")
    subparsers = top.add_subparsers(metavar="COMMAND", required=True)
    for noun in (runs, approvals, deliverables, recovery, outbox, files, library, kpi_import, tokens, members,
                 service_tokens, first_admin, db):  # fmt: skip
        noun.add_parsers(subparsers)
    return top


if __name__ == "__main__":
    sys.exit(main())
