"""What decodes stored thermal frames of a device."""

from embereye.config.schema import Device
from embereye.ingest.thermal_decode import ThermalDecoder
from embereye.model.errors import CalibrationError
from embereye.model.ids import DeviceId
from embereye.model.reading import Profile
from embereye.storage.devices import LearnedDevice


def stored_decoder(
    device: DeviceId, settings: Device | None, learned: LearnedDevice | None
) -> ThermalDecoder:
    """A decoder with the calibration that is known today.

    Args:
        settings: Emissivity and encoding; None: nobody assigned the device.
        learned: What earlier runs learned; without a calibration frames show no temperatures, as
            they did when they came.
    """
    profile = Profile.UNKNOWN if learned is None else learned.profile
    if settings is None:
        decoder = ThermalDecoder(device, profile)
    else:
        chosen = profile if settings.profile == "auto" else Profile(settings.profile)
        decoder = ThermalDecoder(device, chosen, settings.emissivity, settings.reflected)
    if learned is not None and learned.calibration:
        try:
            decoder.calibrate(learned.calibration)
        except CalibrationError:
            return decoder
    return decoder
