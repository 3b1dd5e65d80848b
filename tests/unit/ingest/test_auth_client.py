import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_server import ScriptedServer

from embereye.ingest import secure_packet as wire
from embereye.ingest.auth_client import (
    ANSWER_WITHIN,
    STORED_WITHIN,
    AuthClient,
    ClientKey,
    Memory,
    Phase,
    Splitter,
)
from embereye.ingest.auth_queue import PacketQueue

OLD, NEW = ClientKey("k1", bytes(range(32))), ClientKey("k2", bytes(range(32, 64)))
NONCE = "0011223344556677"
SERVER_MS = 1_763_629_000_000


class Bench:
    """A client and a scripted server on a wire without delays."""

    def __init__(self, keys=(OLD,), boot=1, known=None, **options):
        self.commands = []
        self.client = AuthClient(
            "boiler-7", Memory(boot, tuple(keys)), self.commands.append, "1.4.0", **options
        )
        known = (OLD,) if known is None else known
        self.server = ScriptedServer({("boiler-7", key.kid): key.secret for key in known})
        self.now = 1000
        self.connections = 0

    def connect(self):
        """Say hello and hand over the answer."""
        self.connections += 1
        self.server.opened()
        hello = self.client.connected(f"{self.connections:016x}", self.now)
        self.client.receive(self.server.receive(hello), self.now)
        return self

    def again(self):
        self.client.disconnected()
        return self.connect()

    def say(self, *bodies):
        for body in bodies:
            assert self.client.offer(body, self.now)
        self.flush()

    def flush(self):
        self.server.receive(b"".join(self.client.outgoing(self.now)))

    def told(self, packet):
        self.client.receive(packet, self.now)


# --- hello and challenge ---


def test_the_hello_says_who_connects():
    client = Bench(boot=7).client
    hello = client.connected(NONCE, 0)
    assert hello == b"#hi2:boiler-7:k1:7:0011223344556677:1.4.0!"
    assert client.phase is Phase.GREETING


def test_nothing_is_said_before_the_server_has_proved_itself():
    bench = Bench()
    bench.client.offer(b"Sensor:ADC1=1", 0)
    assert bench.client.outgoing(0) == []
    bench.client.connected(NONCE, 0)
    assert bench.client.outgoing(0) == []


def test_a_server_without_the_key_is_left():
    bench = Bench(known=(replace(OLD, secret=bytes(32)),)).connect()
    bench.client.offer(b"Sensor:ADC1=1", 0)
    assert bench.client.trouble == "the server does not have the key"
    assert not bench.client.prompt
    assert bench.client.outgoing(0) == []


def test_a_challenge_of_an_earlier_connection_is_forged():
    bench = Bench()
    challenge = bench.server.receive(bench.client.connected("0" * 16, 0))
    bench.client.disconnected()
    bench.client.connected("1" * 16, 0)
    bench.told(challenge)
    assert bench.client.trouble


def test_a_hello_that_nobody_answers_ends():
    client = Bench().client
    client.connected(NONCE, 5000)
    client.watch(5000 + ANSWER_WITHIN)
    assert not client.trouble
    client.watch(5001 + ANSWER_WITHIN)
    assert client.trouble == "the server did not answer the hello"


# --- saying things ---


def test_packets_are_numbered_from_one_and_stored_as_said():
    bench = Bench().connect()
    bench.say(b"Sensor:ADC1=1", b"Sensor:ADC1=2")
    assert bench.server.stored == {(1, 1): b"Sensor:ADC1=1", (1, 2): b"Sensor:ADC1=2"}


def test_an_acknowledgement_empties_the_queue_up_to_its_number():
    bench = Bench().connect()
    bench.say(b"a", b"b")
    acknowledged = bench.server.acknowledge()
    bench.say(b"c")
    bench.told(acknowledged)
    assert len(bench.client.queue) == 1


def test_what_was_not_acknowledged_is_sent_again_after_a_cut():
    bench = Bench().connect()
    bench.client.offer(b"lost on the way", 0)
    bench.client.outgoing(0)
    bench.again().flush()
    assert bench.server.stored == {(1, 1): b"lost on the way"}


def test_what_the_server_has_already_is_not_sent_again():
    bench = Bench().connect()
    bench.say(b"a", b"b")  # stored, the acknowledgement is lost
    bench.again()
    assert len(bench.client.queue) == 0
    bench.say(b"c")
    assert bench.server.duplicates == 0
    assert list(bench.server.stored) == [(1, 1), (1, 2), (1, 3)]


def test_no_more_than_one_window_is_under_way():
    bench = Bench().connect()
    for number in range(100):
        bench.client.offer(b"%d" % number, 0)
    assert len(bench.client.outgoing(0)) == wire.WINDOW
    assert bench.client.outgoing(0) == []


def test_a_server_that_stores_nothing_is_left_and_everything_is_kept():
    bench = Bench().connect()
    bench.say(b"a")
    bench.client.watch(bench.now + STORED_WITHIN)
    assert not bench.client.trouble
    bench.client.watch(bench.now + STORED_WITHIN + 1)
    assert bench.client.trouble == "the server acknowledges nothing"
    assert len(bench.client.queue) == 1


def test_a_server_that_judges_and_cannot_store_is_kept_and_hears_what_is_new():
    bench = Bench(queue=PacketQueue(100, 0)).connect()
    for number in range(300):
        assert bench.client.offer(b"%d" % number, bench.now)
        bench.flush()
        bench.now += 1000
        bench.told(bench.server.receipt(number + 1))
        bench.client.watch(bench.now)
    assert bench.client.trouble == ""
    assert len(bench.server.stored) == 300
    assert [kept.seq for kept in bench.client.queue.packets()] == list(range(201, 301))


def test_on_a_half_duplex_line_a_receipt_lets_the_next_packet_go():
    bench = Bench(window=1).connect()
    bench.client.offer(b"1", 0)
    bench.client.offer(b"2", 0)
    assert len(bench.client.outgoing(0)) == 1
    assert bench.client.outgoing(0) == []
    bench.told(bench.server.receipt(1))
    assert len(bench.client.outgoing(0)) == 1


def test_a_receipt_of_what_was_never_sent_is_refused():
    bench = Bench().connect()
    bench.say(b"a")
    bench.told(bench.server.receipt(2))
    assert bench.client.refused == 1


def test_silence_is_fine_while_nothing_is_under_way():
    bench = Bench().connect()
    bench.say(b"a")
    bench.told(bench.server.acknowledge())
    bench.client.watch(bench.now + 10 * STORED_WITHIN)
    assert not bench.client.trouble


def test_a_full_queue_refuses_measurements_and_still_takes_alarms():
    bench = Bench(queue=PacketQueue(2, 1))
    taken = [bench.client.offer(b"x", 0) for _ in range(3)]
    assert taken == [True, True, False]
    assert bench.client.offer(b"fire", 0, urgent=True)
    bench.connect().flush()
    assert list(bench.server.stored.values()) == [b"x", b"x", b"fire"]


@pytest.mark.parametrize("body", [b"", b"a#b", b"a!b", b"\x00", b"\xff", b"x" * 4001])
def test_a_body_that_no_message_can_carry_is_a_bug_of_the_caller(body):
    with pytest.raises(ValueError):
        Bench().client.offer(body, 0)


def test_the_longest_message_is_read_by_the_server():
    bench = Bench(offset_ms=wire.MOST_NUMBER).connect()
    bench.say(b"x" * wire.MOST_BODY)
    longest = wire.message(bytes(32), wire.MOST_NUMBER, wire.MOST_NUMBER, b"x" * wire.MOST_BODY)
    assert len(longest) < 4096
    assert bench.server.stored == {(1, 1): b"x" * wire.MOST_BODY}


@pytest.mark.parametrize("wrong", [("a b", OLD, ""), ("a", OLD, "1 2"), ("a", NEW, "x:y")])
def test_what_a_hello_cannot_say_is_a_bug_of_the_caller(wrong):
    device, key, firmware = wrong
    with pytest.raises(ValueError):
        AuthClient(device, Memory(1, (key,)), print, firmware)


# --- boots ---


def test_a_device_that_forgot_its_boot_takes_the_next_and_greets_again():
    bench = Bench(boot=1)
    bench.server.boot, bench.server.seq = 5, 90
    bench.client.offer(b"a", 0)
    bench.connect()
    assert (bench.client.trouble, bench.client.prompt) == ("the boot number was used before", True)
    assert bench.client.memory.boot == 6
    bench.again().flush()
    assert bench.client.phase is Phase.OPEN
    assert bench.server.stored == {(6, 1): b"a"}


def test_the_same_boot_is_not_reused_after_a_start():
    bench = Bench(boot=5)
    bench.server.boot, bench.server.seq = 5, 90
    assert bench.connect().client.memory.boot == 6


def test_numbers_beyond_ours_mean_that_the_boot_was_used_before():
    bench = Bench().connect()
    bench.say(b"a")
    bench.server.seq = 50
    bench.client.offer(b"b", 0)
    assert bench.again().client.memory.boot == 2
    assert len(bench.client.queue) == 2


def test_a_server_that_lost_its_memory_gets_what_is_left():
    bench = Bench(boot=3).connect()
    bench.say(b"a")
    bench.told(bench.server.acknowledge())
    bench.client.offer(b"b", 0)
    bench.server.boot = bench.server.seq = 0
    bench.server.stored.clear()
    bench.again().flush()
    assert bench.server.stored == {(3, 2): b"b"}


def test_the_last_possible_boot_is_not_exceeded():
    bench = Bench()
    bench.server.boot = wire.MOST_NUMBER
    assert bench.connect().client.trouble
    assert not bench.client.prompt
    assert bench.client.memory.boot == 1


def test_each_start_has_a_number_of_its_own():
    assert Memory(4, (OLD,)).started() == Memory(5, (OLD,))


# --- commands ---


def test_a_genuine_command_reaches_the_device_once():
    bench = Bench().connect()
    packet = bench.server.command(b"REQUEST1")
    bench.told(packet + packet)
    assert bench.commands == [b"REQUEST1"]
    assert bench.client.refused == 1


def test_a_command_older_than_the_last_is_refused():
    bench = Bench().connect()
    bench.told(bench.server.command(b"REQUEST1", seq=7) + bench.server.command(b"EEPROM1", seq=6))
    assert bench.commands == [b"REQUEST1"]


def test_a_command_of_an_earlier_connection_is_refused():
    bench = Bench().connect()
    packet = bench.server.command(b"REQUEST1")
    bench.again().told(packet)
    assert bench.commands == []


def test_a_bare_legacy_command_is_not_obeyed():
    bench = Bench().connect()
    bench.told(b"REQUEST1#REQUEST1!")
    assert bench.commands == []


def test_the_time_sets_the_stamps():
    bench = Bench(offset_ms=77).connect()
    bench.told(bench.server.command(b"TIME:1763629005000"))
    bench.now += 250
    bench.say(b"a")
    assert bench.server.stamps[1, 1] == 1763629005250


def test_a_device_without_a_clock_takes_the_time_of_the_challenge():
    bench = Bench()
    bench.client.offer(b"before", bench.now - 500)
    bench.connect().flush()
    assert bench.server.stamps[1, 1] == SERVER_MS - 500


def test_a_device_with_a_clock_keeps_it_until_it_is_told():
    bench = Bench(offset_ms=77).connect()
    bench.say(b"a")
    assert bench.server.stamps[1, 1] == bench.now + 77


@pytest.mark.parametrize("body", [b"TIME:", b"TIME:soon", b"TIME:1:2", b"KEY:", b"KEY:k2:00"])
def test_orders_that_make_no_sense_change_nothing(body):
    bench = Bench().connect()
    before = bench.client.memory, bench.client.offset_ms
    bench.told(bench.server.command(body))
    assert (bench.client.memory, bench.client.offset_ms) == before
    assert (bench.client.refused, bench.client.trouble) == (1, "")


# --- rotation ---


def test_a_new_key_is_kept_beside_the_old_one_and_tried_at_once():
    bench = Bench(known=(OLD, NEW)).connect()
    bench.told(bench.server.wrapped(NEW.kid, NEW.secret))
    assert bench.client.memory.keys == (OLD, NEW)
    assert bench.client.prompt
    bench.again()
    assert bench.server.said.kid == "k2"
    assert bench.client.memory.keys == (NEW,)


def test_the_old_key_is_used_again_while_the_new_one_is_not_taken():
    bench = Bench(keys=(OLD, NEW)).connect()
    assert bench.client.phase is Phase.GREETING  # the server knows no k2 and says nothing
    bench.again()
    assert (bench.client.phase, bench.server.said.kid) == (Phase.OPEN, "k1")
    assert bench.client.memory.keys == (OLD, NEW)


def test_what_waits_survives_a_rotation():
    bench = Bench(known=(OLD, NEW)).connect()
    bench.client.offer(b"a", 0)
    bench.client.outgoing(0)
    bench.told(bench.server.wrapped(NEW.kid, NEW.secret))
    bench.again().flush()
    assert bench.server.stored == {(1, 1): b"a"}


def test_a_key_with_the_name_of_the_present_one_is_not_taken():
    bench = Bench().connect()
    bench.told(bench.server.wrapped("k1", NEW.secret))
    assert bench.client.memory.keys == (OLD,)


def test_keys_are_not_shown():
    assert OLD.secret.hex()[:8] not in repr(Memory(1, (OLD,)))
    assert "secret" not in repr(OLD)


# --- bad input ---


@settings(deadline=None, max_examples=200)
@given(st.lists(st.binary(max_size=60)), st.booleans())
def test_any_bytes_change_nothing(chunks, opened):
    bench = Bench()
    if opened:
        bench.connect()
        bench.say(b"a")
    else:
        bench.client.connected(NONCE, 0)
    before = bench.client.phase, bench.client.memory, len(bench.client.queue)
    for chunk in chunks:
        bench.told(b"#" + chunk + b"!")
    assert (bench.client.phase, bench.client.memory, len(bench.client.queue)) == before
    assert bench.commands == []


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(["ack", "receipt", "command", "key", "time"]),
    st.integers(0, 400),
    st.integers(0, 255),
)
def test_a_damaged_packet_is_refused(kind, place, byte):
    bench = Bench(known=(OLD, NEW), offset_ms=5).connect()
    bench.say(b"a")
    packet = {
        "ack": bench.server.acknowledge,
        "receipt": lambda: bench.server.receipt(1),
        "command": lambda: bench.server.command(b"REQUEST1"),
        "key": lambda: bench.server.wrapped(NEW.kid, NEW.secret),
        "time": lambda: bench.server.command(b"TIME:1763629005000"),
    }[kind]()
    place %= len(packet)
    if packet[place] == byte:
        return
    bench.told(packet[:place] + bytes([byte]) + packet[place + 1 :])
    assert len(bench.client.queue) == bench.client.queue.in_flight == 1
    assert (bench.commands, bench.client.memory.keys, bench.client.offset_ms) == ([], (OLD,), 5)


@settings(deadline=None)
@given(st.lists(st.integers(1, 40)))
def test_any_chunking_says_the_same(sizes):
    bench = Bench().connect()
    packets = b"\r\n".join(bench.server.command(b"REQUEST1") for _ in range(5))
    for size in sizes:
        bench.told(packets[:size])
        packets = packets[size:]
    bench.told(packets)
    assert bench.commands == [b"REQUEST1"] * 5


def test_an_endless_packet_takes_no_memory():
    splitter = Splitter()
    for _ in range(20):
        splitter.feed(b"#c2:" + b"x" * 4000 + b"#" + b"y" * 4090)
        assert splitter.waiting < 4096
    assert splitter.feed(b"#good!") == [b"good"]


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32), st.floats(0, 0.4))
def test_everything_arrives_once_over_a_wire_that_cuts_and_damages(seed, badness):
    """Each step may lose the connection, a packet, or a bit, in both directions."""
    chance = random.Random(seed)
    bench = Bench(queue=PacketQueue(1000))
    for number in range(1, 61):
        bench.client.offer(b"%d" % number, 0)
    for _ in range(400):
        if bench.client.phase is not Phase.OPEN or chance.random() < badness / 4:
            bench.again()
        sent = bench.client.outgoing(0)
        cut = chance.randrange(len(sent) + 1) if chance.random() < badness else len(sent)
        for packet in sent[:cut]:
            bench.server.receive(_damaged(packet, chance) if chance.random() < badness else packet)
        if cut < len(sent) or chance.random() < badness:
            bench.again()
        if bench.server.session is not None and chance.random() > badness:
            bench.told(bench.server.acknowledge())
        if not bench.client.queue:
            break
        if bench.client.queue.in_flight and chance.random() < 0.5:
            bench.again()
    assert [bench.server.stored[1, n] for n in range(1, 61)] == [b"%d" % n for n in range(1, 61)]
    assert len(bench.server.stored) == 60


def _damaged(packet, chance):
    place = chance.randrange(len(packet))
    return packet[:place] + bytes([packet[place] ^ 1 << chance.randrange(8)]) + packet[place + 1 :]
