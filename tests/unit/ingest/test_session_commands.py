"""Commands and answers of a connection, as its devices' logs show them."""

import pytest

from embereye.ingest.device_session import Session
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.simulate_device import ScenarioVoice
from embereye.model.device_messages import Direction
from embereye.model.stamp import Stamp

START = Stamp(100.0, 1e9)
CYCLE = 4.085


class Gateway:
    """A connection of devices that speak one after the other in each cycle."""

    def __init__(self, states, *names):
        self.session = Session(states, "10.0.0.1", START)
        self.names = names
        self.at = START
        self.sent = []

    def cycle(self):
        self.at = self.at.later(CYCLE - 0.4 * len(self.names))
        for name in self.names:
            self.at = self.at.later(0.4)
            self.send(b"#Sensor%s:ADC1=1,ADC2=2!" % name.encode())

    def send(self, data):
        self.session.receive(data, self.at, [], [])
        command = self.session.command(self.at)
        if command is not None:
            self.sent.append(command)

    def log(self):
        return [(str(m.device), m.direction, m.text) for m in self.session.logged(self.at)]


@pytest.fixture
def states():
    return DeviceStates()


def test_a_command_is_logged_for_every_device_of_its_connection(states):
    line = Gateway(states, "north", "south")
    line.cycle()
    states.ask("south", "REQUEST1", line.at.mono)
    line.cycle()
    line.cycle()
    told = line.log()
    assert ("north", Direction.SENT, "REQUEST1") in told
    assert ("south", Direction.SENT, "REQUEST1") in told
    assert line.sent.count(b"REQUEST1") == 1


def test_a_command_for_a_device_that_was_never_met_is_not_taken(states):
    assert not states.ask("nobody", "REQUEST1", 0.0)


def test_the_answer_to_eeprom1_is_recognised_with_its_delay(states):
    voice = ScenarioVoice("1", "mlx90640", "idle", seed=3)
    line = Gateway(states, "1")
    for _ in range(3):
        line.cycle()
    states.ask("1", "EEPROM1", line.at.mono)
    line.cycle()
    line.log()
    line.cycle()
    line.at = line.at.later(0.63)
    line.send(voice.eeprom)
    texts = [text for _, direction, text in line.log() if direction is Direction.RECEIVED]
    assert texts[-1] == "answer to EEPROM1 after 4.7 s"


def test_a_command_that_its_connection_lost_is_sent_on_the_next_one(states):
    first = Gateway(states, "1")
    first.cycle()
    first.cycle()
    states.ask("1", "EEPROM1", first.at.mono)
    first.cycle()
    assert first.sent.count(b"EEPROM1") == 1
    first.session.close(first.at, "pulled")
    again = Gateway(states, "1")
    again.at = first.at
    for _ in range(5):
        again.cycle()
    assert again.sent.count(b"EEPROM1") == 1


def test_the_peer_of_a_stream_is_remembered(states):
    line = Gateway(states, "1")
    for _ in range(4):
        line.cycle()
    line.session.close(line.at, "pulled")
    assert states.streams.cycle("10.0.0.1") == pytest.approx(CYCLE)
