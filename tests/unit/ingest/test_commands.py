import pytest
from half_duplex import EagerSchedule, HalfDuplexLine, Pace, busy_line, on_demand

from embereye.ingest.command_queue import CommandQueue, public_text
from embereye.ingest.commands import CYCLE, CommandMode, CommandSchedule, Heard
from embereye.ingest.quiet import KnownStreams
from embereye.model.device_messages import Direction


def settled(mode=None):
    """A schedule whose start command was sent at 0.5 s and answered with a frame."""
    schedule = CommandSchedule(0.0, mode)
    assert schedule.due(0.5) is not None
    hear(schedule, Heard.FRAME, 0.6)
    return schedule


def hear(schedule, what, at):
    schedule.heard(what, at)
    schedule.heard_bytes(at, unfinished=False)


def test_streaming_is_asked_for_once_the_line_is_known_to_be_quiet():
    schedule = CommandSchedule(0.0)
    assert schedule.due(0.2) is None
    assert schedule.due(0.5) == b"PERIOD_ON"
    assert schedule.due(2.0) is None


def test_nothing_is_sent_during_a_frame():
    schedule = CommandSchedule(0.0)
    schedule.heard_bytes(0.1, unfinished=True)
    assert schedule.due(0.7) is None


def test_nothing_is_sent_between_a_frame_and_its_sensor_packet():
    schedule = settled()
    schedule.needs_calibration = True
    hear(schedule, Heard.SENSOR, 4.0)
    hear(schedule, Heard.FRAME, 8.0)
    assert schedule.due(8.05) is None
    hear(schedule, Heard.SENSOR, 8.1)
    assert schedule.due(8.1) == b"EEPROM1"


def test_the_quiet_window_ends_before_the_next_frame():
    schedule = settled()
    hear(schedule, Heard.SENSOR, 4.0)
    hear(schedule, Heard.SENSOR, 4.0 + CYCLE)
    schedule.needs_calibration = True
    assert schedule.due(4.0 + CYCLE + 3.0) is None


def test_the_calibration_is_asked_for_only_when_it_is_needed():
    schedule = settled()
    hear(schedule, Heard.SENSOR, 4.0)
    assert schedule.due(4.1) is None


def test_an_unanswered_question_is_asked_again_after_10_s():
    schedule = settled()
    schedule.needs_calibration = True
    asked = []
    for cycle in range(1, 8):
        at = cycle * CYCLE
        hear(schedule, Heard.SENSOR, at)
        if schedule.due(at):
            asked.append(at)
    assert asked[0] == CYCLE
    assert 10.0 <= asked[1] - asked[0] <= 10.0 + CYCLE


def test_commands_are_at_least_a_second_apart():
    schedule = settled()
    schedule.ask("REQUEST1", 1.0)
    hear(schedule, Heard.SENSOR, 1.4)
    assert schedule.due(1.4) is None
    hear(schedule, Heard.SENSOR, 1.5)
    assert schedule.due(1.5) == b"REQUEST1"


def test_streaming_is_asked_for_again_only_after_three_silent_cycles():
    schedule = settled()
    for cycle in range(1, 5):
        hear(schedule, Heard.SENSOR, cycle * CYCLE)
    last = 4 * CYCLE
    assert schedule.due(last + 2.9 * CYCLE) is None
    assert schedule.due(last + 3.1 * CYCLE) == b"PERIOD_ON"


def test_a_device_on_demand_is_asked_every_poll_interval():
    schedule = CommandSchedule(0.0, CommandMode(on_demand=True, poll=10.0))
    assert schedule.due(0.5) == b"REQUEST1"
    hear(schedule, Heard.FRAME, 1.0)
    hear(schedule, Heard.SENSOR, 1.3)
    assert schedule.due(10.4) is None
    assert schedule.due(10.6) == b"REQUEST1"


def test_the_terminator_is_the_device_s_own():
    assert CommandSchedule(0.0).due(1.0) == b"PERIOD_ON"
    schedule = CommandSchedule(0.0, CommandMode(terminator="CRLF"))
    assert schedule.due(1.0) == b"PERIOD_ON\r\n"


def test_a_slow_cycle_is_learned_and_not_taken_for_silence():
    schedule = settled()
    for cycle in range(1, 5):
        hear(schedule, Heard.SENSOR, cycle * 20.0)
    assert schedule.cycle == 20.0


def talk(schedule, cycles, cycle=CYCLE):
    """Frames and #Sensor packets of a real device; returns when the last #Sensor came."""
    at = 0.0
    for number in range(1, cycles + 1):
        at = number * cycle
        hear(schedule, Heard.FRAME, at - 0.31)
        hear(schedule, Heard.SENSOR, at)
        schedule.due(at)
    return at


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("cycle", [0.1, 1.0, 4.085, 20.0])
def test_no_command_meets_a_frame(seed, cycle):
    pace = Pace().faster(4.085 / cycle) if cycle < 4 else Pace(cycle=cycle)
    line = busy_line(CommandSchedule(0.0, expected=cycle), pace, seed=seed)
    assert line.spoilt == line.deaf == 0
    directions = [direction for direction, _ in line.log]
    # A cycle of 20 s is not known yet when the first answer is awaited, so it comes late.
    late = line.schedule.unanswered
    assert late == (cycle == 20.0)
    assert directions.count(Direction.SENT) - late == directions.count(Direction.RECEIVED) > 10


@pytest.mark.parametrize("seed", range(5))
def test_a_lost_sensor_packet_does_not_make_the_window_longer(seed):
    line = busy_line(CommandSchedule(0.0, expected=CYCLE), seed=seed, lose=0.3)
    assert line.spoilt == 0


@pytest.mark.parametrize("seed", range(5))
def test_commands_sent_at_once_spoil_frames(seed):
    line = busy_line(EagerSchedule(0.0, expected=CYCLE), seed=seed)
    assert line.spoilt > 0


@pytest.mark.parametrize("poll", [1.0, 10.0, 60.0])
def test_a_device_on_demand_is_polled_between_its_answers(poll):
    line = HalfDuplexLine(on_demand(poll), streams=False)
    line.schedule.needs_calibration = True
    line.run(20 * poll)
    assert line.spoilt == 0
    assert len(line.answers) >= 15
    assert "EEPROM1" in line.answers


def test_a_device_that_streams_although_it_is_on_demand_is_asked_in_its_rests():
    for seed in range(20):
        line = HalfDuplexLine(CommandSchedule(0.0, CommandMode(on_demand=True), CYCLE))
        assert line.run(400.0).spoilt == 0, seed
        assert line.answers.count("REQUEST1") > 20


def test_a_device_that_waits_is_started_and_started_again_when_it_falls_silent():
    line = HalfDuplexLine(CommandSchedule(0.0), streams=False).run(60.0)
    assert line.sent[0][1] == b"PERIOD_ON"
    assert len(line.sent) == 1
    line._streams = False
    line.run(60.0 + 5 * CYCLE)
    assert [command for _, command in line.sent] == [b"PERIOD_ON"] * 2


def test_an_answer_is_noted_with_its_delay():
    schedule = settled()
    last = talk(schedule, 3)
    schedule.take_events()
    schedule.needs_calibration = True
    assert schedule.due(last + 1.5) == b"EEPROM1"
    hear(schedule, Heard.SENSOR, last + CYCLE)
    hear(schedule, Heard.CALIBRATION, last + CYCLE + 0.63)
    assert schedule.take_events() == [
        (Direction.SENT, "EEPROM1"),
        (Direction.RECEIVED, "answer to EEPROM1 after 3.2 s"),
    ]
    assert schedule.take_events() == []


def test_an_answer_that_does_not_come_within_10_s_is_noted_and_asked_again():
    schedule = settled()
    schedule.needs_calibration = True
    talk(schedule, 8)
    told = schedule.take_events()
    assert (Direction.EVENT, "no answer to EEPROM1 within 10 s") in told
    assert (Direction.SENT, "EEPROM1 (try 2)") in told
    assert schedule.unanswered >= 1


def test_nothing_else_is_sent_while_an_answer_is_awaited():
    schedule = settled()
    last = talk(schedule, 3)
    schedule.needs_calibration = True
    assert schedule.due(last + 0.1) == b"EEPROM1"
    schedule.ask("REQUEST1", last + 0.2)
    assert schedule.due(last + 1.5) is None
    hear(schedule, Heard.SENSOR, last + CYCLE)
    assert schedule.due(last + CYCLE + 0.1) is None
    hear(schedule, Heard.CALIBRATION, last + CYCLE + 0.63)
    hear(schedule, Heard.SENSOR, last + 2 * CYCLE)
    assert schedule.due(last + 2 * CYCLE) == b"REQUEST1"


def test_an_answer_of_a_device_with_a_long_cycle_is_waited_for():
    schedule = settled()
    last = talk(schedule, 4, 30.0)
    schedule.take_events()
    schedule.needs_calibration = True
    assert schedule.due(last + 1.0) == b"EEPROM1"
    assert schedule.due(last + 25.0) is None
    hear(schedule, Heard.SENSOR, last + 30.0)
    hear(schedule, Heard.CALIBRATION, last + 30.63)
    assert schedule.take_events()[-1] == (Direction.RECEIVED, "answer to EEPROM1 after 29.6 s")


def test_commands_of_a_device_outlive_its_connection():
    queue = CommandQueue()
    queue.ask("REQUEST1", 0.0)
    before = settled()
    before.serve([queue])
    hear(before, Heard.SENSOR, 4.0)
    assert before.due(4.0) == b"REQUEST1"
    after = CommandSchedule(20.0)
    after.serve([queue])
    assert after.due(21.0) == b"REQUEST1"


@pytest.mark.parametrize("command", ["", "STOP", "REQUEST1\r\n", "KEY:", "TIME:1!", "TIME:#", "é"])
def test_what_is_no_command_is_not_taken(command):
    assert not CommandSchedule(0.0).ask(command, 0.0)


def test_a_command_is_queued_once_and_the_queue_is_bounded():
    queue = CommandQueue()
    assert [queue.ask("REQUEST1", 0.0) for _ in range(3)] == [True] * 3
    assert len(queue) == 1
    assert [queue.ask(f"TIME:{n}", 0.0) for n in range(9)].count(False) == 2


def test_commands_with_a_body_go_only_to_devices_that_proved_who_they_are():
    schedule = settled()
    schedule.ask("TIME:1763629000123", 1.0)
    schedule.ask("REQUEST1", 1.0)
    hear(schedule, Heard.SENSOR, 4.0)
    assert schedule.due(4.0) == b"REQUEST1"
    hear(schedule, Heard.SENSOR, 8.0)
    schedule.authenticated = True
    assert schedule.due_text(8.0) == "TIME:1763629000123"


def test_the_log_shows_no_time_that_was_not_sent():
    schedule = settled()
    schedule.take_events()
    schedule.authenticated = True
    schedule.ask("TIME:0", 1.0)
    hear(schedule, Heard.SENSOR, 4.0)
    assert schedule.due_text(4.0) == "TIME:0"
    assert (Direction.SENT, "TIME:…") in schedule.take_events()


def test_a_key_is_not_logged():
    schedule = settled()
    schedule.take_events()
    schedule.authenticated = True
    schedule.ask("KEY:abcdef0123", 1.0)
    hear(schedule, Heard.SENSOR, 4.0)
    assert schedule.due_text(4.0) == "KEY:abcdef0123"
    assert (Direction.SENT, "KEY:…") in schedule.take_events()


def test_a_command_that_is_never_answered_is_given_up():
    schedule = settled()
    schedule.take_events()
    schedule.ask("EEPROM1", 0.0)
    talk(schedule, 60)
    told = schedule.take_events()
    assert (Direction.EVENT, "EEPROM1 is given up: after 5 tries") in told


def test_a_peer_that_streamed_before_is_listened_to_for_a_whole_cycle():
    schedule = CommandSchedule(0.0, expected=CYCLE)
    assert schedule.due(4.6) is None
    assert schedule.due(4.75) == b"PERIOD_ON"


def test_a_peer_is_known_to_stream_until_it_was_silent_for_a_cycle():
    streams = KnownStreams()
    schedule = settled()
    last = talk(schedule, 3)
    streams.note("10.0.0.7", schedule.stream_cycle(last))
    assert streams.cycle("10.0.0.7") == pytest.approx(CYCLE)
    broken = CommandSchedule(100.0, expected=CYCLE)
    streams.note("10.0.0.7", broken.stream_cycle(101.0))
    assert streams.cycle("10.0.0.7") == pytest.approx(CYCLE)
    streams.note("10.0.0.7", broken.stream_cycle(105.0))
    assert streams.cycle("10.0.0.7") == 0.0


def test_peers_that_stream_are_remembered_within_bounds():
    streams = KnownStreams()
    for number in range(3000):
        streams.note(str(number), 1.0)
    assert streams.cycle("2999") == 1.0
    assert len(streams._cycles) == 1000


def test_a_device_that_connects_again_in_the_middle_of_its_cycle_loses_no_frame():
    spoilt = [
        HalfDuplexLine(schedule, Pace(latency=0.2), seed=seed).run(10.0).spoilt
        for seed in range(100)
        for schedule in (CommandSchedule(0.0, expected=CYCLE),)
    ]
    unknown = [
        HalfDuplexLine(CommandSchedule(0.0), Pace(latency=0.2), seed=seed).run(10.0).spoilt
        for seed in range(100)
    ]
    assert sum(spoilt) == 0
    assert sum(unknown) > 0  # what the memory is for


def _piece(offset):
    return f"FW:DATA:{offset}:{'5a' * 1536}"  # the largest that services.firmware_transfer sends


def test_pieces_of_an_image_are_taken_sent_once_each_and_awaited_by_nobody():
    schedule = settled()
    schedule.authenticated = True
    for offset in (0, 1536, 0):
        assert schedule.ask(_piece(offset), 1.0)
    hear(schedule, Heard.SENSOR, 4.0)
    assert schedule.due_text(4.0) == _piece(0)
    assert schedule.due_text(6.0) is None  # the quiet window is over
    hear(schedule, Heard.SENSOR, 4.0 + CYCLE)
    assert schedule.due_text(4.0 + CYCLE) == _piece(1536)
    schedule.take_events()
    talk(schedule, 60)
    assert not any("FW:" in text for _, text in schedule.take_events())
    assert schedule.unanswered == 0


def test_pieces_of_an_image_fill_no_log():
    schedule = settled()
    schedule.authenticated = True
    schedule.take_events()
    schedule.ask("FW:OFFER:1.4.0:2048:" + "ab" * 32, 1.0)
    schedule.ask(_piece(0), 1.0)
    hear(schedule, Heard.SENSOR, 4.0)
    assert schedule.due_text(4.0) is not None
    hear(schedule, Heard.SENSOR, 4.0 + CYCLE)
    assert schedule.due_text(4.0 + CYCLE) == _piece(0)
    told = [text for _, text in schedule.take_events()]
    assert [text[:17] for text in told if "FW:" in text] == ["FW:OFFER:1.4.0:20"]
    assert public_text(_piece(1536)) == "FW:DATA:1536:…"
