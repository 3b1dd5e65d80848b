"""When the main stream is read beside the sub stream."""

from embereye.rules.stream_choice import StreamChoice


def test_small_tiles_need_no_main_stream() -> None:
    choice = StreamChoice()
    assert not choice.needs_main(0, 360, False, 0.0)
    assert not choice.needs_main(360, 360, False, 1.0)
    assert not choice.needs_main(440, 360, False, 2.0), "a little larger shows no more"


def test_a_large_tile_needs_it_and_a_short_look_elsewhere_keeps_it() -> None:
    choice = StreamChoice()
    assert choice.needs_main(720, 360, False, 0.0)
    assert choice.needs_main(300, 360, False, 1.0)
    assert choice.needs_main(720, 360, False, 5.5), "back again: the time begins anew"
    assert choice.needs_main(300, 360, False, 6.0)
    assert choice.needs_main(300, 360, False, 10.9)
    assert not choice.needs_main(300, 360, False, 11.1)


def test_a_size_between_the_limits_changes_nothing() -> None:
    choice = StreamChoice()
    assert not choice.needs_main(420, 360, False, 0.0)
    assert choice.needs_main(720, 360, False, 1.0)
    assert choice.needs_main(420, 360, False, 60.0)
    assert choice.needs_main(420, 360, False, 600.0)


def test_before_the_first_picture_of_the_sub_stream_nothing_is_decided() -> None:
    assert not StreamChoice().needs_main(2000, 0, False, 0.0)


def test_an_alarm_needs_it_whatever_the_size() -> None:
    choice = StreamChoice()
    assert choice.needs_main(100, 360, True, 0.0)
    assert choice.needs_main(100, 360, False, 1.0)
    assert not choice.needs_main(100, 360, False, 6.1)


def test_the_main_stream_stands_in_after_three_seconds_without_the_other() -> None:
    choice = StreamChoice()
    assert not choice.stands_in(False, 10.0)
    assert not choice.stands_in(False, 12.9)
    assert choice.stands_in(False, 13.0)
    assert not choice.stands_in(True, 14.0)
    assert not choice.stands_in(False, 15.0)
