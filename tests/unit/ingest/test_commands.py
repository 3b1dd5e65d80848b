from embereye.ingest.commands import CYCLE, CommandMode, CommandSchedule, Heard


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
