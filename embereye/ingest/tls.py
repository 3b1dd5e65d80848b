"""Encryption of the sensor port: certificates in, contexts of the standard library out.

TLS hides what devices say; who they are is proved by their keys in any case
(`ingest.secure_packet`). Files only, no network.
"""

import datetime
import os
import socket
import ssl
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from embereye.config.sensor_options import Tls
from embereye.model.errors import ConfigError
from embereye.runtime.clock import SystemClock

CERTIFICATE, KEY = "sensors.crt", "sensors.key"  # of mode self-signed, in the folder "certs"

_YEARS = 10  # the life of a device in the field; a pinned certificate is exchanged by hand
_DAY = datetime.timedelta(days=1)  # clocks of devices that are behind accept it too
_PEM, _DER = serialization.Encoding.PEM, serialization.Encoding.DER
_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class ClientFiles(NamedTuple):
    """What a device shows to a listener with mutual TLS."""

    certificate: Path
    key: Path


def server_context(
    section: Tls, folder: Path, now_utc: float | None = None
) -> ssl.SSLContext | None:
    """The listener's side; None in mode off.

    Mode self-signed makes its files once in `folder`/certs. ConfigError says what to do about
    files that are missing, unreadable, expired or do not belong together; the dates of the
    certificate are compared with `now_utc` (seconds; None: this machine's clock).
    """
    if section.mode == "off":
        return None
    if section.mode == "self-signed":
        certificate, key = _own_files(folder / "certs", now_utc)
    else:
        certificate, key = Path(section.certificate), Path(section.key)
    _check_dates(certificate, now_utc)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[section.minimum]
    context.options |= ssl.OP_NO_RENEGOTIATION  # a peer could ask for one after the other
    _load_pair(context, certificate, key)
    if section.client_ca:
        _load_authorities(context, Path(section.client_ca))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(
    authority: Path | None, fingerprint_text: str | None, own: ClientFiles | None = None
) -> ssl.SSLContext:
    """A device's side: trusts what `authority` (PEM) signed, or one pinned certificate.

    With a fingerprint alone the caller must check `matches` before it sends anything. ConfigError
    when neither is given: encryption to a stranger protects nothing.
    """
    if authority is None and not fingerprint_text:
        raise ConfigError(
            "TLS needs something to trust: give the fingerprint of the listener's certificate or"
            " the file with its authority."
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if fingerprint_text:
        plain_fingerprint(fingerprint_text)
        context.check_hostname = False  # the pin says more than a name
    if authority is not None:
        _load_authorities(context, authority)
    else:
        context.verify_mode = ssl.CERT_NONE  # replaced by the pin, see `matches`
    if own is not None:
        _load_pair(context, own.certificate, own.key)
    return context


def fingerprint(path: Path) -> str:
    """SHA-256 of the first certificate of a PEM file, as 32 pairs of digits between colons."""
    return _with_colons(sha256(_certificate(path).public_bytes(_DER)).hexdigest())


def plain_fingerprint(text: str) -> str:
    """64 lower-case hex digits of a SHA-256 fingerprint as people write it; ConfigError."""
    digits = text.strip().lower().removeprefix("sha256:").replace(":", "").replace(" ", "")
    if len(digits) != 64 or any(digit not in "0123456789abcdef" for digit in digits):
        raise ConfigError(
            "A certificate's fingerprint is its SHA-256: 64 hexadecimal digits, with or without"
            " colons."
        )
    return digits


def matches(peer: ssl.SSLObject | ssl.SSLSocket, fingerprint_text: str) -> bool:
    """Whether the certificate that the other side showed is the pinned one."""
    shown = peer.getpeercert(binary_form=True)
    return shown is not None and sha256(shown).hexdigest() == plain_fingerprint(fingerprint_text)


def _own_files(folder: Path, now_utc: float | None) -> tuple[Path, Path]:
    certificate, key = folder / CERTIFICATE, folder / KEY
    if not (certificate.exists() and key.exists()):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            secret = ec.generate_private_key(ec.SECP256R1())
            pem = secret.private_bytes(
                _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            _write(key, pem)
            _write(certificate, _self_signed(secret, _moment(now_utc)).public_bytes(_PEM))
        except OSError as error:
            raise ConfigError(
                f"The certificate of the encrypted sensor port cannot be written to {folder}:"
                f" {error.strerror or error}. Make the folder writable or switch TLS off."
            ) from error
    return certificate, key


def _self_signed(secret: ec.EllipticCurvePrivateKey, now: datetime.datetime) -> x509.Certificate:
    host = socket.gethostname()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"EmberEye sensors {host}"[:64])])
    names: list[x509.GeneralName] = [
        x509.DNSName(text) for text in dict.fromkeys(("localhost", host)) if text.isascii()
    ]
    names += [x509.IPAddress(ip_address(text)) for text in ("127.0.0.1", "::1")]
    usage = [ExtendedKeyUsageOID.SERVER_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _YEARS * 365 * _DAY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(secret.public_key()), critical=False
        )
        .sign(secret, hashes.SHA256())
    )


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; complete or not at all."""
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _load_pair(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    for path in (certificate, key):
        _readable(path)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigError(
            f"The private key {key} does not belong to the certificate {certificate}, or one of"
            " them is damaged or has a password. Give a matching pair of PEM files without"
            " password."
        ) from error


def _no_password() -> str:
    """Instead of the question on the terminal that OpenSSL would ask."""
    return ""


def _load_authorities(context: ssl.SSLContext, path: Path) -> None:
    _readable(path)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError as error:
        raise ConfigError(
            f"{path} holds no PEM certificate to trust. Give another file."
        ) from error


def _check_dates(path: Path, now_utc: float | None) -> None:
    certificate, now = _certificate(path), _moment(now_utc)
    if now > certificate.not_valid_after_utc:
        raise ConfigError(
            f"The certificate {path} expired on {certificate.not_valid_after_utc:%Y-%m-%d}."
            " Replace it, or delete a self-signed one so that a new one is made."
        )
    if now < certificate.not_valid_before_utc:
        raise ConfigError(
            f"The certificate {path} is valid from {certificate.not_valid_before_utc:%Y-%m-%d}"
            " only. Set this computer's clock, or replace the certificate."
        )


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_readable(path))
    except ValueError as error:
        raise ConfigError(f"{path} holds no PEM certificate. Give another file.") from error


def _readable(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror or error}. Correct the path in the settings"
            " (sensors.tls) or the permissions of the file."
        ) from error


def _with_colons(digits: str) -> str:
    return ":".join(digits[n : n + 2] for n in range(0, len(digits), 2)).upper()


def _moment(now_utc: float | None) -> datetime.datetime:
    utc = SystemClock().now().utc if now_utc is None else now_utc
    return datetime.datetime.fromtimestamp(utc, datetime.UTC)
