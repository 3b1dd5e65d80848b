"""Keys of the authenticated devices of the demonstration: enrolled like any other device."""

from dataclasses import replace

from embereye.config.secrets import SecretStore
from embereye.ingest import enrolment_text
from embereye.ingest.auth_client import ClientKey, Memory
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.model.device_messages import DeviceEnrolled, EnrolDeviceAsked
from embereye.model.errors import EmberEyeError
from embereye.model.ids import DeviceId
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.enrolment import Enrolment

_ANSWER = 10.0  # s; a key is shown after its commit
_ACTOR = "demonstration"


def enrolled(
    device: SimulatedDevice, enrolment: Enrolment, secrets: SecretStore
) -> SimulatedDevice:
    """The device with its key: of an earlier demonstration in this folder, else a new one.

    Raises:
        EmberEyeError: It cannot be enrolled; the text says why.
    """
    name = f"demo-device/{device.ident}"
    text = secrets.read(name)
    if text is None:
        text = _enrol(device, enrolment)
        secrets.write(name, text)
    key = enrolment_text.read(text)

    def keep(memory: Memory) -> None:
        if len(memory.keys) > 1:
            return  # the new key of a rotation must work first
        key = memory.keys[0]
        secrets.write(name, enrolment_text.write(device.ident, key.kid, key.secret))

    return replace(device, key=ClientKey(key.kid, key.secret), on_memory=keep)


def _enrol(device: SimulatedDevice, enrolment: Enrolment) -> str:
    box: Mailbox[object] = Mailbox(1, Full.GROW)
    request = EnrolDeviceAsked(DeviceId(device.ident), _ACTOR)
    enrolment.ask(request, lambda answer: _put(box, answer))
    for answer in box.take_all(_ANSWER):
        if isinstance(answer, DeviceEnrolled):
            return answer.text
        why = getattr(answer, "text", "no reason was given")
        raise EmberEyeError(f"The simulated device {device.ident} got no key: {why}")
    raise EmberEyeError(f"The simulated device {device.ident} got no key in time.")


def _put(box: Mailbox[object], answer: object) -> None:
    box.put(answer)
