"""Suppressions by design: what the settings keep quiet while a condition holds."""

import logging
from collections.abc import Callable

from embereye.model.alarm import AlarmKind, Scope
from embereye.services.rule_site import PlacedRule

_log = logging.getLogger(__name__)

Suppress = Callable[[Scope, str, bool], None]


class Suppressions:
    """Puts suppressions in force and ends them. Engine thread.

    An input that is unknown suppresses nothing. Fire is never suppressed; of other kinds an
    emergency breaks through (`Alarms.suppress`).

    Args:
        suppress: `Alarms.suppress`: scope, reason, on or off.
    """

    def __init__(self, suppress: Suppress) -> None:
        self._suppress = suppress
        self._holding: dict[tuple[Scope, str], set[str]] = {}  # ids of those that hold

    def take(self, placed: PlacedRule, on: bool) -> None:
        """One of the settings begins or ends (`RulePorts.suppress`)."""
        scope = placed.scope
        if scope is None or scope.kind is None or scope.kind is AlarmKind.FIRE:
            return
        holding = self._holding.setdefault((scope, placed.name), set())
        before = bool(holding)
        if on:
            holding.add(placed.id)
        else:
            holding.discard(placed.id)
        if bool(holding) == before:
            return
        _log.info("suppression %s of %s at %s: %s", placed.id, scope.kind, scope.place,
                  "on" if on else "off")  # fmt: skip
        self._suppress(scope, placed.name, on)
