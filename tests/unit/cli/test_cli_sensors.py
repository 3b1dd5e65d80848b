import argparse
import json
import socket

import numpy as np
import pytest

from embereye.cli import sensors
from embereye.ingest import secure_packet

FRAME = b"#frame%d:" + b"FFB6" * 768 + b"F" * 264 + b"!\r\n"


def run(*arguments):
    parser = argparse.ArgumentParser()
    sensors.register(parser.add_subparsers())
    args = parser.parse_args(["sensors", *map(str, arguments)])
    return args.run(args)


@pytest.fixture
def session(shared_data):
    return shared_data / "mlx90640" / "device_session.txt"


def test_a_recorded_session_is_decoded_like_the_vendors_library(session, capsys):
    assert run("decode", session, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    golden = np.load(session.parent / "golden_emissivity095.npz")

    assert document["packets"] == {
        "frame": 60,
        "sensor": 60,
        "eeprom": 1,
        "location": 0,
        "serial": 0,
        "corrupt": 0,
        "refused": 0,
    }
    celsius = np.array([frame["celsius"] for frame in document["frames"]]).reshape(60, 24, 32)
    assert np.abs(celsius - golden["to_celsius"]).max() <= 0.02
    assert {frame["device"] for frame in document["frames"]} == {"1234"}
    vdd = [frame["vdd_volt"] for frame in document["frames"]]
    assert np.abs(np.array(vdd) - golden["vdd_volt"]).max() < 0.001
    ta = [frame["ta_celsius"] for frame in document["frames"]]
    assert np.abs(np.array(ta) - golden["ta_celsius"]).max() < 0.01


def test_frames_without_calibration_carry_null(session, tmp_path, capsys):
    content = session.read_bytes()
    start = content.index(b"#EEPROM")
    without = content[:start] + content[content.index(b"!", start) + 3 :]
    (tmp_path / "raw").write_bytes(without)

    assert run("decode", tmp_path / "raw", "--json") == 0

    document = json.loads(capsys.readouterr().out)
    assert document["packets"]["eeprom"] == 0
    assert document["frames"][0]["celsius"] is None
    assert document["frames"][0]["max"] is None


def test_a_calibration_may_be_given(session, tmp_path, capsys):
    (tmp_path / "raw").write_bytes(session.read_bytes().split(b"!")[0] + b"!")
    eeprom = session.parent / "eeprom.hex"
    assert run("decode", tmp_path / "raw", "--eeprom", eeprom, "--json") == 0
    frame = json.loads(capsys.readouterr().out)["frames"][0]
    assert 25 < frame["min"] < frame["mean"] < frame["max"] < 31


def test_a_lower_emissivity_means_a_hotter_object(session, tmp_path, capsys):
    (tmp_path / "part").write_bytes(b"!".join(session.read_bytes().split(b"!")[:4]) + b"!")
    hottest = []
    for emissivity in ("0.95", "0.5"):
        run("decode", tmp_path / "part", "--emissivity", emissivity, "--json")
        hottest.append(json.loads(capsys.readouterr().out)["frames"][0]["max"])
    assert hottest[1] > hottest[0]


def test_damage_is_counted_and_the_rest_decoded(tmp_path, capsys):
    (tmp_path / "f").write_bytes(b"#frame1:FF" + FRAME % 1 + b"#junk!" + FRAME % 1 + b"#cut")
    assert run("decode", tmp_path / "f", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["packets"]["corrupt"] == 3
    assert len(document["frames"]) == 2


def test_a_capture_of_an_authenticated_device_is_decoded_unchecked(session, tmp_path, capsys):
    plain = session.read_bytes()
    bodies = [part.partition(b"#")[2] for part in plain.split(b"!")[:-1]]
    sealed = [secure_packet.message(bytes(32), n, 5, body) for n, body in enumerate(bodies, 1)]
    hello = secure_packet.hello(secure_packet.Hello("b7", "k1", 1, "0" * 16, "1.4.0"))
    (tmp_path / "f").write_bytes(hello + b"".join(sealed) + b"#m2:broken!")
    documents = []
    for path in (session, tmp_path / "f"):
        assert run("decode", path, "--json") == 0
        documents.append(json.loads(capsys.readouterr().out))
    assert documents[1]["packets"] == documents[0]["packets"] | {"corrupt": 1}
    assert documents[1]["frames"] == documents[0]["frames"]
    assert "hello of device b7, firmware 1.4.0; codes are not checked here" in documents[1]["notes"]


def test_a_frame_counter_is_one_device(tmp_path, capsys):
    (tmp_path / "f").write_bytes(b"".join(FRAME % n for n in range(1, 9)))
    run("decode", tmp_path / "f", "--json")
    frames = json.loads(capsys.readouterr().out)["frames"]
    assert len({frame["device"] for frame in frames}) == 1


def test_the_table_names_frames_sensors_and_damage(session, capsys):
    assert run("decode", session) == 0
    text = capsys.readouterr().out
    assert "60 frame, 60 sensor, 1 eeprom" in text
    assert "max °C" in text


@pytest.mark.parametrize("content", [None, b"", b"no packets here"])
def test_a_file_that_cannot_be_used_is_a_usage_error_with_a_message(tmp_path, content, capsys):
    if content is not None:
        (tmp_path / "f").write_bytes(content)
    assert run("decode", tmp_path / "f") == 2
    assert "embereye: " in capsys.readouterr().err


def test_an_eeprom_file_without_calibration_is_a_usage_error(session, capsys):
    assert run("decode", session, "--eeprom", session.parent / "frames.hex") == 2
    assert "calibration" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("decode", "f", "--emissivity", "1.5"),
        ("simulate", "--port", "0"),
        ("simulate", "--port", "70000"),
        ("simulate", "--port", "9001", "--devices", "0"),
        ("simulate", "--port", "9001", "--rate", "-1"),
    ],
)
def test_wrong_arguments_are_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2


def test_simulated_devices_send_to_the_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        port = server.getsockname()[1]
        assert run("simulate", "--port", port, "--rate", "20", "--seconds", "0.5") == 0
        connection, _ = server.accept()
        with connection:
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
    assert received.count(b"#frame") >= 2
    assert received.count(b"#Sensorsim001:") >= 2


def test_a_scenario_that_does_not_exist_is_a_usage_error(capsys):
    assert run("simulate", "--port", "9001", "--scenario", "storm") == 2
    assert "storm" in capsys.readouterr().err
