"""Security events about one peer of the authenticated protocol. Sensor thread."""

from embereye.ingest.admission import Admission
from embereye.model.ids import DeviceId
from embereye.model.messages import SecurityEvent
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp

_SHOWED = {
    SecurityKind.UNKNOWN_KEY: "a device or key that is not known here",
    SecurityKind.REVOKED_KEY: "a key that is revoked or expired",
    SecurityKind.REPLAYED: "a recorded connection",
    SecurityKind.FORGED: "a packet with a wrong authentication code",
}


class Refusals:
    """Tells what one connection tried, through the counts of all connections."""

    def __init__(self, admission: Admission, address: str) -> None:
        self._admission = admission
        self._address = address

    def refuse(
        self,
        kind: SecurityKind,
        device: DeviceId | None,
        at: Stamp,
        out: list[object],
        count: int = 1,
    ) -> str:
        """Tell `count` attempts (0: none) and return in words what was shown.

        `device` is what the peer claims; an id that was never enrolled is not repeated.
        """
        reason = _SHOWED[kind]
        if count:
            known = device is not None and device in self._admission.keys.enrolled
            text = f"A connection from {self._address} showed {reason}."
            self.tell(kind, device if known else None, text, at, out, count)
        return reason

    def tell(
        self,
        kind: SecurityKind,
        device: DeviceId | None,
        text: str,
        at: Stamp,
        out: list[object],
        count: int = 1,
    ) -> None:
        """Tell something about a device, or about the address when it is None."""
        subject = f"address:{self._address}" if device is None else f"device:{device}"
        event = SecurityEvent(subject, text, at, kind, self._address, count=count)
        self._admission.security.note(event, out)
