"""A maker of devices who signs firmware, with real keys and The Update Framework."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

_ROLES = ("root", "timestamp", "snapshot", "targets")


class Maker:
    """Signs repositories; `publish` writes one to a folder with `metadata` and `targets`."""

    def __init__(self, now: float) -> None:
        """`now`: seconds UTC; everything expires 30 days later."""
        self.now = datetime.fromtimestamp(now, UTC)
        self.signers = {role: CryptoSigner.generate_ed25519() for role in _ROLES}
        self.version = 0
        self.images: dict[str, bytes] = {}

    def publish(self, folder: Path, *, days: float = 30.0) -> Path:
        """Write the repository with all images so far; its version grows each time."""
        self.version += 1
        expires = (self.now + timedelta(days=days)).replace(microsecond=0)
        targets = Targets(expires=expires, version=self.version)
        (folder / "targets").mkdir(parents=True, exist_ok=True)
        for version, content in self.images.items():
            name = f"device-{version}.bin"
            target = TargetFile.from_data(name, content, ["sha256"])
            target.unrecognized_fields["custom"] = {"version": version}
            targets.targets[name] = target
            (folder / "targets" / f"{sha256(content).hexdigest()}.{name}").write_bytes(content)
        snapshot = Snapshot(expires=expires, version=self.version)
        snapshot.meta["targets.json"] = MetaFile(version=self.version)
        timestamp = Timestamp(expires=expires, version=self.version)
        timestamp.snapshot_meta = MetaFile(version=self.version)
        root = Root(expires=expires + timedelta(days=3650), version=1, consistent_snapshot=True)
        for role in _ROLES:
            root.add_key(self.signers[role].public_key, role)
        metadata = folder / "metadata"
        metadata.mkdir(parents=True, exist_ok=True)
        self._write(root, "root", metadata / "1.root.json", metadata / "root.json")
        self._write(targets, "targets", metadata / f"{self.version}.targets.json")
        self._write(snapshot, "snapshot", metadata / f"{self.version}.snapshot.json")
        self._write(timestamp, "timestamp", metadata / "timestamp.json")
        return folder

    def _write(
        self, signed: Root | Targets | Snapshot | Timestamp, role: str, *paths: Path
    ) -> None:
        metadata = Metadata(signed)
        metadata.sign(self.signers[role])
        for path in paths:
            metadata.to_file(str(path))
