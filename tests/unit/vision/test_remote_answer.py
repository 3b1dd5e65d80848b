"""Answers of a detector on another machine are hostile until read."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.vision.remote_answer import read_answer, read_batch, read_health
from embereye.vision.remote_retry import Failure, RemoteError

SENT, SOURCE = (640, 360), (1920, 1080)
EXAMPLE = {
    "detections": [
        {
            "class": "person",
            "confidence": 0.95,
            "bbox": {"x": 100, "y": 200, "width": 150, "height": 300},
        }
    ],
    "inference_time_ms": 45.2,
    "image_width": 1920,
    "image_height": 1080,
}


def _read(answer: object, sent=SENT, source=SOURCE):
    return read_answer(json.dumps(answer).encode(), sent, source)


def _one(**changes: object):
    item = {"class": "fire", "confidence": 0.9, "bbox": [1, 2, 30, 40], **changes}
    return _read({"detections": [item]}, (100, 100), (100, 100))


def _box(bbox: object, sent=(100, 100), source=(100, 100), **sizes: object):
    item = {"class": "fire", "confidence": 0.9, "bbox": bbox}
    (found,) = _read({"detections": [item], **sizes}, sent, source).detections
    return found.x, found.y, found.width, found.height


def test_the_answer_of_the_contract_is_read():
    answer = _read(EXAMPLE)
    (person,) = answer.detections
    assert (person.label, person.confidence) == ("person", 0.95)
    assert (person.x, person.y, person.width, person.height) == (100, 200, 150, 300)
    assert answer.seconds == pytest.approx(0.0452)


def test_a_box_as_a_list_is_the_same():
    assert _box([10, 20, 30, 40]) == _box({"x": 10, "y": 20, "width": 30, "height": 40})


def test_boxes_are_in_pixels_of_the_picture_that_was_sent_unless_told_otherwise():
    assert _box([10, 20, 30, 40], (100, 100), (200, 300)) == (20, 60, 60, 120)
    assert _box([10, 20, 30, 40], (100, 100), (200, 300), image_width=50) == (40, 60, 120, 120)


def test_a_box_without_sizes_is_one_pixel():
    assert _box({"x": 10, "y": 20}) == (10, 20, 1, 1)
    assert _box({"x": 10, "y": 20, "width": None, "height": None}) == (10, 20, 1, 1)


def test_a_detection_without_a_box_means_the_whole_picture():
    assert _box(None) == (0, 0, 100, 100)


def test_boxes_are_cut_at_the_edges():
    assert _box([-10, 90, 30, 40]) == (0, 90, 20, 10)


@pytest.mark.parametrize(
    ("label", "term"),
    [("Flame", "fire"), ("smog", "smoke"), ("car", "vehicle"), ("Pallet", "pallet")],
)
def test_classes_become_the_products_terms(label, term):
    assert _one(**{"class": label}).detections[0].label == term


@pytest.mark.parametrize(
    "changes",
    [
        {"class": 7},
        {"class": ""},
        {"class": "x" * 61},
        {"class": "fi\nre"},
        {"class": None},
        {"confidence": "0.9"},
        {"confidence": True},
        {"confidence": -0.1},
        {"confidence": 95},
        {"confidence": None},
        {"confidence": 10**400},
        {"bbox": [1, 2, 3]},
        {"bbox": [1, 2, 3, 4, 5]},
        {"bbox": "1,2,3,4"},
        {"bbox": {"x": 1}},
        {"bbox": {"x": "1", "y": 2, "width": 3, "height": 4}},
        {"bbox": [1, 2, -3, 4]},
        {"bbox": [200, 2, 3, 4]},
        {"bbox": [1, 2, 1e9, 4]},
        {"bbox": [[1], 2, 3, 4]},
    ],
)
def test_a_senseless_detection_is_left_out_and_counted(changes):
    good = {"class": "smoke", "confidence": 0.6, "bbox": [1, 2, 3, 4]}
    bad = {"class": "fire", "confidence": 0.9, "bbox": [1, 2, 30, 40], **changes}
    answer = _read({"detections": [bad, good]}, (100, 100), (100, 100))
    assert [box.label for box in answer.detections] == ["smoke"]
    assert answer.refused == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>hello</html>",
        b"[]",
        b"{}",
        b"null",
        b'{"detections": null}',
        b'{"detections": {}}',
        b'{"detections": [7]}',
        b'{"detections": [], "image_width": 0}',
        b'{"detections": [], "image_height": "1080"}',
        b'{"detections": [], "image_width": 1e300}',
        b'{"detections": [], "inference_time_ms": NaN}',
        b'{"detections": [{"class": "fire", "confidence": NaN, "bbox": [1,2,3,4]}]}',
        b'{"detections": [{"class": "fire", "confidence": 0.9, "bbox": [1,2,3,Infinity]}]}',
        b'{"detections": [{"class": "fire", "confidence": 1e999, "bbox": [1,2,3,4]}]}',
        b'{"detections": [' + b"[" * 100_000,
        b'{"detections": ' + b"9" * 10_000 + b"}",
        b"\xff\xfe\x00",
        b'{"detections": [], "x": "' + b"a" * (1 << 20) + b'"}',
    ],
)
def test_what_cannot_be_used_is_told_as_a_bad_answer(body):
    with pytest.raises(RemoteError) as error:
        read_answer(body, SENT, SOURCE)
    assert error.value.failure is Failure.BAD_ANSWER


def test_a_million_detections_are_refused_at_once():
    began = time.perf_counter()
    with pytest.raises(RemoteError):
        read_answer(b'{"detections": [' + b"7," * 400_000 + b"7]}", SENT, SOURCE)
    assert time.perf_counter() - began < 1.0


def test_more_detections_than_any_detector_makes_are_refused():
    item = {"class": "person", "confidence": 0.5, "bbox": [1, 1, 5, 5]}
    assert _read({"detections": [item] * 1000}).detections
    with pytest.raises(RemoteError, match="more than 1000"):
        _read({"detections": [item] * 1001})


def test_the_hundred_most_confident_ones_are_kept():
    items = [
        {"class": "person", "confidence": n / 1000, "bbox": [n % 90, 1, 5, 5]} for n in range(500)
    ]
    found = _read({"detections": items}).detections
    assert len(found) == 100
    assert found[0].confidence == 0.499


def test_an_empty_list_is_a_good_answer():
    assert _read({"detections": []}).detections == ()


def test_a_batch_is_answered_in_the_order_of_the_pictures():
    results = [{"filename": "a", **EXAMPLE}, {"detections": []}]
    body = json.dumps({"results": results}).encode()
    answers = read_batch(body, [SENT, SENT], [SOURCE, SOURCE])
    assert [len(answer.detections) for answer in answers] == [1, 0]


def test_a_batch_with_a_result_too_few_is_refused():
    with pytest.raises(RemoteError):
        read_batch(b'{"results": [{"detections": []}]}', [SENT, SENT], [SOURCE, SOURCE])


@pytest.mark.parametrize(("status", "degraded"), [("healthy", False), ("degraded", True)])
def test_health_is_read(status, degraded):
    body = json.dumps({"status": status, "model_loaded": True, "device": "cuda:0"}).encode()
    health = read_health(body)
    assert (health.degraded, health.model_loaded, health.device) == (degraded, True, "cuda:0")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "fine", "model_loaded": True},
        {"status": "healthy"},
        {"status": "healthy", "model_loaded": "yes"},
        {"status": ["healthy"], "model_loaded": True},
        [],
    ],
)
def test_health_in_other_words_is_refused(answer):
    with pytest.raises(RemoteError):
        read_health(json.dumps(answer).encode())


def test_a_device_in_strange_words_is_not_shown():
    body = json.dumps({"status": "healthy", "model_loaded": True, "device": "a\x1b[2J"}).encode()
    assert read_health(body).device == ""


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(
                ["detections", "class", "confidence", "bbox", "x", "y", "width", "height",
                 "image_width", "image_height", "inference_time_ms", "results", "status"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)  # fmt: skip


@given(_JSON)
@settings(deadline=None)
def test_whatever_is_read_lies_inside_the_picture(found):
    try:
        answer = _read({"detections": found} if isinstance(found, list) else found)
    except RemoteError:
        return
    for box in answer.detections:
        assert 0 <= box.x < box.x + box.width <= 1920
        assert 0 <= box.y < box.y + box.height <= 1080
        assert 0 <= box.confidence <= 1
        assert box.label
    assert answer.seconds >= 0


_NUMBER = st.floats(-1e5, 1e5) | st.integers(-5, 3000) | st.floats()


@given(
    st.lists(_NUMBER, min_size=4, max_size=4),
    _NUMBER,
    st.integers(1, 4000),
    st.integers(1, 4000),
)
@settings(deadline=None)
def test_any_numbers_give_boxes_inside_the_picture_or_none(bbox, confidence, width, height):
    good = {"class": "smoke", "confidence": 0.5, "bbox": [0, 0, 1, 1]}
    item = {"class": "fire", "confidence": confidence, "bbox": bbox}
    try:
        answer = _read({"detections": [item, good], "image_width": width, "image_height": height})
    except RemoteError:  # NaN and Infinity are no JSON
        return
    for box in answer.detections:
        assert 0 <= box.x < box.x + box.width <= 1920 + 1e-6
        assert 0 <= box.y < box.y + box.height <= 1080 + 1e-6


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(body):
    for read in (lambda b: read_answer(b, SENT, SOURCE), read_health):
        try:
            read(body)
        except RemoteError:
            continue
