"""An enrolment service on a real database, moved by a fake clock, and what it says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes import FakeClock
from storage_parts import opened, running

from embereye.config.secrets import FileSecrets, SecretStore
from embereye.model.credential import KeyRing
from embereye.model.device_messages import DeviceEnrolled, EnrolDeviceAsked, RevokeDeviceAsked
from embereye.model.ids import DeviceId
from embereye.services.enrolment import Enrolment
from embereye.storage.opening import Storage

ONE = DeviceId("boiler-1")
_TRIES = 200  # steps of 50 ms: 10 s for a commit


class Office:
    """Steps the service by hand; the storage writer runs in its own thread (`office`)."""

    def __init__(
        self, storage: Storage, clock: FakeClock, secrets: SecretStore | None = None
    ) -> None:
        self.storage = storage
        self.clock = clock
        self.rings: list[KeyRing] = []
        self.posted: list[object] = []
        self.published: list[object] = []
        self.service = Enrolment(
            storage.device_keys,
            secrets or FileSecrets(storage.folder),
            clock,
            self.rings.append,
            self.posted.append,
            self.published.append,
        )
        self.service.prepare()

    @property
    def ring(self) -> KeyRing:
        return self.rings[-1]

    def ask(self, request: object) -> object:
        """The answer to a request."""
        answers: list[object] = []
        self.service.ask(request, answers.append)
        for _ in range(_TRIES):
            self.service.step(0.05)
            if answers:
                return answers[0]
        raise AssertionError(f"no answer to {request!r}")

    def enrol(self, device: DeviceId = ONE) -> DeviceEnrolled:
        answer = self.ask(EnrolDeviceAsked(device, "anna"))
        assert isinstance(answer, DeviceEnrolled), answer
        return answer

    def revoke(self, device: DeviceId = ONE) -> object:
        return self.ask(RevokeDeviceAsked(device, "anna"))

    def valid(self, device: DeviceId = ONE) -> list[str]:
        """Names of the keys that a device may use now."""
        now = self.clock.now().utc
        return [k.kid for k in self.ring.of(device) if self.ring.valid(device, k.kid, now)]


@contextmanager
def office(
    folder: Path, clock: FakeClock | None = None, secrets: SecretStore | None = None
) -> Iterator[Office]:
    """A running office on `folder`; leaving it is a stop of the program."""
    storage = opened(folder)
    with running(storage.evidence):
        yield Office(storage, clock or FakeClock(), secrets)
