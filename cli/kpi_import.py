"""``baton kpi import`` and ``baton kpi goals``: the commands. ``cli.kpi`` and ``cli.kpi_goals`` do the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import psycopg

from baton_client import Unreachable
from cli.command import Command, Subparsers, add_parser
from cli.errors import CommandFailed
from cli.kpi import import_csv
from cli.kpi_goals import import_goals
from cli.kpi_lines import ALL, GIVEN
from cli.kpi_weights import declaring_file, weight_hints


def add_parsers(subparsers: Subparsers) -> None:
    kpi = subparsers.add_parser("kpi", help="import your own numbers", description="Import your own numbers.")
    verbs = kpi.add_subparsers(metavar="VERB", required=True)
    importing = add_parser(verbs, "import", import_file, "import a CSV file of KPI data, all or nothing")
    importing.add_argument("file", metavar="FILE.csv", help="company,department,metric,unit,aggregation,date,value")
    for column in GIVEN:
        importing.add_argument(f"--{column}", metavar="TEXT", help=f"the {column} of all lines, if the file lacks it")
    importing.add_argument("--org", metavar="ORG", help="the organisation that owns the numbers (default: BATON_ORG)")
    goals = add_parser(verbs, "goals", import_goals_file, "import a CSV file of goals, all or nothing")
    goals.add_argument("file", metavar="FILE.csv", help="company,metric,start,end,direction,target")
    goals.add_argument("--org", metavar="ORG", help="the organisation of the companies (default: BATON_ORG)")


@contextmanager
def _database() -> Iterator[None]:
    """The errors of the database as those of the command."""
    try:
        yield
    except psycopg.OperationalError as error:
        raise Unreachable(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error
    except psycopg.ProgrammingError as error:
        raise CommandFailed(f"The database of DATABASE_URL refused: {str(error).strip()}") from error


def import_goals_file(command: Command) -> int:
    with _database():
        report = import_goals(command.database_url, command.arguments.file, command.organization)
    screen = command.screen
    if screen.json:
        screen.document({**asdict(report), "unchanged": report.unchanged})
        return 0
    screen.line(
        f"{report.goals} goals: {report.inserted} new, {report.updated} replaced, "
        f"{report.unchanged} were there already."
    )
    return 0


def import_file(command: Command) -> int:
    with _database():
        given = {column: getattr(command.arguments, column) or "" for column in GIVEN}
        report = import_csv(command.database_url, command.arguments.file, command.organization, given)
    screen = command.screen
    if screen.json:
        screen.document({**asdict(report), "unchanged": report.unchanged})
        return 0
    screen.line(
        f"{report.rows} rows: {report.inserted} new, {report.updated} replaced, {report.unchanged} were there already."
    )
    dates = f"From {report.start} to {report.end}: " if report.start else ""
    screen.line(f"{dates}{report.metrics_in_short}")
    if report.skipped:
        screen.line(f"{report.skipped} lines have no number, which is no data and not zero.")
    if not report.has_departments:
        screen.line(f"The file has no departments: its numbers are of department {ALL}.")
    for plan, actual in report.plans:
        screen.line(f"{plan} is the plan of {actual}, by its name; a column plan_of can say otherwise (none: no plan).")
    for hint in weight_hints(report.unweighted):
        screen.line(hint)
    if lines := declaring_file(report.unweighted):
        screen.line("\n".join(["To declare it, import a file with these lines:", *lines]))
    return 0
