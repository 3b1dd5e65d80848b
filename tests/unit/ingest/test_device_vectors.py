"""The test vectors for device makers, computed a second time without the code that made them."""

import hashlib
import hmac
import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from embereye.ingest.auth_client import AuthClient, ClientKey, Memory, Phase

ROOT = Path(__file__).resolve().parents[3]
VECTORS = json.loads((ROOT / "docs" / "device-vectors.json").read_text(encoding="utf-8"))
ENROLMENT, SESSION, ROTATION = (VECTORS[part] for part in ("enrolment", "session", "rotation"))
DEVICE_KEY = bytes.fromhex(ENROLMENT["key"])


def code(key, text):
    return hmac.new(key, text.encode("ascii"), hashlib.sha256).digest()


def packet(name):
    return next(p["packet"] for p in VECTORS["packets"] if p["name"] == name).encode()


def opened():
    """The reference client after the hello and the challenge of the vectors, its commands."""
    commands = []
    memory = Memory(3, (ClientKey(ENROLMENT["kid"], DEVICE_KEY),))
    client = AuthClient(ENROLMENT["device"], memory, commands.append, "1.4.0", 1_763_629_000_000)
    nonce = SESSION["hello"].split(":")[4]
    assert client.connected(nonce, 0).decode() == SESSION["hello"]
    client.receive(packet("challenge"), 0)
    assert client.phase is Phase.OPEN
    return client, commands


def test_the_file_is_what_the_script_makes():
    spec = spec_from_file_location("device_vectors", ROOT / "tools" / "device_vectors.py")
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.vectors() == VECTORS


def test_the_enrolment_text_ends_with_its_check():
    head = f"ee2:{ENROLMENT['device']}:{ENROLMENT['kid']}:{ENROLMENT['key']}"
    check = hashlib.sha256(head.encode("ascii")).hexdigest()[:8]
    assert ENROLMENT["text"] == f"{head}:{check}"


@pytest.mark.parametrize(("name", "word"), [("to_server", "c2s"), ("to_device", "s2c")])
def test_session_keys(name, word):
    _, device, kid, boot, nonce, _ = SESSION["hello"].strip("#!").split(":")
    text = f"ee2|{word}|{device}|{kid}|{boot}|{nonce}|{SESSION['server_nonce']}"
    assert SESSION[f"{name}_input"] == text
    assert SESSION[f"{name}_key"] == code(DEVICE_KEY, text).hex()


@pytest.mark.parametrize("vector", VECTORS["packets"], ids=lambda vector: vector["name"])
def test_codes(vector):
    before, _, after = vector["packet"].removesuffix("!").partition(f":{vector['mac']}")
    assert vector["covered"] == f"{before}:{after.removeprefix(':')}"
    session_key = bytes.fromhex(SESSION[vector["key"]])
    assert vector["mac"] == code(session_key, vector["covered"])[:16].hex()


def test_the_mask_of_a_new_key():
    mask = code(DEVICE_KEY, ROTATION["mask_input"])
    masked = bytes(a ^ b for a, b in zip(mask, bytes.fromhex(ROTATION["new_key"]), strict=True))
    assert ROTATION["body"] == f"KEY:{ROTATION['new_kid']}:{masked.hex()}"
    assert ROTATION["mask_input"].endswith(f"|{SESSION['server_nonce']}|{ROTATION['new_kid']}")


def test_the_reference_client_says_the_packets():
    client, _ = opened()
    wanted = packet("sensor values"), packet("thermal frame")
    for said, uptime in zip(wanted, (480, 4085), strict=True):
        client.offer(said.removesuffix(b"!").split(b":", 4)[4], uptime)
    assert tuple(client.outgoing(5000)) == wanted
    client.receive(packet("acknowledgement"), 5000)
    assert len(client.queue) == 0


def test_the_reference_client_obeys_the_commands():
    client, commands = opened()
    for name in ("command REQUEST1", "command EEPROM1", "command TIME"):
        client.receive(packet(name), 9000)
    assert commands == [b"REQUEST1", b"EEPROM1"]
    assert client.offset_ms == 1_763_629_009_500 - 9000
    client.receive(ROTATION["packet"].encode(), 9000)
    assert client.memory.keys[-1].secret.hex() == ROTATION["new_key"]


@pytest.mark.parametrize("vector", VECTORS["refused_by_the_device"], ids=lambda v: v["why"])
def test_the_reference_client_refuses(vector):
    client, commands = opened()
    for name in ("command REQUEST1", "command EEPROM1"):
        client.receive(packet(name), 9000)
    client.offer(b"Sensor:ADC1=1", 0)
    client.outgoing(0)
    client.receive(vector["packet"].encode(), 9000)
    assert (commands, client.refused, len(client.queue)) == ([b"REQUEST1", b"EEPROM1"], 1, 1)
