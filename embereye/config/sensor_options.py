"""The options of the listeners for sensor devices."""

from typing import Literal

from pydantic import field_validator, model_validator

from embereye.config.options import Id, Section, checked_id, option


class ListenerLimits(Section):
    """What one peer may do on the sensor port."""

    first_packet: float = option(5.0, "Until the first valid packet", unit="s", ge=1, le=60)
    idle: float = option(15.0, "Silence beyond the expected period", unit="s", ge=5, le=3600)
    bad_packets: int = option(20, "Unusable packets that close a connection", ge=1, le=10_000)
    packets_per_second: int = option(
        200, "Packets of one connection", unit="1/s", ge=1, le=1_000_000
    )
    connections_per_address: int = option(50, "Connections of one address", ge=1, le=10_000)


class Tls(Section):
    """An encrypted port beside the plain one."""

    mode: Literal["off", "self-signed", "provided"] = option(
        "off", "off; self-signed: made at the first start; provided: by the files below"
    )
    port: int = option(9002, "TCP port; 0: any free one", ge=0, le=65535)
    certificate: str = option(
        "", "PEM file with the certificate chain (mode provided)", max_length=500
    )
    key: str = option("", "PEM file with its private key (mode provided)", max_length=500)
    client_ca: str = option(
        "",
        "PEM file with the certificates that devices must show; empty: none asked for",
        max_length=500,
    )
    minimum: Literal["1.2", "1.3"] = option("1.2", "Oldest TLS version accepted")

    @model_validator(mode="after")
    def _complete(self) -> "Tls":
        if self.mode == "provided" and not (self.certificate and self.key):
            raise ValueError("mode provided needs certificate and key")
        return self


class SerialPort(Section):
    """A serial line with one device or gateway."""

    id: Id = option(..., "Stable short name")
    port: str = option(
        ...,
        "COM3, /dev/ttyUSB0, rfc2217://host:port or socket://host:port",
        min_length=1,
        max_length=200,
    )
    baud: int = option(115_200, "Bits per second", unit="1/s", ge=300, le=4_000_000)
    enabled: bool = option(True, "Use it")

    _id = field_validator("id")(checked_id)


class Firmware(Section):
    """What is asked of the firmware of authenticated devices; it never mutes an alarm."""

    minimum: str = option(
        "",
        "Oldest version that is fine, such as 1.4.0; empty: any",
        pattern=r"^(\d+(\.\d+){0,3})?$",
    )
    below: Literal["mark", "quarantine", "refuse"] = option(
        "mark",
        "mark: badge only; quarantine: its values raise alarms but end none, and a fault is shown;"
        " refuse: as quarantine, and nothing of it is kept or acknowledged",
    )
    watch: float = option(
        60.0,  # 15 cycles of a real device
        "How long a device must live with its new version before a roll-out goes on to the next",
        unit="s",
        ge=1,
        le=86_400,
    )


class Sensors(Section):
    """The listener for sensor devices."""

    enabled: bool = option(True, "Listen for devices")
    host: str = option("127.0.0.1", "Interface to listen on; 0.0.0.0: all", restart=True)
    port: int = option(9001, "TCP port; 0: any free one", ge=0, le=65535, restart=True)
    legacy: Literal["open", "allow-list", "off"] = option(
        "open",
        "Devices that cannot prove who they are: open: any; allow-list: those in these settings;"
        " off: none",
    )
    time_window: float = option(
        10.0, "Device clocks further off are not believed", unit="s", ge=0.1, le=86_400
    )
    limits: ListenerLimits = option(ListenerLimits(), "What one peer may do")
    tls: Tls = option(Tls(), "Encrypted port")
    serial: tuple[SerialPort, ...] = option((), "Serial lines", max_length=64)
    firmware: Firmware = option(Firmware(), "Firmware policy")
