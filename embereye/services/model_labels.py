"""What the models of a camera can find, as far as that is known."""

from collections.abc import Mapping

from embereye.config.schema import Settings
from embereye.model.ids import CameraId
from embereye.model.vision_models import ModelTable, ModelWork
from embereye.services.model_list import ModelState, listed
from embereye.services.model_use import models_of
from embereye.services.rule_conditions import Labels, findable


def labels_of(settings: Settings, table: ModelTable) -> Labels:
    """Of each camera of these settings; None where a model is not known. Any thread."""
    known = {
        row.name: frozenset(row.labels) if row.labels else None
        for row in listed(table, ModelWork(), settings)
        if row.state is not ModelState.KEPT
    }
    found: Mapping[CameraId, frozenset[str] | None] = {
        CameraId(camera.id): findable(known.get(name) for name in models_of(settings, camera))
        for camera in settings.cameras
    }
    return found.get
