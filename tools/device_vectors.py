"""Write docs/device-vectors.json: numbers against which device makers test their firmware.

    python tools/device_vectors.py

All keys and nonces in it are made up for this purpose and used nowhere else.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from embereye.ingest import enrolment_text
from embereye.ingest import secure_packet as wire

TARGET = Path(__file__).resolve().parents[1] / "docs" / "device-vectors.json"

DEVICE, KID, NEW_KID, BOOT, FIRMWARE = "boiler-7", "k1", "k2", 3, "1.4.0"
SECRET = sha256(b"EmberEye test vector, device key 1").digest()
NEW_SECRET = sha256(b"EmberEye test vector, device key 2").digest()
HELLO = wire.Hello(DEVICE, KID, BOOT, "0011223344556677", FIRMWARE)
SERVER_NONCE = "8899aabbccddeeff"
MS = 1_763_629_000_000  # 2025-11-20 08:56:40 UTC


def main() -> None:
    """Write the file."""
    text = json.dumps(vectors(), indent=2, ensure_ascii=False)
    TARGET.write_text(text + "\n", encoding="utf-8")
    print(TARGET)


def vectors() -> dict[str, Any]:
    """Everything in the file."""
    keys = wire.session_keys(SECRET, HELLO, SERVER_NONCE)
    context = f"{DEVICE}|{KID}|{BOOT}|{HELLO.nonce}|{SERVER_NONCE}"
    return {
        "about": "Test vectors of the authenticated device protocol; see device-protocol.md.",
        "enrolment": {
            "device": DEVICE,
            "kid": KID,
            "key": SECRET.hex(),
            "text": enrolment_text.write(DEVICE, KID, SECRET),
        },
        "session": {
            "hello": wire.hello(HELLO).decode(),
            "server_nonce": SERVER_NONCE,
            "to_server_input": f"ee2|c2s|{context}",
            "to_server_key": keys.to_server.hex(),
            "to_device_input": f"ee2|s2c|{context}",
            "to_device_key": keys.to_device.hex(),
        },
        "packets": _packets(keys),
        "rotation": _rotation(keys, context),
        "refused_by_the_device": _refused(keys),
    }


def _packets(keys: wire.SessionKeys) -> list[dict[str, str]]:
    frame = b"frame" + DEVICE.encode() + b":" + b"FFB6" * 768 + b"0001" * 66
    sensor = b"Sensor" + DEVICE.encode() + b":ADC1=269,ADC2=1310,ADC3=3,DIO=0"
    return [
        _entry("challenge", wire.challenge(keys.to_device, SERVER_NONCE, MS, 2, 977)),
        _entry("sensor values", wire.message(keys.to_server, 1, MS + 480, sensor)),
        _entry("thermal frame", wire.message(keys.to_server, 2, MS + 4085, frame)),
        _entry("acknowledgement", wire.acknowledgement(keys.to_device, 2)),
        _entry("receipt", wire.receipt(keys.to_device, 2)),
        _entry("command REQUEST1", wire.command(keys.to_device, 1, MS + 5000, b"REQUEST1")),
        _entry("command EEPROM1", wire.command(keys.to_device, 2, MS + 9000, b"EEPROM1")),
        _entry(
            "command TIME",
            wire.command(keys.to_device, 3, MS + 9500, b"TIME:%d" % (MS + 9500)),
        ),
        _entry("largest numbers", wire.message(keys.to_server, wire.MOST_NUMBER, MS, sensor)),
    ]


def _entry(name: str, packet: bytes) -> dict[str, str]:
    body = packet[1:-1]
    sealed = (
        wire.read_challenge(body)
        or wire.read_message(body)
        or wire.read_acknowledgement(body)
        or wire.read_receipt(body)
        or wire.read_command(body)
    )
    assert sealed is not None
    return {
        "name": name,
        "key": "to_server_key" if body.startswith(b"m2:") else "to_device_key",
        "covered": sealed.covered.decode(),
        "mac": sealed.mac.decode(),
        "packet": packet.decode(),
    }


def _rotation(keys: wire.SessionKeys, context: str) -> dict[str, str]:
    body = wire.wrap_key(SECRET, HELLO, SERVER_NONCE, NEW_KID, NEW_SECRET)
    return {
        "mask_input": f"ee2|key|{context}|{NEW_KID}",
        "new_kid": NEW_KID,
        "new_key": NEW_SECRET.hex(),
        "body": body.decode(),
        "packet": wire.command(keys.to_device, 4, MS + 9600, body).decode(),
    }


def _refused(keys: wire.SessionKeys) -> list[dict[str, str]]:
    """What comes after the packets above, on the same connection, and must change nothing."""
    command = wire.command(keys.to_device, 5, MS, b"PERIOD_ON").decode()
    flipped = command.replace("PERIOD_ON", "PERIOD_OM")
    reflected = wire.command(keys.to_server, 5, MS, b"PERIOD_ON").decode()
    replayed = wire.command(keys.to_device, 2, MS + 9000, b"EEPROM1").decode()
    padded = command.replace("#c2:5:", "#c2:05:")
    return [
        {"why": "one character of the body was changed", "packet": flipped},
        {"why": "the code is made with the key of the other direction", "packet": reflected},
        {"why": "the number is not above that of the last command", "packet": replayed},
        {"why": "numbers have no leading zero", "packet": padded},
        {"why": "the code lacks its last digit", "packet": _shortened(command)},
        {"why": "a command without a code", "packet": "#PERIOD_ON!"},
        {
            "why": "an acknowledgement of what was never sent",
            "packet": wire.acknowledgement(keys.to_device, 999_999).decode(),
        },
    ]


def _shortened(command: str) -> str:
    head, _, body = command.rpartition(":")
    return f"{head[:-1]}:{body}"


if __name__ == "__main__":
    main()
