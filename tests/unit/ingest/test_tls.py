import os
import socket
import ssl
import sys
from contextlib import ExitStack

import pytest
from certificates import device_certificate
from cryptography import x509

from embereye.config.sensor_options import Tls
from embereye.ingest import tls
from embereye.model.errors import ConfigError

NOW = 1_800_000_000.0  # s UTC
DAY = 86_400.0
SELF_SIGNED = Tls(mode="self-signed")


def made(folder, now=None):
    """A fresh self-signed pair below `folder`: certificate, key."""
    tls.server_context(SELF_SIGNED, folder, now)
    return folder / "certs" / tls.CERTIFICATE, folder / "certs" / tls.KEY


def handshake(server, client, name="localhost"):
    """Both ends after a handshake through memory; SSLError when one end refuses."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    done = [False, False]
    for _ in range(10):
        for number, end in enumerate(ends):
            try:
                end.do_handshake()
                done[number] = True
            except ssl.SSLWantReadError:
                pass
    assert all(done)
    ends[1].write(b"x")
    ends[0].read(1)
    ends[0].write(b"x")
    ends[1].read(1)  # TLS 1.3 checks the client's certificate only here
    return ends


def test_off_means_no_context_and_no_files(tmp_path):
    assert tls.server_context(Tls(), tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_self_signed_pair_is_made_once(tmp_path):
    certificate, key = made(tmp_path)
    before = certificate.read_bytes(), key.read_bytes()
    assert made(tmp_path) == (certificate, key)
    assert (certificate.read_bytes(), key.read_bytes()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no POSIX modes")
def test_only_the_owner_may_read_the_private_key(tmp_path):
    old = os.umask(0)
    try:
        certificate, key = made(tmp_path)
    finally:
        os.umask(old)
    assert [path.stat().st_mode & 0o777 for path in (certificate, key)] == [0o600] * 2


def test_a_self_signed_certificate_names_this_computer_and_lasts_ten_years(tmp_path):
    certificate = x509.load_pem_x509_certificate(made(tmp_path, NOW)[0].read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", socket.gethostname()} <= set(names.get_values_for_type(x509.DNSName))
    assert certificate.not_valid_before_utc.timestamp() < NOW
    assert certificate.not_valid_after_utc.timestamp() == NOW + 3650 * DAY


@pytest.mark.parametrize(("minimum", "version"), [("1.2", "TLSv1_2"), ("1.3", "TLSv1_3")])
def test_the_oldest_version_is_as_set(tmp_path, minimum, version):
    context = tls.server_context(Tls(mode="self-signed", minimum=minimum), tmp_path)
    assert context.minimum_version.name == version
    assert context.options & ssl.OP_NO_RENEGOTIATION


def test_a_client_that_speaks_only_an_older_version_is_refused(tmp_path):
    server = tls.server_context(Tls(mode="self-signed", minimum="1.3"), tmp_path)
    client = tls.client_context(tmp_path / "certs" / tls.CERTIFICATE, None)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        handshake(server, client)


def test_a_pinned_fingerprint_tells_the_right_certificate_from_another(tmp_path):
    right, other = made(tmp_path / "a")[0], made(tmp_path / "b")[0]
    server = tls.server_context(SELF_SIGNED, tmp_path / "a")
    client = tls.client_context(None, tls.fingerprint(right))
    peer, _ = handshake(server, client, "any.name")
    assert tls.matches(peer, tls.fingerprint(right))
    assert tls.matches(peer, tls.fingerprint(right).replace(":", "").lower())
    assert not tls.matches(peer, tls.fingerprint(other))


def test_a_server_that_the_authority_did_not_sign_is_refused(tmp_path):
    server = tls.server_context(SELF_SIGNED, tmp_path / "a")
    handshake(server, tls.client_context(made(tmp_path / "a")[0], None))
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, tls.client_context(made(tmp_path / "b")[0], None))


def test_mutual_tls_takes_only_devices_with_a_known_certificate(tmp_path):
    known, stranger = device_certificate(tmp_path / "k"), device_certificate(tmp_path / "s")
    section = Tls(mode="self-signed", client_ca=str(known.certificate))
    server = tls.server_context(section, tmp_path)
    pin = tls.fingerprint(tmp_path / "certs" / tls.CERTIFICATE)
    handshake(server, tls.client_context(None, pin, known))
    with pytest.raises(ssl.SSLError):
        handshake(server, tls.client_context(None, pin))
    with pytest.raises(ssl.SSLError):
        handshake(server, tls.client_context(None, pin, stranger))


def test_provided_files_are_used(tmp_path):
    certificate, key = made(tmp_path)
    section = Tls(mode="provided", certificate=str(certificate), key=str(key))
    server = tls.server_context(section, tmp_path / "other")
    handshake(server, tls.client_context(certificate, None))
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda c, k, o: c.unlink(), "cannot be read.*sensors.tls"),
        (lambda c, k, o: k.unlink(), "cannot be read"),
        (lambda c, k, o: c.write_text("nothing"), "no PEM certificate"),
        (lambda c, k, o: c.write_bytes(b"\xff\x00"), "no PEM certificate"),
        (lambda c, k, o: k.write_text("nothing"), "does not belong"),
        (lambda c, k, o: k.write_bytes(o.read_bytes()), "does not belong"),
        (lambda c, k, o: (c.unlink(), c.mkdir()), "cannot be read"),
    ],
)
def test_provided_files_that_cannot_be_used_are_named(tmp_path, break_it, words):
    certificate, key = made(tmp_path / "a")
    break_it(certificate, key, made(tmp_path / "b")[1])
    section = Tls(mode="provided", certificate=str(certificate), key=str(key))
    with pytest.raises(ConfigError, match=words):
        tls.server_context(section, tmp_path)


def test_a_key_with_a_password_is_refused_without_asking_for_it(tmp_path):
    certificate, key = device_certificate(tmp_path, password=b"secret")
    section = Tls(mode="provided", certificate=str(certificate), key=str(key))
    with pytest.raises(ConfigError, match="password"):
        tls.server_context(section, tmp_path)


@pytest.mark.parametrize(("later", "words"), [(3651, "expired on 20"), (-2, "valid from")])
def test_a_certificate_out_of_its_time_is_refused(tmp_path, later, words):
    certificate, key = made(tmp_path, NOW)
    section = Tls(mode="provided", certificate=str(certificate), key=str(key))
    with pytest.raises(ConfigError, match=words):
        tls.server_context(section, tmp_path, NOW + later * DAY)
    assert tls.server_context(section, tmp_path, NOW + 3649 * DAY) is not None


@pytest.mark.parametrize("content", [None, "nothing"])
def test_an_unusable_list_of_device_certificates_is_named(tmp_path, content):
    authority = tmp_path / "ca.pem"
    if content is not None:
        authority.write_text(content)
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        tls.server_context(Tls(mode="self-signed", client_ca=str(authority)), tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with ExitStack() as stack:
        stack.callback(tmp_path.chmod, 0o700)
        with pytest.raises(ConfigError, match="cannot be written"):
            made(tmp_path)


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path):
    (tmp_path / "certs").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        made(tmp_path)


def test_encryption_to_a_stranger_is_refused():
    with pytest.raises(ConfigError, match="needs something to trust"):
        tls.client_context(None, None)


@pytest.mark.parametrize("text", ["12", "z" * 64, "0" * 63, "0" * 65])
def test_what_is_no_fingerprint_is_refused(text):
    with pytest.raises(ConfigError, match="64 hexadecimal"):
        tls.client_context(None, text)
