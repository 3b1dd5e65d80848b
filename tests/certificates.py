"""Certificates of devices for tests of mutual TLS."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from embereye.ingest.tls import ClientFiles

_PEM = serialization.Encoding.PEM


def device_certificate(folder, name="boiler-7", password=None):
    """A self-signed certificate that a device shows, and its key."""
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(secret, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    files = ClientFiles(folder / "device.crt", folder / "device.key")
    locked = serialization.BestAvailableEncryption(password) if password else None
    files.certificate.write_bytes(certificate.public_bytes(_PEM))
    files.key.write_bytes(
        secret.private_bytes(
            _PEM, serialization.PrivateFormat.PKCS8, locked or serialization.NoEncryption()
        )
    )
    return files


def server_certificate(folder, host="127.0.0.1"):
    """A self-signed certificate of a server at localhost and `host`, and its key: two files."""
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test server")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(host))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "server.crt", folder / "server.key"
    files[0].write_bytes(certificate.public_bytes(_PEM))
    files[1].write_bytes(
        secret.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
