"""Which models a child process must do without, since they took one with them."""

import logging

from embereye.vision.looks import Looks, ModelChoice

_log = logging.getLogger(__name__)

_STRIKES = 2  # children lost in a row while the same model looked; one may be the machine's fault


class SeatModels:
    """What the models of one seat do, and which are left out. Lives in the pool's thread.

    A model that hangs or ends the process while it is loaded is left out at once; one that does
    so while it looks, the second time. Otherwise the other detectors of that child would never
    get back to work. It is tried again when another file is chosen under its name, when it is
    no longer chosen for a while, and when the program starts.

    Attributes:
        troubles: By the name of the model; what the operator should know.
    """

    def __init__(self) -> None:
        self._told: dict[str, str] = {}
        self._banned: dict[ModelChoice, str] = {}
        self._busy: tuple[ModelChoice, bool] | None = None
        self._strikes: dict[ModelChoice, int] = {}

    @property
    def troubles(self) -> dict[str, str]:
        banned = {model.name: text for model, text in self._banned.items()}
        return {**self._told, **banned}

    def allowed(self, looks: Looks) -> Looks:
        """The table without what is left out; what nobody wants any more is forgotten."""
        wanted = frozenset(looks.models())
        self._banned = {m: text for m, text in self._banned.items() if m in wanted}
        self._strikes = {m: count for m, count in self._strikes.items() if m in wanted}
        return looks.without(model.path for model in self._banned)

    def begin(self, model: ModelChoice, *, loading: bool) -> None:
        """The child loads a model now, or looks with it."""
        self._busy = model, loading

    def done(self, troubles: tuple[tuple[str, str], ...] | None = None) -> None:
        """The child came back; `troubles` is all that it does without, None: as before."""
        self._busy = None
        if troubles is None:
            return
        new = dict(troubles)
        for name, text in new.items():
            if self._told.get(name) != text:
                _log.error("detectors go on without the model %s: %s", name, text)
        for name in self._told.keys() - new.keys():
            _log.info("the model %s is used again, or no longer wanted", name)
        self._told = new

    def healthy(self) -> None:
        """The child has worked for a while."""
        self._strikes.clear()

    def lost(self, reason: str) -> None:
        """The child was lost, for this reason."""
        busy, self._busy = self._busy, None
        if busy is None:
            return
        model, loading = busy
        self._strikes[model] = self._strikes.get(model, 0) + 1
        if loading or self._strikes[model] >= _STRIKES:
            when = "while it was loaded" if loading else "while it looked at pictures"
            self._banned[model] = (
                f"The model {model.name} is left out since a detector process was lost {when}"
                f" ({reason}). Choose another model or another version."
            )
            _log.error("%s", self._banned[model])
