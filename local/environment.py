"""The environment of this process while a stack runs in it. Imports neither moto nor boto3: they read it at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from local.template import REGION

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}
LOOPBACK = "127.0.0.1,localhost,::1"


@contextmanager
def own_environment() -> Iterator[None]:
    """While it lasts, this process has no AWS settings, profiles, proxies or Postgres defaults of the user's shell."""
    users = _take_out_settings()
    os.environ |= {
        **CREDENTIALS,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": LOOPBACK,
        "no_proxy": LOOPBACK,
    }
    try:
        yield
    finally:
        _take_out_settings()
        os.environ |= users
        forget_clients()


def _take_out_settings() -> dict[str, str]:
    found = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("AWS_", "PG", "MOTO_")) or name.lower().endswith("_proxy")
    }
    for name in found:
        del os.environ[name]
    return found


def forget_clients() -> None:
    """Clients made before, by anyone, look at another endpoint."""
    if boto3 := sys.modules.get("boto3"):
        vars(boto3)["DEFAULT_SESSION"] = None
    if parameters := sys.modules.get("aws_lambda_powertools.utilities.parameters"):
        parameters.clear_caches()
        parameters.base.DEFAULT_PROVIDERS.clear()
