"""What `embereye vision evaluate` says: one document, and tables of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from embereye.cli.output import print_table
from embereye.rules.risk_limits import RiskLimits
from embereye.runtime.metrics import percentile
from embereye.services.evaluation import (
    FEW_GROUPS,
    BoxFigures,
    Judged,
    LabelFigures,
    box_figures,
    figures,
)
from embereye.services.evaluation_clips import ClipReport, Plan

_DIGITS = 4  # of figures in the document; their intervals are wider by far


def picture_document(
    model: str, threshold: float, judged: Sequence[Judged], kept: Sequence[Judged]
) -> dict[str, Any]:
    """Figures of pictures; `kept` are those of `judged` that are counted."""
    spent = [1000 * picture.seconds for picture in judged]
    return {
        "kind": "image",
        "model": model,
        "threshold": threshold,
        "pictures": len(judged),
        "repeats": len(judged) - len(kept),
        "figures": [_figure(one) for one in figures(kept, threshold)],
        "boxes": [_boxes(one) for one in box_figures(kept)],
        "latency_ms": {"p50": _short(percentile(spent, 50)), "p95": _short(percentile(spent, 95))},
    }


def clip_document(
    model: str,
    limits: RiskLimits,
    plan: Plan,
    reports: Mapping[str, tuple[ClipReport, float | None]],
) -> dict[str, Any]:
    """Figures of collections of clips, each with the seconds that are in time (None: usual)."""
    return {
        "kind": "video",
        "model": model,
        "limits": {
            "fire": limits.vision_fire,
            "smoke": limits.vision_smoke,
            "hits": limits.vision_hits,
            "of": limits.vision_of,
        },
        "plan": asdict(plan),
        "collections": {
            name: _collection(report, seconds) for name, (report, seconds) in reports.items()
        },
    }


def show(document: Mapping[str, Any]) -> None:
    """Print the document as tables."""
    if document["kind"] == "image":
        _show_pictures(document)
        return
    limits = document["limits"]
    print(
        f"{document['model']}: alarm at fire {limits['fire']:g}, smoke {limits['smoke']:g}, "
        f"{limits['hits']} of {limits['of']}"
    )
    for name, collection in document["collections"].items():
        print(f"\n{name}")
        _show_clips(collection)


def _figure(one: LabelFigures) -> dict[str, Any]:
    found = asdict(one)
    found["f1"] = one.at.f1
    found["few_groups"] = one.groups < FEW_GROUPS
    return {key: _rounded(value) for key, value in found.items()}


def _boxes(one: BoxFigures) -> dict[str, Any]:
    found = asdict(one)
    counts = found.pop("counts")
    pictures, boxes = counts["pictures"], counts["boxes"]
    return {
        **found,
        **counts,
        "centre_inside": _short(counts["centred"] / pictures if pictures else None),
        "recall_iou_0.3": _short(counts["agreeing"] / boxes if boxes else None),
    }


def _collection(report: ClipReport, seconds: float | None) -> dict[str, Any]:
    shares = report.shares(seconds)
    in_time = {share.label: share.seconds for share in shares}
    found = {
        "found": [
            {
                **asdict(clip),
                "in_time": clip.within(in_time[clip.label]),
                "any_in_time": clip.any_within(in_time[clip.label]),
                "typical": clip.typical,
            }
            for clip in report.found
        ],
        "shares": [asdict(share) for share in shares],
        "quiet": [asdict(clip) for clip in report.quiet],
        "unknown": [asdict(clip) for clip in report.unknown],
        "false_alarms_per_hour": {k: asdict(v) for k, v in report.false_alarms().items()},
    }
    return {key: _rounded(value) for key, value in found.items()}


def _show_pictures(document: Mapping[str, Any]) -> None:
    print(
        f"{document['model']}: {document['pictures']} pictures, {document['repeats']} repeats "
        f"left out, threshold {document['threshold']:g}"
    )
    headings = ("label", "set", "with", "without", "AUC (95 %)", "precision", "recall", "F1",
                "recall at 3 %", "recall at 5 %", "Brier", "ECE")  # fmt: skip
    rows = [
        (
            one["label"],
            one["set_name"] + (" *" if one["few_groups"] else ""),
            one["positives"],
            one["negatives"],
            _interval(one["auc"]),
            _value(one["precision"]),
            _value(one["recall"]),
            one["f1"],
            *_limited(one["limited"]),
            one["brier"],
            one["calibration"],
        )
        for one in document["figures"]
    ]
    print_table(headings, rows)
    if any(one["few_groups"] for one in document["figures"]):
        print("* from few independent sources: the interval is too narrow")
    if document["boxes"]:
        _show_boxes(document["boxes"])


def _show_boxes(figures: Sequence[Mapping[str, Any]]) -> None:
    print()
    rows = [
        (
            one["label"],
            "all" if one["below"] is None else f"< {100 * one['below']:g} %",
            one["boxes"],
            one["centre_inside"],
            one["recall_iou_0.3"],
        )
        for one in figures
    ]
    print_table(("label", "boxes", "drawn", "centre inside", "recall at IoU 0.3"), rows)


def _show_clips(collection: Mapping[str, Any]) -> None:
    _show_found(collection)
    _show_quiet(collection)


def _show_found(collection: Mapping[str, Any]) -> None:
    if collection["found"]:
        rows = [
            (
                clip["name"],
                clip["label"],
                f"{clip['in_time']} of {len(clip['times'])}",
                f"{clip['any_in_time']} of {len(clip['times'])}",
                clip["typical"],
            )
            for clip in collection["found"]
        ]
        print_table(("clip", "shows", "in time", "by any alarm", "median s"), rows)
    for share in collection["shares"]:
        print(
            f"{share['label']} within {share['seconds']:g} s: {_interval(share['clips'])} of "
            f"{share['count']} clips ({_interval(share['any_clips'])} by any alarm)"
        )


def _show_quiet(collection: Mapping[str, Any]) -> None:
    quiet = [(clip, "") for clip in collection["quiet"]]
    quiet += [(clip, " (unknown)") for clip in collection["unknown"]]
    if quiet:
        rows = [
            (
                clip["name"] + remark,
                clip["hours"],
                clip["fires"],
                clip["smokes"],
                clip["standing_hours"],
                clip["highest_fire"],
                clip["highest_smoke"],
            )
            for clip, remark in quiet
        ]
        headings = ("clip", "hours", "fire alarms", "smoke alarms", "hours in alarm", "fire up to",
                    "smoke up to")  # fmt: skip
        print_table(headings, rows)
    for label, rate in collection["false_alarms_per_hour"].items():
        print(f"false {label} alarms a camera-hour: {_interval(rate)}")


def _limited(limited: Sequence[Mapping[str, Any]]) -> list[str]:
    if not limited:
        return ["–", "–"]
    return [
        "–"
        if one["threshold"] is None
        else f"{one['recall']['value']:.3f} (≥ {one['threshold']:.3f})"
        for one in limited
    ]


def _interval(estimate: Mapping[str, float] | None) -> str:
    if estimate is None:
        return "–"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f}–{estimate['high']:.3f})"


def _value(estimate: Mapping[str, float] | None) -> float | None:
    return None if estimate is None else estimate["value"]


def _rounded(value: Any) -> Any:
    """The same with its floats short enough to read."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
