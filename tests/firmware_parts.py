"""A maker of devices who signs firmware, with real keys and The Update Framework."""

import importlib.util
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from tuf.api.metadata import Targets


def _tool() -> ModuleType:
    """`tools/firmware_repository.py`, which is no part of a package."""
    path = Path(__file__).resolve().parents[1] / "tools" / "firmware_repository.py"
    spec = importlib.util.spec_from_file_location("firmware_repository", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = _tool()


class Maker:
    """Signs repositories; `publish` writes one to a folder with `metadata` and `targets`."""

    def __init__(self, now: float) -> None:
        """`now`: seconds UTC; everything expires 30 days later."""
        self.now = datetime.fromtimestamp(now, UTC)
        self.signers = tool.new_signers()
        self.version = 0
        self.images: dict[str, bytes] = {}

    def publish(self, folder: Path, *, days: float = 30.0) -> Path:
        """Write the repository with all images so far; its version grows each time."""
        self.version += 1
        targets = Targets(expires=self.now, version=self.version)
        for version, content in self.images.items():
            tool.put_image(folder, targets, version, content)
        tool.write_root(folder, self.signers, self.now)
        tool.release(folder, self.signers, targets, self.now, tool.Lifetimes(days, days))
        return folder
