"""The options of upload folders and of the embedded FTP server that fills them."""

from typing import Literal

from pydantic import model_validator

from embereye.config.options import Section, option


class Ftp(Section):
    """An FTP server for cameras that send files; each may write into its own folder only."""

    enabled: bool = option(False, "Accept uploads by FTP", restart=True)
    host: str = option("127.0.0.1", "Interface to listen on; 0.0.0.0: all", restart=True)
    port: int = option(2121, "TCP port; 0: any free one", ge=0, le=65535, restart=True)
    passive_first: int = option(
        0, "First port of data connections; 0: any free one", ge=0, le=65535, restart=True
    )
    passive_last: int = option(0, "Last port of data connections", ge=0, le=65535, restart=True)
    public_address: str = option(
        "",
        "IPv4 address told to cameras behind a router; empty: our own",
        max_length=15,
        restart=True,
    )
    connections: int = option(20, "Connections at the same time", ge=1, le=500, restart=True)
    connections_per_address: int = option(
        5, "Connections of one address", ge=1, le=100, restart=True
    )
    idle: float = option(
        60.0, "Silence that closes a connection", unit="s", ge=5, le=3600, restart=True
    )
    disk_reserve: int = option(
        500,
        "Free space below which uploads are refused",
        unit="MiB",
        ge=50,
        le=100_000,
        restart=True,
    )
    tls: Literal["off", "offered", "required"] = option(
        "off", "Encryption (FTP with AUTH TLS): off, offered or required", restart=True
    )
    certificate: str = option(
        "",
        "PEM file with the certificate; empty: made at the first start",
        max_length=500,
        restart=True,
    )
    key: str = option("", "PEM file with its private key", max_length=500, restart=True)

    @model_validator(mode="after")
    def _complete(self) -> "Ftp":
        if self.passive_last < self.passive_first or (self.passive_last and not self.passive_first):
            raise ValueError("passive_last must not lie below passive_first; give both or none")
        if bool(self.certificate) != bool(self.key):
            raise ValueError("give certificate and key, or neither")
        return self


class Uploads(Section):
    """Folders into which cameras put pictures and clips (sources folder:NAME)."""

    root: str = option(
        "", "Folder with one folder for each camera; empty: none", max_length=500, restart=True
    )
    watch: Literal["auto", "events", "polling"] = option(
        "auto",
        "How new files are noticed; auto: polling on network drives, else events of the system",
        restart=True,
    )
    poll_interval: float = option(
        1.0,
        "Seconds between looks when polling: 0.5 is quick and costs processor time, 5 and more are"
        " for slow network drives",
        unit="s",
        ge=0.1,
        le=30,
        restart=True,
    )
    duplicates: float = option(
        300.0,
        "The same content of one camera is taken only once in this time",
        unit="s",
        ge=60,
        le=3600,
        restart=True,
    )
    largest_file: int = option(
        200, "Larger files are refused", unit="MB", ge=1, le=10_000, restart=True
    )
    ftp: Ftp = option(Ftp(), "FTP server")
