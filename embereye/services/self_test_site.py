"""Which names the self-test uses beside those of the settings, and what it adds to the rules."""

from dataclasses import replace

from embereye.config.schema import Settings
from embereye.model.daily_test import CAMERA, DEVICE
from embereye.model.ids import DeviceId
from embereye.rules.risk_limits import RiskLimits
from embereye.services.risk_site import RiskSite, risk_site


def reserved_device(settings: Settings) -> DeviceId:
    """The id of the device that the self-test plays; no device of the settings has it."""
    taken = {device.id for device in settings.devices}
    taken |= {device.location for device in settings.devices}
    name, number = DEVICE, 2
    while name in taken:
        name, number = f"{DEVICE}-{number}", number + 1
    return DeviceId(name)


def tested_site(settings: Settings, testing: bool) -> RiskSite:
    """What the risk rules know.

    Only while a self-test runs do its camera and its device count; before and after, whatever
    calls itself so is ignored, and what was caused by them has ended.
    """
    site = risk_site(settings)
    if not testing:
        return replace(site, ignored=site.ignored | {reserved_device(settings)})
    limits = next(iter(site.cameras.values()), None) or replace(
        RiskLimits(),
        vision_fire=settings.detection.fire_confidence,
        vision_smoke=settings.detection.smoke_confidence,
    )
    return replace(site, cameras={**site.cameras, CAMERA: limits})
