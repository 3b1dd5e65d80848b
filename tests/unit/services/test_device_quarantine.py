"""A device with old firmware raises alarms, and nothing that it says ends one."""

import numpy as np
import pytest
from device_parts import ONE, D, Site

from embereye.config.schema import Sensors as Listener
from embereye.config.sensor_options import Firmware
from embereye.model.alarm import AlarmKind, Cause
from embereye.model.device_messages import DeviceAuthenticated
from embereye.model.reading import Profile, ThermalFrame
from embereye.services.device_ports import DeviceHooks
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site

SETTINGS = ONE.model_copy(
    update={"sensors": Listener(firmware=Firmware(minimum="1.5", below="quarantine"))}
)
CELLS = np.full((24, 32), 21.0, np.float32)


class Plant(Site):
    """One device and the rules that judge it."""

    def __init__(self, firmware, below="quarantine"):
        self.risk = None
        self.left_out = []
        hooks = DeviceHooks(
            quarantine=lambda devices: self.risk and self.risk.quarantine(devices),
            leave_out=self.left_out.append,
        )
        policy = Listener(firmware=Firmware(minimum="1.5", below=below))
        site = SETTINGS.model_copy(update={"sensors": policy})
        super().__init__(site, hooks=hooks)
        self.risk = Risk(self.engine, risk_site(site), self._report, {}, lambda *_: None)
        self.post(DeviceAuthenticated(D, self.clock.now(), "a", "k1", firmware))

    def send(self, seconds, hottest):
        for number in range(seconds):
            at = self.clock.now()
            words = (1000 * seconds + number).to_bytes(4) * 384
            self.post(
                ThermalFrame(
                    D, at, Profile.CENTI27, CELLS, CELLS, hottest, 21.0, 21.0, (3, 3), 4,
                    words=words,
                )
            )  # fmt: skip
            self.run(1.0, step=0.5)

    @property
    def fire(self):
        return next(a for a in self.store.load_open() if a.key.kind is AlarmKind.FIRE)


def burnt_and_cooled(plant):
    plant.send(5, 21.0)
    plant.send(6, 120.0)
    assert plant.fire.cause is Cause.ACTIVE
    plant.send(30, 21.0)
    return plant.fire.cause


@pytest.mark.parametrize("below", ["quarantine", "refuse"])
def test_an_old_device_raises_a_fire_and_does_not_end_it(below):
    assert burnt_and_cooled(Plant("1.4", below)) is not Cause.CLEAR


def test_nothing_is_kept_of_a_refused_device_until_it_is_updated():
    plant = Plant("1.4", "refuse")
    assert plant.left_out[-1] == {D}
    plant.post(DeviceAuthenticated(D, plant.clock.now(), "a", "k1", "1.5"))
    assert plant.left_out[-1] == frozenset()
    assert Plant("1.4", "quarantine").left_out[-1] == frozenset()


def test_a_device_with_fine_firmware_ends_it():
    assert burnt_and_cooled(Plant("1.5")) is Cause.CLEAR
