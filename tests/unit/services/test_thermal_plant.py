"""What an operator sees of thermal scenes: once announced, never lost, never ended unseen."""

import numpy as np
import pytest
from thermal_plant import RATES, D, Plant, glowing, one_device, wall

from embereye.config.schema import ThermalArea, ThermalRegion
from embereye.model.alarm import AlarmState, Cause
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
