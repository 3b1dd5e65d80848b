"""Makes the shipped files of a trained network: python -m tools.train.export MEDIA OUT TARGET.

OUT is what `train` wrote. TARGET gets ember.onnx and ember.toml. The pictures that only check
choose the calibration (Platt 1999: probability = sigmoid(scale × logit + shift)). The 8-bit file is
shipped when it costs less than `_COST` of area under the curve there, otherwise the 32-bit one.
"""

import argparse
import hashlib
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from tools.train.check import area, scores, tensor_of
from tools.train.network import Finished, FireNet
from tools.train.pictures import Picture, from_clip, from_images
from tools.train.split import Use, clips, images

SIZE = (320, 256)  # px, width and height
_OPSET = 17
_COST = 0.002  # of the area under the curve
_SAMPLE = 240  # training pictures that decide the 8-bit ranges
_WEIGHT = 0.01  # of the squared scale in the fit; keeps a perfect separation finite


def run(media: Path, out: Path, target: Path, version: str) -> None:
    """Calibrate, export, try 8 bits, write the manifest."""
    torch.set_num_threads(1)
    net = FireNet()
    net.load_state_dict(torch.load(out / "state.pt", weights_only=True)["mean"])
    net.eval()
    items = images(media)
    checks = from_images([item for item in items if item.use is Use.CHECK])
    taught = from_images([item for item in items if item.use is Use.TRAIN])
    scale, shift = _calibration(net, checks, taught)
    target.mkdir(parents=True, exist_ok=True)
    whole, model = target / "ember.fp32.onnx", target / "ember.onnx"
    _export(Finished(net, scale, shift).eval(), whole)
    sample = taught[:: max(1, len(taught) // _SAMPLE)]
    for clip in clips(media):
        if clip.use is Use.TRAIN:
            sample += from_clip(clip, 4.0)
    _quantised(whole, model, sample)
    exact, coarse = _areas(whole, checks), _areas(model, checks)
    print(f"area under the curve (fire, smoke): 32 bits {exact}, 8 bits {coarse}")
    if exact[0] - coarse[0] > _COST or (exact[1] == exact[1] and exact[1] - coarse[1] > _COST):
        print("8 bits cost too much: the 32-bit file is taken")
        whole.replace(model)
    else:
        whole.unlink()
    _write_manifest(model, version)


def _calibration(
    net: FireNet, checks: list[Picture], taught: list[Picture]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Scale and shift for fire and for smoke; smoke has no pictures that only check, so that
    the training pictures of smoke stand in, whose scores are a little too sure.
    """
    scales, shifts = [], []
    for kind, pictures in ((0, checks), (1, checks + taught[::4])):
        told, _ = scores(net, [picture.pixels for picture in pictures], SIZE)
        labels = np.array([(p.fire, p.smoke)[kind] for p in pictures])
        known = labels >= 0
        scale, shift = _platt(told[known, kind], labels[known])
        print(f"calibration {('fire', 'smoke')[kind]}: {scale:.3f} x logit {shift:+.3f}")
        scales.append(scale)
        shifts.append(shift)
    return (scales[0], scales[1]), (shifts[0], shifts[1])


def _platt(values: NDArray[np.float32], labels: NDArray[np.float64]) -> tuple[float, float]:
    """Newton's method for the two parameters, both classes weighing the same."""
    x = np.stack([values.astype(np.float64), np.ones(len(values))], 1)
    weight = np.where(labels == 1, 0.5 / (labels == 1).mean(), 0.5 / (labels == 0).mean())
    found = np.array([1.0, 0.0])
    pull = np.diag([_WEIGHT, 0.0]) * len(values)
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ found))
        slope = x.T @ (weight * (p - labels)) + pull @ (found - np.array([1.0, 0.0]))
        bend = (x * (weight * p * (1 - p))[:, None]).T @ x + pull + 1e-6 * np.eye(2)
        found = found - np.linalg.solve(bend, slope)
    return float(found[0]), float(found[1])


def _export(net: Finished, path: Path) -> None:
    example = torch.zeros(1, 3, SIZE[1], SIZE[0])
    torch.onnx.export(
        net, (example,), str(path), input_names=["picture"], output_names=["heat", "score"],
        opset_version=_OPSET, dynamo=False,
    )  # fmt: skip
    onnx.checker.check_model(str(path))


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, pictures: list[Picture]) -> None:
        self._left = iter(pictures)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        picture = next(self._left, None)
        return None if picture is None else {"picture": tensor_of(picture.pixels, SIZE)}


def _quantised(whole: Path, target: Path, pictures: list[Picture]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.onnx"
        quant_pre_process(str(whole), str(ready))
        graph = onnx.load(str(ready)).graph
        # What decides the last digits stays exact: the two heads, and what follows them.
        exact = [
            node.name
            for node in graph.node
            if node.op_type != "Conv" or any("net.heat" in name for name in node.input)
        ]
        quantize_static(
            str(ready), str(target), _Pictures(pictures), quant_format=QuantFormat.QDQ,
            per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=[n for n in exact if "Add" not in n and "Relu" not in n],
        )  # fmt: skip


def _areas(model: Path, checks: list[Picture]) -> tuple[float, float]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options)
    told = np.array(
        [session.run(["score"], {"picture": tensor_of(p.pixels, SIZE)})[0][0] for p in checks]
    )
    labels = np.array([(p.fire, p.smoke) for p in checks])
    return area(told[:, 0], labels[:, 0]), area(told[:, 1], labels[:, 1])


def _write_manifest(model: Path, version: str) -> None:
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    model.with_suffix(".toml").write_text(
        f'name = "EmberEye fire and smoke {version}"\n'
        'family = "heat_map"\n'
        'labels = ["fire", "smoke"]\n'
        f"size = [{SIZE[0]}, {SIZE[1]}]\n"
        "confidence = 0.4\nedge = 0.2\n"
        'licence = "Apache-2.0"\n'
        f'sha256 = "{digest}"\n',
        encoding="utf-8",
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("media", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--version", default="1")
    args = parser.parse_args()
    run(args.media, args.out, args.target, args.version)


if __name__ == "__main__":
    main()
