"""Playback moves over stored minutes, waits for what is not read and skips silences."""

import numpy as np
import pytest

from embereye.model.ids import DeviceId
from embereye.model.past import ReelAsked, ReelRead
from embereye.model.reading import Profile, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.ui.player import Player

D = DeviceId("d1")
_PICTURE = np.zeros((24, 32), np.float32)
START = 1_700_000_040.0  # the beginning of a minute


class Archive:
    """Stored frames at these seconds after START."""

    def __init__(self, *times):
        self.utc = [START + t for t in times]

    def read(self, start):
        end = start + 60.0
        frames = [
            ThermalFrame(D, Stamp(u, u), Profile.RAW, None, _PICTURE)
            for u in self.utc
            if start <= u < end
        ]
        return ReelRead(
            ReelAsked(D, start),
            tuple(frames),
            max((u for u in self.utc if u < start), default=None),
            min((u for u in self.utc if u >= end), default=None),
        )


def playing(archive, at=0.0, speed=1):
    player = Player()
    player.position, player.speed, player.playing = START + at, speed, True
    load(player, archive)
    return player


def load(player, archive):
    for start in player.wanted():
        player.take(archive.read(start))


def shown(player):
    frame = player.frame()
    return None if frame is None else frame.at.utc - START


def test_each_frame_is_shown_from_its_time_on():
    player = playing(Archive(0, 4, 8))
    assert shown(player) == 0
    player.advance(3.9)
    assert shown(player) == 0
    player.advance(0.2)
    assert shown(player) == 4


@pytest.mark.parametrize("speed", [1, 10, 60])
def test_an_hour_is_played_at_the_chosen_speed(speed):
    archive = Archive(*np.arange(0, 3600, 4.0))
    player = playing(archive, speed=speed)
    seen, passed = set(), 0.0
    while player.playing:
        player.advance(0.05)
        passed += 0.05
        load(player, archive)
        seen.add(shown(player))
    assert passed * speed == pytest.approx(3600, abs=12)
    assert len(seen) >= 899


def test_playing_waits_for_the_minute_it_lacks():
    player = playing(Archive(*range(0, 200, 4)), speed=60)
    player.take(Archive(*range(0, 200, 4)).read(START))
    for _ in range(100):
        player.advance(0.05)
    assert player.position <= START + 120
    assert player.wanted()


def test_a_silence_of_hours_is_skipped():
    archive = Archive(0, 4, 8, 9000, 9004)
    player = playing(archive)
    for _ in range(400):
        player.advance(0.05)
        load(player, archive)
    assert shown(player) in (9000, 9004)


def test_playing_ends_at_the_last_frame():
    archive = Archive(0, 4)
    player = playing(archive, speed=60)
    player.advance(1.0)
    load(player, archive)
    player.advance(1.0)
    assert not player.playing
    assert shown(player) == 4


def test_steps_go_from_frame_to_frame_over_minutes_and_silences():
    archive = Archive(0, 56, 64, 7200)
    player = playing(archive)
    seen = [shown(player)]
    for direction in (1, 1, 1, 1, -1, -1, -1, -1):
        player.step(direction)
        load(player, archive)
        seen.append(shown(player))
    assert seen == [0, 56, 64, 7200, 7200, 64, 56, 0, 0]
    assert not player.playing


def test_a_step_back_from_between_two_minutes_is_one_frame():
    archive = Archive(0, 52, 56, 64)
    player = playing(archive, at=61.0)
    player.take(archive.read(START))
    assert shown(player) == 56
    player.step(-1)
    load(player, archive)
    assert shown(player) == 52


def test_an_old_frame_does_not_stand_for_a_later_moment():
    archive = Archive(0)
    player = playing(archive, at=130.0)
    player.take(archive.read(START))
    assert shown(player) is None


def test_the_last_minutes_are_read_again_and_shown_meanwhile():
    player = playing(Archive(0, 4), at=30.0)
    player.playing = False
    player.refresh()
    assert player.wanted() == [START]
    assert shown(player) == 4
    player.take(Archive(0, 4, 8).read(START))
    assert player.wanted() == []
    assert shown(player) == 8
