"""Looks through the rules whenever the settings change, and says what is wrong with them."""

import logging
from collections.abc import Callable
from datetime import date
from threading import Event

from embereye.config.schema import Settings
from embereye.model.messages import TableChanged
from embereye.model.rule_problem import RuleProblem
from embereye.model.vision_models import ModelTable
from embereye.rules.calendar import local_moment
from embereye.runtime.clock import Clock
from embereye.services.model_labels import labels_of
from embereye.services.rule_check import problems

_log = logging.getLogger(__name__)

_PERIOD = 1.0  # s between looks for other settings; a review of 50 rules takes 0.1 s

TABLE = "rule problems"  # of TableChanged


class RuleReview:
    """Runs in its own thread, since a review may take a second; `current` from any.

    Publishes TableChanged. Each problem is logged once, as a warning.

    Attributes:
        current: What is wrong now.
        models: The known models; set by who knows them, before it runs.
    """

    def __init__(
        self, settings: Callable[[], Settings], clock: Clock, publish: Callable[[object], None]
    ) -> None:
        self.current: tuple[RuleProblem, ...] = ()
        self.models: Callable[[], ModelTable] = ModelTable
        self._settings = settings
        self._clock = clock
        self._publish = publish
        self._seen: tuple[Settings, ModelTable, date] | None = None

    def run(self, stop: Event) -> None:
        """Look until `stop` is set."""
        while not stop.is_set():
            self.look()
            stop.wait(_PERIOD)

    def look(self) -> None:
        """Review the rules when something that matters has changed."""
        now = self._clock.now()
        seen = self._settings(), self.models(), local_moment(now.utc).day
        if seen == self._seen:
            return
        self._seen = seen
        settings, models, today = seen
        found = problems(settings, labels_of(settings, models), today)
        if found == self.current:
            return
        for problem in found:
            if problem not in self.current:
                _log.warning("%s", problem.sentence)
        self.current = found
        self._publish(TableChanged(TABLE, now))
