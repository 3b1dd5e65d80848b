"""Areas about what no model knows."""

from embereye.config.schema import Line, Zone
from embereye.rules.zone_labels import labels_missing, missing_remark, objects_missing

SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6))
GATE = Zone(id="g", name="Gate", points=SQUARE, labels=("person", "fire"))
ROAD = Zone(id="r", name="Road", points=SQUARE, labels=("vehicle", "person"))
FENCE = Line(id="f", name="Fence", points=SQUARE[:2], labels=())


def test_labels_that_no_model_knows_are_found_with_their_areas():
    assert labels_missing((GATE, ROAD), ["fire", "vehicle"]) == {"person": ("Gate", "Road")}


def test_flame_and_smoke_need_no_model():
    assert labels_missing((GATE,), ["person"]) == {}


def test_a_line_about_everything_needs_a_model_that_knows_more_than_flame_and_smoke():
    assert objects_missing((GATE, FENCE), ["fire", "smoke"]) == ("Fence",)
    assert objects_missing((GATE, FENCE), ["fire", "dog"]) == ()


def test_the_remark_says_what_to_do():
    text = missing_remark((GATE, FENCE), ["fire", "smoke"])
    assert text.splitlines()[0] == (
        "No model of this camera finds person, so Gate has no effect on it: import a model that "
        "does, or choose other labels."
    )
    assert "Fence" in text
    assert missing_remark((GATE, FENCE), ["person"]) == ""
