"""Webhooks are signed, and no answer holds the console up or leads it elsewhere."""

import hashlib
import hmac
import ssl
from dataclasses import replace

import pytest
from certificates import server_certificate
from notify_parts import HookReceiver, allowance, free_port, webhook

from embereye.links.failure import DeliveryFailed
from embereye.links.webhook import Hook, post

SECRET = "a key of the signature"
BODY = b'{"event":"announced"}'
NOW = 1_700_000_000.5


def hook(port, **changes):
    made = Hook(False, "127.0.0.1", port, "/alarms?x=1", f"127.0.0.1:{port}", {}, SECRET)
    return replace(made, **changes)


def refused(*script, seconds=5.0):
    receiver = HookReceiver(*script)
    with webhook(receiver) as port, pytest.raises(DeliveryFailed) as caught:
        post(hook(port), BODY, "key-1", NOW, allowance(seconds))
    return receiver, caught.value


def test_a_notice_arrives_signed_and_numbered():
    receiver = HookReceiver(204)
    with webhook(receiver) as port:
        post(hook(port, headers={"X-Site": "north"}), BODY, "key-1", NOW, allowance())
    ((path, headers, body),) = receiver.requests
    assert (path, body) == ("/alarms?x=1", BODY)
    assert headers["Idempotency-Key"] == "key-1"
    assert headers["X-Site"] == "north"
    # As docs/notifications.md tells receivers to verify it.
    signed = headers["X-EmberEye-Timestamp"].encode() + b"." + body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-EmberEye-Signature"] == f"sha256={digest}"
    assert headers["X-EmberEye-Timestamp"] == "1700000000"


def test_without_a_secret_nothing_is_signed():
    receiver = HookReceiver()
    with webhook(receiver) as port:
        post(hook(port, secret=""), BODY, "key-1", NOW, allowance())
    assert "X-EmberEye-Signature" not in receiver.requests[0][1]


def test_certificates_are_checked(tmp_path):
    files = server_certificate(tmp_path)
    receiver = HookReceiver()
    trusting = ssl.create_default_context(cafile=str(files[0]))
    with webhook(receiver, files) as port:
        post(hook(port, secure=True, context=trusting), BODY, "key-1", NOW, allowance())
        with pytest.raises(DeliveryFailed, match="not trust"):
            post(hook(port, secure=True), BODY, "key-2", NOW, allowance())
    assert receiver.keys() == ["key-1"]


@pytest.mark.parametrize("status", [500, 502, 503, 408, 425, 429])
def test_what_may_work_later_is_not_final(status):
    assert not refused(status)[1].final


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
def test_what_will_never_be_taken_is_final(status):
    assert refused(status)[1].final


def test_a_redirection_is_not_followed():
    with webhook(HookReceiver()) as elsewhere:
        receiver, failure = refused((302, {"Location": f"http://127.0.0.1:{elsewhere}/"}))
    assert len(receiver.requests) == 1
    assert failure.final


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("99999999999999999999", 3600.0),
        ("-5", None),
        ("soon", None),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 59.5),
        ("Tue, 14 Nov 2000 22:14:20 GMT", 0.0),
        ("", None),
    ],
)
def test_retry_after_is_respected_within_reason(text, seconds):
    assert refused((429, {"Retry-After": text}))[1].after == seconds


@pytest.mark.parametrize("script", ["hang", "garbage", "cut"])
def test_a_receiver_that_lies_can_be_tried_again(script):
    receiver, failure = refused(script, seconds=0.4)
    assert not failure.final
    assert len(receiver.requests) == 1


def test_an_endless_answer_is_not_read_to_its_end():
    receiver = HookReceiver("endless")
    with webhook(receiver) as port:
        post(hook(port), BODY, "key-1", NOW, allowance(30.0))
    assert len(receiver.requests) == 1


def test_nobody_at_the_port_can_be_tried_again():
    with pytest.raises(DeliveryFailed, match="cannot be reached") as caught:
        post(hook(free_port()), BODY, "key-1", NOW, allowance())
    assert not caught.value.final


def test_no_secret_is_in_a_text():
    made = hook(1, headers={"Authorization": "Bearer t0ken"})
    assert "t0ken" not in repr(made)
    assert SECRET not in repr(made)
