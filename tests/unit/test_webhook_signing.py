"""Signatures of webhooks, checked by the library of Standard Webhooks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from baton import webhook_signing

KEY = "k" * 64
ID, OTHER = "5d1e0000-0000-4000-8000-000000000001", "5d1e0000-0000-4000-8000-000000000002"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_the_library_accepts_the_signature_of_any_body(text: str) -> None:
    secret = webhook_signing.secret(KEY, ID, 1)
    headers = webhook_signing.headers([secret], "event", int(time.time()), text.encode())
    try:
        Webhook(secret).verify(text, headers)
    except ValueError as error:
        assert "JSON" in type(error).__name__


def test_another_body_id_or_secret_is_refused() -> None:
    secret, now = webhook_signing.secret(KEY, ID, 1), int(time.time())
    headers = webhook_signing.headers([secret], "event", now, b"{}")
    Webhook(secret).verify("{}", headers)
    wrong = [
        (secret, "{ }", headers),
        (secret, "{}", {**headers, "webhook-id": "another"}),
        (secret, "{}", {**headers, "webhook-timestamp": str(now - 1)}),
        (webhook_signing.secret(KEY, ID, 2), "{}", headers),
    ]
    for one, body, sent in wrong:
        with pytest.raises(WebhookVerificationError):
            Webhook(one).verify(body, sent)


def test_during_a_rotation_both_secrets_verify() -> None:
    secrets = [webhook_signing.secret(KEY, ID, version) for version in (2, 1)]
    headers = webhook_signing.headers(secrets, "event", int(time.time()), b"{}")
    for secret in secrets:
        Webhook(secret).verify("{}", headers)


def test_each_key_webhook_and_version_has_a_secret_of_its_own_that_stays() -> None:
    secrets = [
        webhook_signing.secret(key, webhook, version)
        for key in (KEY, "l" * 64)
        for webhook in (ID, OTHER)
        for version in (1, 2)
    ]
    assert len({*secrets}) == 8
    assert secrets[0] == webhook_signing.secret(KEY, ID, 1)
    # Receivers keep their secrets: another way of deriving them would break every one.
    assert secrets[0] == "whsec_8MVai32bSDJTgFejpAAyjb5Bp+XyVvypA5M+I2bx5eY="
