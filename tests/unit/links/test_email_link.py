"""Mail is handed to a real server, encrypted and checked; no server can hold the console up."""

import email
import email.policy
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from certificates import server_certificate
from hypothesis import given
from hypothesis import strategies as st
from notify_parts import PASSWORD, USER, MailReceiver, allowance, free_port, mail_server

from embereye.links.email import Mail, MailServer, message_of, send_mail
from embereye.links.failure import DeliveryFailed

# The server of the tests says so where it takes a password without encryption.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")

MAIL = Mail(
    sender="console@example.com",
    recipients=("guard@example.com",),
    subject="emergency: fire at Halle Süd",
    body="fire at Halle Süd\nthermal max 91.2 °C ≥ 85 °C",
    key="0123abcd",
    at_utc=1_700_000_000.0,
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return server_certificate(tmp_path_factory.mktemp("tls"))


def trusting(files):
    return ssl.create_default_context(cafile=str(files[0]))


def server(port, **changes):
    return MailServer("127.0.0.1", port, "none", **changes)


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


@contextmanager
def talker(answer):
    """A server of one connection that says what `answer(connection)` does."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    over = threading.Event()

    def serve():
        while not over.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                with connection:
                    answer(connection, over)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join(10.0)
        listener.close()


def test_a_mail_arrives_with_its_texts_and_its_number():
    receiver = MailReceiver()
    with mail_server(receiver) as port:
        send_mail(server(port), MAIL, allowance())
    ((sender, recipients, content),) = receiver.taken
    message = read(content)
    assert (sender, recipients) == ("console@example.com", ["guard@example.com"])
    assert message["Subject"] == "emergency: fire at Halle Süd"
    assert message["Message-ID"] == "<0123abcd@example.com>"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().splitlines() == MAIL.body.splitlines()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted_servers_are_logged_in_to(files, security):
    receiver = MailReceiver()
    with mail_server(receiver, files, security, login=True) as port:
        place = MailServer("127.0.0.1", port, security, USER, PASSWORD, trusting(files))
        send_mail(place, MAIL, allowance())
    assert len(receiver.taken) == 1
    assert receiver.logins == [(USER, PASSWORD)]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_gets_neither_password_nor_mail(files, security):
    receiver = MailReceiver()
    with mail_server(receiver, files, security, login=True) as port:
        place = MailServer("127.0.0.1", port, security, USER, PASSWORD)
        with pytest.raises(DeliveryFailed, match="does not trust"):
            send_mail(place, MAIL, allowance())
    assert receiver.taken == []
    assert receiver.logins == []


def test_the_certificate_must_name_the_server(tmp_path):
    files = server_certificate(tmp_path, "127.0.0.9")
    receiver = MailReceiver()
    with mail_server(receiver, files, "starttls") as port:
        place = MailServer("127.0.0.1", port, "starttls", context=trusting(files))
        with pytest.raises(DeliveryFailed, match="does not trust"):
            send_mail(place, MAIL, allowance())
    assert receiver.taken == []


def test_a_server_without_encryption_gets_no_password():
    receiver = MailReceiver()
    with mail_server(receiver, login=True) as port:
        place = MailServer("127.0.0.1", port, "starttls", USER, PASSWORD)
        with pytest.raises(DeliveryFailed, match="no such encryption"):
            send_mail(place, MAIL, allowance())
    assert receiver.logins == []


def test_a_wrong_password_is_told_and_may_be_right_later():
    receiver = MailReceiver()
    rejected = pytest.raises(DeliveryFailed, match="rejects the user name or password")
    with mail_server(receiver, login=True) as port, rejected as caught:
        send_mail(server(port, user=USER, password="wr0ng-one"), MAIL, allowance())
    assert not caught.value.final
    assert "wr0ng-one" not in str(caught.value) + repr(caught.value)
    assert "wr0ng-one" not in repr(server(port, user=USER, password="wr0ng-one"))


@pytest.mark.parametrize(
    ("refused", "final", "partly", "rest"),
    [
        ({"a@example.com": "550 no"}, True, True, ()),
        ({"a@example.com": "451 later"}, False, True, ("a@example.com",)),
        ({"a@example.com": "550 no", "b@example.com": "550 no"}, True, False, ()),
        ({"a@example.com": "451 later", "b@example.com": "550 no"}, False, False, ()),
    ],
)
def test_who_lacks_it_is_told(refused, final, partly, rest):
    receiver = MailReceiver()
    receiver.refused = refused
    mail = replace(MAIL, recipients=("a@example.com", "b@example.com"))
    with mail_server(receiver) as port, pytest.raises(DeliveryFailed) as caught:
        send_mail(server(port), mail, allowance())
    failure = caught.value
    assert (failure.final, failure.partly, failure.rest) == (final, partly, rest)
    assert len(receiver.taken) == int(partly)


@pytest.mark.parametrize(("answer", "final"), [("554 spam", True), ("451 try later", False)])
def test_only_a_permanent_refusal_of_the_mail_is_final(answer, final):
    receiver = MailReceiver()
    receiver.answer = answer
    with mail_server(receiver) as port, pytest.raises(DeliveryFailed) as caught:
        send_mail(server(port), MAIL, allowance())
    assert caught.value.final is final


def test_nobody_at_the_port_can_be_tried_again():
    with pytest.raises(DeliveryFailed, match="cannot be reached") as caught:
        send_mail(server(free_port()), MAIL, allowance())
    assert not caught.value.final


def test_a_server_that_says_nothing_ends_with_the_deadline():
    late = pytest.raises(DeliveryFailed, match="in time")
    with talker(lambda connection, over: over.wait(10.0)) as port, late:
        send_mail(server(port), MAIL, allowance(0.3))


def test_a_server_that_trickles_ends_with_the_deadline():
    def trickle(connection, over):
        try:
            while not over.wait(0.05):
                connection.sendall(b"2")
        except OSError:
            pass

    with talker(trickle) as port, pytest.raises(DeliveryFailed):
        send_mail(server(port), MAIL, allowance(0.5))


def test_a_greeting_without_end_is_cut():
    def chatter(connection, over):
        try:
            while not over.is_set():
                connection.sendall(b"220-welcome to nowhere\r\n" * 1000)
        except OSError:
            pass

    with talker(chatter) as port, pytest.raises(DeliveryFailed, match="stop talking"):
        send_mail(server(port), MAIL, allowance(20.0))


@pytest.mark.paced
def test_a_handshake_that_hangs_ends_before_the_stop_of_the_program_does():
    def promise(connection, over):
        connection.sendall(b"220 hello\r\n")
        connection.recv(1000)
        connection.sendall(b"250-hello\r\n250 STARTTLS\r\n")
        connection.recv(1000)
        connection.sendall(b"220 go ahead\r\n")
        over.wait(20.0)

    started = time.monotonic()
    with talker(promise) as port, pytest.raises(DeliveryFailed):
        send_mail(MailServer("127.0.0.1", port, "starttls"), MAIL, allowance(60.0))
    assert time.monotonic() - started < 15.0


def test_another_protocol_is_told():
    def other(connection, over):
        connection.sendall(b"SSH-2.0-OpenSSH_9.0\r\n")
        over.wait(0.2)

    with talker(other) as port, pytest.raises(DeliveryFailed):
        send_mail(server(port), MAIL, allowance(3.0))


def test_a_stop_of_the_program_ends_the_wait():
    ended = pytest.raises(DeliveryFailed)
    with talker(lambda connection, over: over.wait(10.0)) as port, ended:
        send_mail(server(port), MAIL, allowance(30.0, cancelled=lambda: True))


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_text_adds_a_header_or_breaks_the_message(subject, body):
    content = message_of(replace(MAIL, subject=subject, body=body)).as_bytes()
    message = read(content)
    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
         "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    )  # fmt: skip
    assert not message.is_multipart()


@pytest.mark.parametrize("subject", ["a\r\nBcc: all@example.com", "a\nX: y", "a\u2028X: y", "a\0b"])
def test_a_header_cannot_be_injected(subject):
    message = message_of(replace(MAIL, subject=subject))
    assert "Bcc" not in message
    assert "X" not in message
    assert "\n" not in message["Subject"]
