"""What the page and the forms about models may ask beside `Console`. `app` fills this port."""

from itertools import count
from typing import Protocol

from embereye.model.vision_models import ModelTable, ModelWork
from embereye.ui.console import Console

NUMBERS = count(1)  # of the requests of this window: an outcome names its request


class ModelConsole(Console, Protocol):
    """The program as the page about models sees it. GUI thread; no method blocks."""

    def models(self) -> ModelTable:
        """All imported models, and what became of requests."""

    def model_work(self) -> ModelWork:
        """What the detectors make of them at the moment."""
