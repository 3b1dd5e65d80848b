"""Device keys at rest: sealed with a master key that lies in the secret store.

AES-256-GCM; the sealed bytes are bound to the device and the name of the key, so that a row copied
to another device does not open there. Random nonces of 96 bits are safe for 2**32 seals under one
master key (source: NIST SP 800-38D, section 8.3).
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from embereye.config.secrets import SecretStore
from embereye.model.credential import KEY_BYTES
from embereye.model.errors import SealBroken

MASTER = "device-keys"  # its name in the secret store

_FORM = b"\x01"  # first byte of all sealed bytes: AES-256-GCM, nonce, then text with tag
_NONCE = 12  # bytes; source: NIST SP 800-38D, section 5.2.1.1
_TAG = 16  # bytes
_MASTER = 32  # bytes of an AES-256 key

_REMEDY = (
    "Restore secrets.bin and secret.key from a backup (or unlock the key ring), or revoke the"
    " device and enrol it again."
)


class Seal:
    """Encrypts and decrypts device keys. Immutable; any thread."""

    def __init__(self, master: bytes) -> None:
        self._cipher = AESGCM(master)

    def close(self, device: str, kid: str, secret: bytes) -> bytes:
        """The sealed form of a key (61 bytes for one of 32)."""
        nonce = secrets.token_bytes(_NONCE)
        return _FORM + nonce + self._cipher.encrypt(nonce, secret, _bound(device, kid))

    def open(self, device: str, kid: str, sealed: bytes) -> bytes:
        """The key inside, 32 bytes.

        Raises:
            SealBroken: Damaged, of another device, or sealed with another master key.
        """
        if len(sealed) == len(_FORM) + _NONCE + KEY_BYTES + _TAG and sealed.startswith(_FORM):
            nonce, text = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
            try:
                return self._cipher.decrypt(nonce, text, _bound(device, kid))
            except InvalidTag:
                pass  # told below, as other damage is
        raise SealBroken(f"The stored key {kid} of device {device} cannot be decrypted. {_REMEDY}")


def open_seal(store: SecretStore, *, make: bool) -> Seal:
    """The seal of a data directory; may block for a few seconds, as key rings do.

    Args:
        make: Whether a master key is made where there is none; never while keys are stored that
            need the lost one.

    Raises:
        SealBroken: There is no master key, or what is stored as one is damaged.
        ConfigError: The secret store cannot be used.
    """
    found = store.read(MASTER)
    if found is None:
        if not make:
            raise SealBroken(f"The key that opens the stored device keys is missing. {_REMEDY}")
        found = secrets.token_hex(_MASTER)
        store.write(MASTER, found)
    try:
        master = bytes.fromhex(found)
    except ValueError:
        master = b""
    if len(master) != _MASTER:
        raise SealBroken(f"The key that opens the stored device keys is damaged. {_REMEDY}")
    return Seal(master)


def _bound(device: str, kid: str) -> bytes:
    return f"{device}|{kid}".encode()
