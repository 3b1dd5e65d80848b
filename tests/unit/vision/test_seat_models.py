"""A model that takes its process with it is left out."""

from embereye.model.ids import CameraId
from embereye.vision.looks import CameraLooks, Looks, ModelChoice
from embereye.vision.seat_models import SeatModels

A, B = ModelChoice("a", "/a.onnx"), ModelChoice("b", "/b.onnx")
YARD = CameraId("yard")
BOTH = Looks({YARD: CameraLooks((A, B))})


def _left(models: SeatModels, looks: Looks = BOTH) -> tuple[ModelChoice, ...]:
    return models.allowed(looks).models()


def test_a_model_that_never_finishes_loading_is_left_out_at_once():
    models = SeatModels()
    models.begin(A, loading=True)
    models.lost("it did not answer within 15 s")

    assert _left(models) == (B,)
    assert "15 s" in models.troubles["a"]


def test_one_that_takes_the_process_along_while_looking_gets_a_second_chance():
    models = SeatModels()
    models.begin(A, loading=False)
    models.lost("killed")
    assert _left(models) == (A, B)

    models.begin(A, loading=False)
    models.lost("killed")
    assert _left(models) == (B,)


def test_strikes_are_forgotten_after_good_work():
    models = SeatModels()
    for _ in range(3):
        models.begin(A, loading=False)
        models.lost("killed")
        models.healthy()

    assert _left(models) == (A, B)


def test_a_child_lost_between_two_looks_is_not_the_models_fault():
    models = SeatModels()
    for _ in range(3):
        models.begin(A, loading=False)
        models.done()
        models.lost("killed")

    assert _left(models) == (A, B)


def test_a_model_that_was_not_wanted_for_a_while_is_tried_again():
    models = SeatModels()
    models.begin(A, loading=True)
    models.lost("killed")
    models.allowed(Looks({YARD: CameraLooks((B,))}))

    assert _left(models) == (A, B)
    assert models.troubles == {}


def test_trouble_stands_until_the_next_child_reports():
    models = SeatModels()
    models.done((("b", "B is gone."),))
    models.lost("killed")
    assert models.troubles == {"b": "B is gone."}

    models.done(())
    assert models.troubles == {}
