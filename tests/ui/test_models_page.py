"""The page about models: what it shows, what it asks for, and the form of a camera."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from consoles import FakeConsole
from dialog_parts import answer, open_dialogs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from embereye.config.schema import Settings
from embereye.model.camera_messages import EditCameraAsked
from embereye.model.vision_models import (
    ActivateModelAsked,
    EditDetectionAsked,
    ImportedModel,
    ImportModelAsked,
    ModelOutcome,
    ModelTable,
    ModelTrial,
    ModelWork,
    RemoveModelAsked,
)
from embereye.runtime.worker import PlainThreads
from embereye.ui.bridge import Bridge
from embereye.ui.camera_form import CameraForm
from embereye.ui.detection_form import DetectionForm
from embereye.ui.import_model import ImportModelDialog
from embereye.ui.models_page import ModelsPage
from embereye.ui.theme import Tokens


def _model(name: str, version: str, *labels: str, active: bool = True) -> ImportedModel:
    trial = ModelTrial(
        ("yolox",), labels, 416, 416, 0.08, 0.0151, 0.0254, 47 << 20, "CPUExecutionProvider"
    )
    return ImportedModel(
        name, version, "YOLOX-Nano", "", "yolox", "Apache-2.0", "ab" * 32, 3_660_092, "ada", 1.0e9,
        trial, active, path=f"/models/{name}/{version}/model.onnx",
    )  # fmt: skip


BUILT_IN = _model("built-in", "1.0", "fire", "smoke")
TABLE = ModelTable(
    1, (_model("persons", "2", "person", "car"), _model("persons", "1", "person", active=False)),
    BUILT_IN, ("cpu",),
)  # fmt: skip


def _settings(every: str, own: str | None = None, **detection: object) -> Settings:
    rows = [
        {"id": "yard", "name": "Yard", "source": "rtsp://h/1"},
        {"id": "hall", "name": "Hall", "source": "rtsp://h/2", "models": own},
    ]
    return Settings.model_validate({"detection": {"model": every, **detection}, "cameras": rows})


@pytest.fixture
def page(console: FakeConsole, colours: Tokens, qtbot: object) -> ModelsPage:
    console.configured, console.model_table = _settings("built-in", "persons"), TABLE
    page = ModelsPage(console, colours)
    qtbot.addWidget(page)  # type: ignore[attr-defined]
    page.resize(1216, 640)
    page.show()
    return page


def _choose(page: ModelsPage, name: str, version: str) -> None:
    number = page.model.number_of((name, version))
    assert number is not None
    page.table.setCurrentIndex(page.model.index(number, 0))


def _cells(page: ModelsPage, row: int) -> list[str]:
    model = page.model
    return [str(model.data(model.index(row, column))) for column in range(model.columnCount())]


def test_each_model_is_shown_with_what_it_knows_and_who_uses_it(page: ModelsPage):
    assert _cells(page, 0)[:4] == ["built-in", "1.0", "yolox", "fire, smoke"]
    row = _cells(page, 1)
    assert row[0] == "persons"
    assert row[3] == "person, vehicle"
    assert row[4:] == ["Apache-2.0", "3.5 MiB", "25 ms", "–", "1", "in use"]
    assert _cells(page, 2)[-1] == "older version"


def test_the_details_say_where_a_model_comes_from(page: ModelsPage):
    _choose(page, "persons", "2")

    detail = page.detail
    assert detail.fact("cameras") == "Hall"
    assert detail.fact("licence") == "Apache-2.0"
    assert "15 ms / 25 ms on CPU" in detail.fact("trial")
    assert detail.fact("by").startswith("ada, ")
    assert detail.fact("sha").replace(" ", "") == "ab" * 32


def test_a_failed_model_says_why(page: ModelsPage, console: FakeConsole):
    console.work = ModelWork({"persons": "The model persons is left out."})
    page.refresh()
    _choose(page, "persons", "2")

    assert _cells(page, 1)[-1] == "△ failed"
    assert page.detail.remark.text() == "The model persons is left out."
    assert _cells(page, 2)[-1] == "older version"


def test_a_fall_back_to_the_processor_is_a_remark(page: ModelsPage, console: FakeConsole):
    console.configured = _settings("persons", provider="cuda")
    console.work = ModelWork(providers={"persons": "cpu"})
    page.refresh()
    _choose(page, "persons", "2")

    assert _cells(page, 1)[7] == "CPU"
    assert "cuda cannot run it" in page.detail.remark.text()
    assert _cells(page, 1)[-1] == "in use"


def test_names_that_nobody_imported_are_shown_as_failed(page: ModelsPage, console: FakeConsole):
    console.configured = _settings("dogs, /opt/cars.onnx, remote")
    page.refresh()

    shown = {_cells(page, row)[0]: _cells(page, row)[-1] for row in range(page.model.rowCount())}
    assert shown["dogs"] == "△ failed"
    assert shown["cars.onnx"] == "in use"
    assert shown["remote"] == "in use"


@pytest.mark.parametrize(
    ("every", "words"),
    [("", "rules of colour"), ("built-in", "fire and smoke only"), ("built-in, persons", "")],
)
def test_the_page_says_what_nothing_looks_for(
    page: ModelsPage, console: FakeConsole, every: str, words: str
):
    console.configured = _settings(every)
    page.refresh()

    assert words in page._note.text()
    assert page._note.isVisible() == bool(words)


def test_the_built_in_model_says_what_it_does_not_know(page: ModelsPage):
    _choose(page, "built-in", "1.0")

    assert "imported model" in page.detail.remark.text()
    assert not page.remove_button.isEnabled()
    assert not page.use_button.isEnabled()


def test_a_model_that_names_nothing_says_so(page: ModelsPage, console: FakeConsole):
    console.model_table = replace(TABLE, models=(_model("persons", "1"),))
    page.refresh()
    _choose(page, "persons", "1")

    assert _cells(page, 1)[3] == "–"
    assert "manifest that has labels" in page.detail.remark.text()


@pytest.mark.parametrize("yes", [True, False])
def test_an_older_version_is_used_again_only_after_a_yes(
    page: ModelsPage, console: FakeConsole, yes: bool
):
    _choose(page, "persons", "1")
    QTest.mouseClick(page.use_button, Qt.MouseButton.LeftButton)
    answer(page, yes)

    asked = [replace(request, asked=0) for request in console.asked]
    assert asked == ([ActivateModelAsked("persons", "1", "operator")] if yes else [])


def test_a_refused_removal_says_why(page: ModelsPage, console: FakeConsole):
    _choose(page, "persons", "2")
    QTest.mouseClick(page.remove_button, Qt.MouseButton.LeftButton)
    answer(page, True)
    (request,) = console.asked
    assert isinstance(request, RemoveModelAsked)

    outcome = ModelOutcome(request.asked, "persons is used by Hall.")
    console.model_table = replace(TABLE, revision=2, outcome=outcome)
    page.refresh()

    assert page._problem.isVisible()
    assert page._problem.text() == "persons is used by Hall."


def test_nothing_can_be_changed_where_a_policy_fixes_it(page: ModelsPage, console: FakeConsole):
    console.configured = _settings("built-in", manage_models=False)
    _choose(page, "persons", "1")
    page.refresh()

    for button in (page.import_button, page.use_button, page.remove_button):
        assert not button.isEnabled()
        assert "administrator" in button.toolTip()


def test_the_selection_stays_when_models_come(page: ModelsPage, console: FakeConsole):
    _choose(page, "persons", "1")
    console.model_table = replace(TABLE, models=(_model("cars", "1", "car"), *TABLE.models))
    page.refresh()

    chosen = page.selection()
    assert chosen is not None
    assert chosen.key == ("persons", "1")


@pytest.fixture
def dialog(console: FakeConsole, colours: Tokens, qtbot: object) -> ImportModelDialog:
    made = ImportModelDialog(console)
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.show()
    made.path.setText("/media/My Persons.onnx")
    return made


def _asked(console: FakeConsole) -> ImportModelAsked:
    request = console.asked[-1]
    assert isinstance(request, ImportModelAsked)
    return request


def test_an_import_proposes_a_name_and_closes_when_it_is_done(
    dialog: ImportModelDialog, console: FakeConsole
):
    told: list[str] = []
    dialog.imported.connect(told.append)
    dialog.licence.setText("MIT")
    dialog.begin()

    request = _asked(console)
    assert (request.name, request.licence, request.family) == ("my-persons", "MIT", "")
    assert not dialog.import_button.isEnabled()
    console.model_table = ModelTable(outcome=ModelOutcome(request.asked, model="my-persons 1"))
    dialog.look()
    assert told == ["my-persons 1"]
    assert not dialog.isVisible()


def test_an_unclear_family_is_asked_for(dialog: ImportModelDialog, console: FakeConsole):
    dialog.begin()
    outcome = ModelOutcome(_asked(console).asked, "Choose one.", ("yolox", "yolov5"))
    console.model_table = ModelTable(outcome=outcome)
    dialog.look()

    assert dialog.problem.text() == "Choose one."
    assert [dialog.family.itemData(n) for n in range(dialog.family.count())] == ["yolox", "yolov5"]
    dialog.family.setCurrentIndex(1)
    dialog.begin()
    assert _asked(console).family == "yolov5"


def test_the_outcome_of_another_request_is_not_taken(
    dialog: ImportModelDialog, console: FakeConsole
):
    dialog.begin()
    console.model_table = ModelTable(outcome=ModelOutcome(_asked(console).asked - 1, "No."))
    dialog.look()

    assert not dialog.problem.isVisible()
    assert not dialog.import_button.isEnabled()


@pytest.fixture
def form(
    console: FakeConsole, bridge: Bridge, colours: Tokens, qtbot: object
) -> Iterator[CameraForm]:
    console.configured, console.model_table = _settings("built-in", "persons, gone"), TABLE
    parent = QWidget()
    qtbot.addWidget(parent)  # type: ignore[attr-defined]
    made = CameraForm(console, bridge, PlainThreads(), console.configured.cameras[1], parent)
    made.show()
    yield made
    parent.close()


def test_the_form_of_a_camera_shows_its_models(form: CameraForm):
    boxes = form.models.boxes
    assert list(boxes) == ["built-in", "persons", "remote"]
    assert [box.isChecked() for box in boxes.values()] == [False, True, False]
    assert "person, vehicle" in boxes["persons"].text()
    assert form.models.value() == "persons, gone"


def test_a_choice_is_saved_as_settings_name_it(form: CameraForm, console: FakeConsole):
    form.models.boxes["remote"].setChecked(True)
    form.save()

    (asked,) = console.asked
    assert isinstance(asked, EditCameraAsked)
    assert asked.values == {"models": "persons, remote, gone"}


def test_back_to_the_models_of_all_cameras(form: CameraForm, console: FakeConsole):
    form.models.common.setChecked(True)
    assert not form.models.boxes["persons"].isEnabled()
    form.save()

    assert [asked.values for asked in console.asked] == [{"models": None}]


def test_a_form_without_changes_asks_for_nothing(form: CameraForm, console: FakeConsole):
    form.save()

    assert console.asked == []
    assert not open_dialogs(form)


@pytest.fixture
def common(
    console: FakeConsole, bridge: Bridge, colours: Tokens, qtbot: object
) -> Iterator[DetectionForm]:
    console.configured, console.model_table = _settings("built-in, gone"), TABLE
    parent = QWidget()
    qtbot.addWidget(parent)  # type: ignore[attr-defined]
    made = DetectionForm(console, bridge, parent)
    made.show()
    yield made
    parent.close()


def test_the_models_of_all_cameras_are_chosen_in_a_form(
    common: DetectionForm, console: FakeConsole
):
    assert not common.models.common.isVisible()
    common.models.boxes["persons"].setChecked(True)
    common.save()

    assert console.asked == [EditDetectionAsked({"model": "built-in, persons, gone"}, "operator")]


def test_what_this_machine_cannot_run_models_on_is_marked(
    common: DetectionForm, console: FakeConsole
):
    box = common.runs.editor("provider")
    assert isinstance(box, QComboBox)
    texts = {box.itemData(n): box.itemText(n) for n in range(box.count())}
    assert texts["cpu"] == "CPU"
    assert texts["cuda"] == "CUDA – not on this machine"
    box.setCurrentIndex(box.findData("cuda"))
    common.save()
    assert console.asked == [EditDetectionAsked({"provider": "cuda"}, "operator")]


def test_a_wrong_limit_is_told_in_the_form(common: DetectionForm, console: FakeConsole):
    line = common.limits.editor("fire_confidence")
    assert isinstance(line, QLineEdit)
    line.setText("7")
    common.save()

    assert console.asked == []
    assert "fire_confidence" in common.error.text()
