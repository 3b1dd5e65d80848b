"""What operators are told of a device whose counters make no sense, in words."""

from embereye.model.ids import DeviceId

_NOT_ACKNOWLEDGED = (
    "Its values are judged, but not acknowledged until it takes a new start counter. Repair its"
    " memory, or enrol it again."
)


def flapping(device: DeviceId, takeovers: int) -> str:
    """Connections that took over from each other within a minute."""
    return (
        f"Device {device} connected anew {takeovers} times within a minute: another one"
        " may have its key. Revoke the key and enrol the device again."
    )


def went_back(device: DeviceId, before: int, boot: int) -> str:
    """A start counter that is lower than before."""
    return (
        f"The start counter of device {device} went back from {before} to {boot}: it was"
        f" reset, or another one has its key. {_NOT_ACKNOWLEDGED}"
    )


def restarted(device: DeviceId, boot: int, first: int, stored: int) -> str:
    """Numbers that are used again, `stored` of them being known."""
    return (
        f"Device {device} counts from {first} again within start {boot}, of which {stored} are"
        " stored: it started without a new start counter, or another one has its key."
        f" {_NOT_ACKNOWLEDGED}"
    )


def given_up(count: int) -> str:
    """Packets that were judged, and that the device gave up before they could be stored."""
    return f"{count} packets were judged but are not stored: the device had no more room"
