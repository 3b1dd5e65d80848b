"""One connection: what the listener's own pauses must not do to it."""

from fakes import FakeClock

from embereye.config.schema import ListenerLimits
from embereye.ingest.admission import Admission
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.sensor_link import SensorLink


class Listener:
    """The owner of one connection, on a clock that the test moves; also its transport."""

    def __init__(self):
        self.clock, self.states, self.limits = FakeClock(), DeviceStates(), ListenerLimits()
        self.admission = Admission()
        self.holding = self.aborted = False
        self.link = SensorLink(self)
        self.link.connection_made(self)

    def admit(self, peer):
        self.peer = peer

    def lost(self, peer):
        pass

    def deliver(self, messages):
        pass

    def send(self, packet):
        self.link.get_buffer(-1)[: len(packet)] = packet
        self.link.buffer_updated(len(packet))

    def wait(self, seconds):
        self.clock.advance(seconds)
        self.peer.tick(self.clock.mono())

    # --- transport ---

    def get_extra_info(self, name):
        return ("10.0.0.5", 4711)

    def get_write_buffer_size(self):
        return 0

    def is_closing(self):
        return self.aborted

    def write(self, command):
        pass

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass

    def abort(self):
        self.aborted = True


def test_a_silent_peer_is_cut():
    listener = Listener()
    listener.send(b"#Sensord1:ADC1=5!")
    listener.wait(60.0)
    assert listener.aborted


def test_a_peer_that_was_held_back_is_given_time_to_be_read():
    listener = Listener()
    listener.send(b"#Sensord1:ADC1=5!")
    listener.holding = True
    listener.wait(60.0)
    listener.holding = False
    listener.peer.released(listener.clock.mono())
    listener.wait(0.1)
    assert not listener.aborted
    listener.wait(60.0)
    assert listener.aborted
