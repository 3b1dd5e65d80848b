"""What an operator sees of thermal scenes: once announced, never lost, never ended unseen."""

import numpy as np
import pytest
from thermal_plant import RATES, D, Plant, glowing, one_device, spots, wall

from embereye.config.schema import ThermalArea, ThermalRegion, ThermalRule
from embereye.model.alarm import AlarmState, Cause, Priority
from embereye.model.messages import DeviceSeen
from embereye.model.reading import Profile, ThermalFrame

MORE = one_device(regions=(ThermalRegion(id="r", name="R", shape="frame"),))


def calm(t):
    return wall()


def lone_spot(t):
    """One cell far above the limit, its neighbours below it."""
    return glowing(wall(), 300.0, 8.5, 10.5, 0.7)


def fire(t):
    return glowing(wall(), 300.0, 8.0, 10.0, 4.0)


def long(period):
    return max(30.0, 6 * period)


@pytest.mark.parametrize("encoding", ["mlx90640", "centi27"])
@pytest.mark.parametrize("period", RATES)
@pytest.mark.parametrize("scene", [lone_spot, fire])
def test_settings_saved_while_it_burns_neither_end_nor_repeat_the_alarm(scene, period, encoding):
    plant = Plant(encoding=encoding)
    plant.show(calm, long(period), period)
    plant.show(scene, long(period), period, flame=False)
    plant.acknowledge()
    plant.assign(MORE)
    plant.show(scene, long(period), period, flame=False)
    assert Cause.CLEAR not in plant.told
    assert len(plant.announced) == 1
    assert plant.fire.state is AlarmState.ACKNOWLEDGED


@pytest.mark.parametrize("period", RATES)
@pytest.mark.parametrize("scene", [lone_spot, fire])
def test_a_restart_while_it_burns_does_not_end_the_cause(scene, period):
    plant = Plant()
    plant.show(calm, long(period), period)
    plant.show(scene, long(period), period, flame=False)
    plant.restart()
    plant.show(scene, long(period), period, flame=False)
    assert Cause.CLEAR not in plant.told
    assert plant.fire.cause is Cause.ACTIVE


def test_in_the_dead_band_a_cause_of_before_has_not_ended():
    plant = Plant()
    plant.show(fire, 30.0, flame=False)
    plant.restart()
    plant.show(lambda t: glowing(wall(), 84.0, 8.0, 10.0, 6.0), 60.0, flame=False)
    assert Cause.CLEAR not in plant.told


def test_pf_packets_alone_do_not_end_a_cause_of_before_while_temperatures_are_missing():
    plant = Plant()
    plant.show(fire, 30.0, flame=False)
    plant.restart()
    at = plant.clock.now()
    plant.engine.post(DeviceSeen(D, at, "1.2.3.4", Profile.MLX90640, waiting_calibration=True))
    for _ in range(60):
        plant.pf()
        plant.silence(1.0)
    assert Cause.CLEAR not in plant.told


def test_frames_without_a_calibration_do_not_end_a_cause_of_before():
    plant = Plant()
    plant.show(fire, 30.0, flame=False)
    plant.restart()
    cells = np.zeros((24, 32), np.float32)
    for _ in range(60):
        plant.pf()
        at = plant.clock.now()
        plant.engine.post(ThermalFrame(D, at, Profile.MLX90640, None, cells))
        plant.silence(1.0)
    assert Cause.CLEAR not in plant.told


def test_a_device_whose_picture_is_masked_altogether_ends_a_cause_of_before_by_its_other_values():
    everything = ThermalArea(points=((0, 0), (32, 0), (32, 24), (0, 24)))
    plant = Plant(one_device(masks=(everything,)))
    plant.pf(flame=True)
    plant.restart()
    at = plant.clock.now()
    plant.engine.post(DeviceSeen(D, at, "1.2.3.4", Profile.MLX90640, waiting_calibration=False))
    plant.show(calm, 60.0, flame=False)
    assert plant.told[-1] is Cause.CLEAR


def creeping(t):
    """One cell warms by 1 K/min, nothing beside it."""
    return spots(wall(), min(40.0 + t / 60, 120.0), (8, 10))


@pytest.mark.parametrize("encoding", ["mlx90640", "centi27"])
@pytest.mark.parametrize("period", RATES[1:])
def test_a_cell_that_was_known_as_warm_is_news_when_it_becomes_hot(period, encoding):
    plant = Plant(encoding=encoding)
    seconds = max(900.0, 40 * period)
    plant.show(lambda t: spots(wall(), 55.0, (8, 10)), seconds, period)
    assert "row 8, column 10" in plant.doubts[0]
    begin = plant.clock.mono()
    plant.show(lambda t: spots(wall(), 100.0, (8, 10)), 3 * max(period, 2.0), period)
    assert plant.fire.priority is Priority.EMERGENCY
    told = next(at for at, c in plant.changes if c.alarm.priority is Priority.EMERGENCY)
    assert told <= begin + 3.0 or sum(begin <= at < told for at in plant.frames) <= 2


def test_a_cell_that_creeps_up_alone_is_told_of_soon_after_its_limit():
    plant = Plant()
    begin = plant.clock.mono()
    plant.show(creeping, 80 * 60.0)
    told = next(at for at, c in plant.changes if c.alarm.priority is Priority.EMERGENCY)
    assert 45 * 60.0 < told - begin < 51 * 60.0  # 85 °C after 45 min


def test_a_failed_cell_that_is_known_as_hot_stays_known_after_a_restart():
    plant = Plant()
    plant.show(lambda t: spots(wall(), 150.0, (8, 10)), 700.0)
    assert plant.told[-1] is Cause.CLEAR
    plant.acknowledge()
    plant.reset()
    plant.restart()
    plant.show(lambda t: spots(wall(), 150.0, (8, 10)), 120.0)
    assert len(plant.announced) == 1


@pytest.mark.parametrize("column", [15.5, 16.5, 17.0, 17.5])
@pytest.mark.parametrize("celsius", [60.0, 250.0])
def test_a_small_spot_on_or_beside_a_cold_beam_is_never_taken_for_a_failed_cell(celsius, column):
    plant = Plant()
    plant.show(lambda t: glowing(wall(), celsius, 8.5, column, 0.8), 1500.0)
    assert plant.doubts == ()
    assert Cause.CLEAR not in plant.told


@pytest.mark.parametrize(
    "cells",
    [((8, 10), (8, 11)), ((8, 10), (9, 11)), ((8, 10), (8, 11), (9, 10)), ((0, 0), (0, 1))],
)
def test_failed_cells_side_by_side_are_known(cells):
    plant = Plant()
    plant.show(lambda t: spots(wall(), 150.0, *cells), 1500.0)
    assert len(plant.doubts) == len(cells)
    assert plant.told[-1] is Cause.CLEAR
    assert len(plant.announced) == 1


def warming(t):
    return glowing(wall(), 25.0 + t / 6, 8.0, 10.0, 4.0)


@pytest.mark.parametrize("gone", ["silence", "settings", "restart"])
def test_a_rise_is_not_over_before_it_can_be_measured_again(gone):
    plant = Plant()
    plant.show(warming, 120.0, 4.085)
    assert "rise" in plant.fire.reasons[0]
    if gone == "silence":
        plant.silence(17.0)
    elif gone == "settings":
        plant.assign(MORE)
    else:
        plant.restart()
    plant.show(lambda t: warming(130.0 + t), 60.0, 4.085)
    assert Cause.CLEAR not in plant.told


def test_a_region_that_cannot_be_seen_after_a_restart_does_not_end_its_cause():
    rule = ThermalRule(measure="difference", other="b", alarm=10.0)
    a = ThermalRegion(id="a", name="A", points=((8, 6), (12, 6), (12, 10), (8, 10)), rules=(rule,))
    b = ThermalRegion(id="b", name="B", points=((20, 6), (24, 6), (24, 10), (20, 10)))
    plant = Plant(one_device(regions=(a, b)), encoding="centi27")
    plant.show(lambda t: glowing(wall(), 50.0, 8.0, 10.0, 4.0), 30.0)
    assert plant.fire.priority is Priority.EMERGENCY
    plant.restart()

    def blind(t):
        scene = glowing(wall(), 50.0, 8.0, 10.0, 4.0)
        scene[6:10, 20:24] = -300.0  # no temperatures: NaN
        return scene

    plant.show(blind, 60.0)
    assert Cause.CLEAR not in plant.told


@pytest.mark.parametrize("period", RATES[2:])
def test_a_slow_device_that_burns_from_the_start_alarms_at_its_second_frame(period):
    plant = Plant()
    plant.show(lone_spot, 1.5 * period, period)
    assert len(plant.frames) == 2
    assert plant.fire.priority is Priority.EMERGENCY


def test_two_hot_frames_with_an_outage_between_them_are_not_one_after_the_other():
    plant = Plant()
    plant.show(calm, 40.0)
    plant.show(lone_spot, 4.0)
    plant.silence(60.0)
    plant.show(lone_spot, 4.0)
    assert plant.fire is None
