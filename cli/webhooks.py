"""``baton webhooks``: URLs that get the events of an organisation's runs. For its admins."""

from __future__ import annotations

import argparse
import time
from typing import Any, assert_never

from baton.model import DeliveryStatus, EventType, WebhookStatus
from baton_client.webhooks import Delivery, IssuedWebhook, Webhook, WebhookChanges
from cli import pages
from cli.command import Command, Subparsers, add_parser
from cli.errors import CommandFailed

TEST_SECONDS = 60.0  # for the result of a test; a request has 15
LOOK_SECONDS = 0.5
_COLUMNS = ("ID", "STATUS", "EVENTS", "URL", "DESCRIPTION")
_DELIVERY_COLUMNS = ("ID", "EVENT", "STATUS", "ATTEMPTS", "ANSWER", "CREATED", "NEXT ATTEMPT", "ERROR")


def add_parsers(subparsers: Subparsers) -> None:
    summary = "register URLs that get the events of runs, test them, look at what they got"
    noun = subparsers.add_parser("webhooks", help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    verbs = noun.add_subparsers(metavar="VERB", required=True)

    show = add_parser(verbs, "list", list_webhooks, "list the webhooks")
    create = add_parser(
        verbs, "create", create_webhook, "register a URL and print its secret; it cannot be shown again"
    )
    create.add_argument("url", metavar="URL", help="begins with https://")
    create.add_argument("--description", metavar="TEXT", default="", help="what it is for")
    _add_events(create)
    update = add_parser(verbs, "update", update_webhook, "change a webhook; with another URL, it needs a test again")
    update.add_argument("--url", metavar="URL", help="another URL")
    update.add_argument("--description", metavar="TEXT", help="what it is for")
    _add_events(update).add_argument("--all-events", action="store_true", help="events of all types")
    switch = update.add_mutually_exclusive_group()
    switch.add_argument("--enable", action="store_true", dest="enabled", default=None, help="turn it on; then test it")
    switch.add_argument("--disable", action="store_false", dest="enabled", default=None, help="turn it off")

    test = add_parser(verbs, "test", test_webhook, "send a ping; a webhook that answers it gets events from then on")
    rotate = add_parser(verbs, "rotate", rotate_webhook, "print a new secret; for a day, both sign the requests")
    delete = add_parser(verbs, "delete", delete_webhook, "delete a webhook and its deliveries")
    deliveries = add_parser(verbs, "deliveries", list_deliveries, "list the deliveries of the last 30 days")
    again = add_parser(verbs, "redeliver", redeliver, "deliver an event once more, with the same webhook-id")
    for verb in (update, test, rotate, delete, deliveries, again):
        verb.add_argument("id", metavar="ID", help="the webhook's id, or its URL")
    again.add_argument("delivery", metavar="DELIVERY", help="the id that `baton webhooks deliveries` shows")
    deliveries.add_argument("--status", choices=[str(status) for status in DeliveryStatus])
    deliveries.add_argument("--limit", type=int, metavar="N", default=20, help="the size of a page (default: 20)")
    deliveries.add_argument("--cursor", metavar="CURSOR", help="the next page: the cursor that the page before shows")
    for verb in (show, create, update, test, rotate, delete, deliveries, again):
        verb.add_argument("--org", metavar="ORG", help="the organisation (default: BATON_ORG)")


def _add_events(parser: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    events = parser.add_mutually_exclusive_group()
    events.add_argument(
        "--event", action="append", dest="events", choices=[str(event) for event in EventType], metavar="TYPE",
        help="a type of events, such as orchestration.run.completed; repeat it for each",
    )  # fmt: skip
    events.add_argument("--callbacks-only", action="store_true", help="only callbacks of launches use it")
    return events


def webhook_id(command: Command) -> str:
    """The id of the webhook that the arguments name. Raises CommandFailed if none has the URL."""
    named: str = command.arguments.id
    if "://" not in named:
        return named
    for webhook in command.client.webhooks.list(command.organization):
        if webhook["url"] == named:
            return webhook["id"]
    raise CommandFailed(f"{command.organization} has no webhook with the URL {named}: see `baton webhooks list`.")


def list_webhooks(command: Command) -> int:
    screen = command.screen
    webhooks = command.client.webhooks.list(command.organization)
    if screen.json:
        screen.document(webhooks)
    elif not webhooks:
        screen.line(f"{command.organization} has no webhooks.")
    else:
        screen.table(_COLUMNS, [_row(webhook) for webhook in webhooks])
    return 0


def create_webhook(command: Command) -> int:
    arguments = command.arguments
    issued = command.client.webhooks.create(
        arguments.url,
        event_types=[] if arguments.callbacks_only else arguments.events,
        description=arguments.description,
        organization=command.organization,
    )
    hint = f"Its id is {issued['id']}. Give the secret to the receiver, then: baton webhooks test {issued['id']}"
    return _show_secret(command, issued, hint)


def update_webhook(command: Command) -> int:
    changes = _changes(command.arguments)
    if not changes:
        raise CommandFailed("There is nothing to change: see `baton webhooks update --help`.")
    webhook = command.client.webhooks.update(webhook_id(command), organization=command.organization, **changes)
    if command.screen.json:
        command.screen.document(webhook)
        return 0
    command.screen.line(f"{webhook['id']} is {webhook['status']}.")
    if WebhookStatus(webhook["status"]) is WebhookStatus.UNVERIFIED:
        command.screen.to_stderr(f"It gets no events until it answers: baton webhooks test {webhook['id']}")
    return 0


def _changes(arguments: argparse.Namespace) -> WebhookChanges:
    changes: WebhookChanges = {}
    if arguments.url is not None:
        changes["url"] = arguments.url
    if arguments.description is not None:
        changes["description"] = arguments.description
    if arguments.callbacks_only or arguments.events or arguments.all_events:
        changes["event_types"] = None if arguments.all_events else arguments.events or []
    if arguments.enabled is not None:
        changes["enabled"] = arguments.enabled
    return changes


def rotate_webhook(command: Command) -> int:
    issued = command.client.webhooks.rotate(webhook_id(command), organization=command.organization)
    return _show_secret(command, issued, f"The secret before signs as well until {issued['earlierSecretEndsAt']}.")


def delete_webhook(command: Command) -> int:
    command.client.webhooks.delete(webhook_id(command), organization=command.organization)
    command.screen.line(f"{command.arguments.id} is deleted.")
    return 0


def test_webhook(command: Command) -> int:
    """Send a ping and wait for what comes of it. The command fails if the webhook did not answer with success."""
    screen, tested = command.screen, webhook_id(command)
    ping = command.client.webhooks.test(tested, organization=command.organization)
    given_up_at = time.monotonic() + TEST_SECONDS
    while ping["status"] == "pending" and time.monotonic() < given_up_at:
        time.sleep(LOOK_SECONDS)
        page = command.client.webhooks.deliveries(tested, limit=100, organization=command.organization)
        ping = next((one for one in page["deliveries"] if one["id"] == ping["id"]), ping)
    if screen.json:
        screen.document(ping)
    match DeliveryStatus(ping["status"]):
        case DeliveryStatus.DELIVERED:
            screen.line(f"It answered {ping['responseStatus']}: the webhook is active.")
            return 0
        case DeliveryStatus.FAILED:
            screen.to_stderr(f"The ping failed: {ping['error']}.")
        case DeliveryStatus.PENDING:
            screen.to_stderr(f"There is no answer yet: baton webhooks deliveries {tested}")
        case unknown:
            assert_never(unknown)
    return 1


def list_deliveries(command: Command) -> int:
    arguments = command.arguments
    page = command.client.webhooks.deliveries(
        webhook_id(command),
        status=arguments.status,
        cursor=arguments.cursor,
        limit=arguments.limit,
        organization=command.organization,
    )
    return pages.show(command, page, "deliveries", _DELIVERY_COLUMNS, _delivery_row)


def redeliver(command: Command) -> int:
    arguments, screen = command.arguments, command.screen
    ordered = command.client.webhooks.redeliver(
        webhook_id(command), arguments.delivery, organization=command.organization
    )
    if screen.json:
        screen.document(ordered)
    screen.line(f"{ordered['eventType']} {ordered['eventId']} will be delivered again.")
    return 0


def _show_secret(command: Command, issued: IssuedWebhook, hint: str) -> int:
    if command.screen.json:
        command.screen.document(issued)
        return 0
    command.screen.raw(f"{issued['secret']}\n")  # alone on standard output, for $(…)
    command.screen.to_stderr(f"It cannot be shown again. {hint}")
    return 0


def _row(webhook: Webhook) -> tuple[Any, ...]:
    types, status = webhook["eventTypes"], webhook["status"]
    events = "all" if types is None else ", ".join(types) or "callbacks"
    reason = f" ({webhook['disabledReason']})" if webhook["disabledReason"] else ""
    return webhook["id"], f"{status}{reason}", events, webhook["url"], webhook["description"]


def _delivery_row(delivery: Delivery) -> tuple[Any, ...]:
    return (
        delivery["id"],
        delivery["eventType"],
        delivery["status"],
        delivery["attempts"],
        delivery["responseStatus"],
        delivery["createdAt"],
        delivery["nextAttemptAt"],
        delivery["error"],
    )
