import argparse
import logging

import pytest
from scripted_listener import ScriptedListener

from embereye.cli import sensors
from embereye.config.sensor_options import Tls
from embereye.ingest import enrolment_text, tls
from embereye.ingest.auth_client import ClientKey, Memory
from embereye.services.simulated_keys import SimulatedKeys

SECRET, NEW = bytes(range(32)), bytes(range(32, 64))
KEYS = {("boiler-7", "k1"): SECRET, ("hall", "k9"): NEW}


def simulate(*arguments):
    parser = argparse.ArgumentParser()
    sensors.register(parser.add_subparsers())
    args = parser.parse_args(["sensors", "simulate", *map(str, arguments)])
    return args.run(args)


@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "keys.txt"
    texts = [enrolment_text.write(*names, secret) for names, secret in KEYS.items()]
    path.write_text("# of the hall\n" + "\n".join(texts) + "\n")
    return path


def played(listener, keys, *more):
    """Play for a moment; the exit code."""
    return simulate(
        *("--port", listener.port, "--auth", "--keys", keys, "--rate", "20", "--devices", "1"),
        *("--seconds", "1", *more),
    )


def test_authenticated_devices_are_those_of_the_file(keys, capsys):
    with ScriptedListener(KEYS) as listener:
        assert played(listener, keys) == 0
        assert listener.server.said.device == "boiler-7"
        assert listener.server.seq > 5
    text = capsys.readouterr().out
    assert "packets not stored yet" in text
    assert SECRET.hex() not in text


def test_they_say_the_firmware_that_was_asked_for(keys):
    with ScriptedListener(KEYS) as listener:
        assert played(listener, keys, "--firmware", "1.4.0") == 0
        assert listener.server.said.firmware == "1.4.0"


def test_a_firmware_that_is_no_version_is_a_usage_error(keys, capsys):
    with pytest.raises(SystemExit):
        simulate("--port", "9", "--auth", "--keys", keys, "--firmware", "a:b")
    assert "up to four numbers" in capsys.readouterr().err


def test_encrypted_devices_pin_the_certificate(keys, tmp_path):
    context = tls.server_context(Tls(mode="self-signed"), tmp_path)
    pin = tls.fingerprint(tmp_path / "certs" / tls.CERTIFICATE)
    with ScriptedListener(KEYS, context) as listener:
        assert played(listener, keys, "--tls", "--fingerprint", pin) == 0
        assert listener.server.seq > 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--keys", "KEYS"], "add --auth"),
        (["--auth", "--keys", "MISSING"], "cannot be read"),
        (["--auth", "--keys", "BROKEN"], "Line 1"),
        (["--auth", "--keys", "KEYS", "--devices", "3"], "keys of 2 devices"),
        (["--fingerprint", "00"], "needs --tls"),
        (["--tls"], "something to trust"),
        (["--tls", "--fingerprint", "00"], "64 hexadecimal"),
        (["--tls", "--fingerprint", "0" * 64, "--certificate", "KEYS"], "together"),
        (["--tls", "--ca", "MISSING"], "cannot be read"),
    ],
)
def test_what_cannot_be_played_is_a_usage_error_that_says_why(
    arguments, words, keys, tmp_path, capsys
):
    (tmp_path / "broken").write_text(keys.read_text().splitlines()[1][:-1] + "x")
    paths = {"KEYS": keys, "MISSING": tmp_path / "missing", "BROKEN": tmp_path / "broken"}
    assert simulate("--port", "9", *(paths.get(part, part) for part in arguments)) == 2
    text = capsys.readouterr().err
    assert words in text
    assert SECRET.hex() not in text


def test_a_rotated_key_is_in_the_file_for_the_next_start(keys):
    old, new = ClientKey("k1", SECRET), ClientKey("k2", NEW)
    file = SimulatedKeys(keys)
    file.keep("boiler-7", Memory(1, (old, new)))
    assert SimulatedKeys(keys).keys["boiler-7"] == old  # not proved yet
    file.keep("boiler-7", Memory(1, (new,)))
    assert SimulatedKeys(keys).keys == {"boiler-7": new, "hall": ClientKey("k9", NEW)}
    assert keys.read_text().startswith("# of the hall\n")
    assert keys.stat().st_mode & 0o077 == 0
    assert [path.name for path in keys.parent.iterdir()] == ["keys.txt"]


def test_a_rotated_key_that_cannot_be_kept_is_told_without_the_key(keys, caplog):
    file = SimulatedKeys(keys)
    keys.unlink()
    keys.mkdir()
    (keys / "in the way").touch()
    with caplog.at_level(logging.ERROR):
        file.keep("boiler-7", Memory(1, (ClientKey("k2", NEW),)))
    assert "cannot be written" in caplog.text
    assert NEW.hex() not in caplog.text
