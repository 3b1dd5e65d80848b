"""Settings of notices: what could do harm or nothing is refused with what to write instead."""

import pytest
from pydantic import ValidationError

from embereye.config.notify_options import (
    EmailTarget,
    Notifications,
    Occasion,
    RelayTarget,
    WebhookTarget,
)


def mail(**changes):
    return EmailTarget(**{"id": "m", "name": "Mail", **changes})


@pytest.mark.parametrize(
    "address",
    ["a@b.example", "first.last+alarm@sub.example.com", "o'neil@example.com", "a@localhost"],
)
def test_addresses_of_people(address):
    assert mail(recipients=(address,), sender=address).recipients == (address,)


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b", "a b@c.de", "a@b\r\nBcc: x@y.z", "a@b.de, c@d.de", "<a@b.de>",
     "a@b..de", "ä@example.com", "a@ex\u202eample.com", "x" * 300 + "@b.de"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError):
        mail(recipients=(address,))


@pytest.mark.parametrize("host", ["mail example", "mail:25", "a\r\nb", "https://mail", "a/b"])
def test_a_server_is_a_name_alone(host):
    with pytest.raises(ValidationError):
        mail(host=host)


@pytest.mark.parametrize("template", ["$password", "$", "${place.x}"])
def test_templates_are_checked_where_they_are_entered(template):
    for name in ("subject", "body"):
        with pytest.raises(ValidationError, match=r"\$"):
            mail(**{name: template})


def test_a_subject_has_one_line():
    with pytest.raises(ValidationError, match="one line"):
        mail(subject="a\nBcc: x@y.z")


@pytest.mark.parametrize(
    "line",
    ["no colon", "X-A: b\r\nX-B: c", "X A: b", "Host: other", "Content-Length: 5",
     "X-EmberEye-Signature: x", "Authorization: Bearer t0ken", "Cookie: a", "X-A: ü"],
)  # fmt: skip
def test_headers_that_lie_or_carry_secrets_are_refused(line):
    with pytest.raises(ValidationError) as caught:
        WebhookTarget(id="h", name="Hook", headers=(line,))
    assert "t0ken" not in str(caught.value.errors()[0]["msg"])


def test_headers_that_say_something():
    lines = ("X-Site: north plant", "X-Empty:")
    assert WebhookTarget(id="h", name="Hook", headers=lines).headers == lines


@pytest.mark.parametrize("text", ["", "A", "GG", "0xA0", "A0,01"])
def test_bytes_of_a_relay_are_hexadecimal(text):
    with pytest.raises(ValidationError):
        RelayTarget(id="r", name="Relay", on=text)


def test_on_and_off_of_a_relay_differ():
    with pytest.raises(ValidationError, match="different"):
        RelayTarget(id="r", name="Relay", line="bytes", on="a0 01", off="A001")


@pytest.mark.parametrize("times", [("22:00", ""), ("", "06:00"), ("25:00", "06:00"), ("22", "6")])
def test_quiet_hours_have_a_begin_and_an_end(times):
    with pytest.raises(ValidationError):
        Occasion(quiet_from=times[0], quiet_to=times[1])


def test_an_id_belongs_to_one_target_of_all_kinds():
    with pytest.raises(ValidationError, match="used by two"):
        Notifications(emails=(mail(id="x"),), webhooks=(WebhookTarget(id="x", name="Hook"),))
