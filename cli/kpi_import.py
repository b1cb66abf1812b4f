"""``baton kpi import``: the command. ``cli.kpi`` does the work."""

from __future__ import annotations

from dataclasses import asdict

import psycopg

from baton_client import Unreachable
from cli.command import Command, Subparsers, add_parser
from cli.errors import CommandFailed
from cli.kpi import import_csv


def add_parsers(subparsers: Subparsers) -> None:
    kpi = subparsers.add_parser("kpi", help="import your own numbers", description="Import your own numbers.")
    verbs = kpi.add_subparsers(metavar="VERB", required=True)
    importing = add_parser(verbs, "import", import_file, "import a CSV file of KPI data, all or nothing")
    importing.add_argument("file", metavar="FILE.csv", help="company,department,metric,unit,aggregation,date,value")
    importing.add_argument("--org", metavar="ORG", help="the organisation that owns the numbers (default: BATON_ORG)")


def import_file(command: Command) -> int:
    try:
        report = import_csv(command.database_url, command.arguments.file, command.organization)
    except psycopg.OperationalError as error:
        raise Unreachable(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error
    except psycopg.ProgrammingError as error:
        raise CommandFailed(f"The database of DATABASE_URL refused: {str(error).strip()}") from error
    screen = command.screen
    if screen.json:
        screen.document({**asdict(report), "unchanged": report.unchanged})
        return 0
    screen.line(
        f"{report.rows} rows: {report.inserted} new, {report.updated} replaced, {report.unchanged} were there already."
    )
    dates = f"From {report.start} to {report.end}: " if report.start else ""
    screen.line(f"{dates}{report.metrics_in_short}")
    for plan, actual in report.plans:
        screen.line(f"{plan} is the plan of {actual}, by its name; a column plan_of can say otherwise (none: no plan).")
    return 0
