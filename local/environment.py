"""The environment of this process while a stack runs in it. This module does not import moto and boto3, because they
read the environment at import."""

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
    """A context without the AWS settings, profiles, proxies and Postgres defaults of the user's shell."""
    user_settings = _remove_settings()
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
        _remove_settings()
        os.environ |= user_settings
        forget_clients()


def _remove_settings() -> dict[str, str]:
    settings = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("AWS_", "PG", "MOTO_")) or name.lower().endswith("_proxy")
    }
    for name in settings:
        del os.environ[name]
    return settings


def forget_clients() -> None:
    """Forget cached AWS clients: they use an earlier endpoint."""
    if boto3 := sys.modules.get("boto3"):
        vars(boto3)["DEFAULT_SESSION"] = None
    if parameters := sys.modules.get("aws_lambda_powertools.utilities.parameters"):
        parameters.clear_caches()
        parameters.base.DEFAULT_PROVIDERS.clear()
