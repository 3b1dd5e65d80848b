"""Render the demo clips into resources/demo; see resources/README.md.

python tools/render_demo.py                    all clips and the manifest
python tools/render_demo.py gate --sheet /tmp  a contact sheet only, draft quality
"""

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from demo_clips import encode
from demo_clips.clip import FPS, Scene, frames
from demo_clips.scenes import (
    boiler_house,
    cable_cellar,
    gate,
    loading_dock,
    paint_store,
    press_line,
    timber_yard,
    turbine_deck,
    yard_west,
)

_TARGET = Path(__file__).resolve().parents[1] / "resources" / "demo"

SCENES: dict[str, Callable[[], Scene]] = {
    "boiler_house": boiler_house.build,
    "loading_dock": loading_dock.build,
    "press_line": press_line.build,
    "paint_store": paint_store.build,
    "cable_cellar": cable_cellar.build,
    "turbine_deck": turbine_deck.build,
    "yard_west": yard_west.build,
    "gate": gate.build,
    "timber_yard": timber_yard.build,
}


def main() -> int:
    """Render what was asked for; returns the exit status."""
    cv2.setNumThreads(1)  # one process a clip keeps the cores busy, and sums stay in one order
    options = _options()
    names = options.scene or list(SCENES)
    with ProcessPoolExecutor(options.jobs) as pool:
        if options.sheet is not None:
            list(pool.map(_sheet, names, [options.sheet] * len(names)))
            return 0
        for name, size in zip(names, pool.map(_clip, names), strict=True):
            print(f"{name}: {size / 1000:.0f} kB")
    _TARGET.joinpath("manifest.toml").write_text(_manifest(), "utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Render the demo clips.")
    parser.add_argument("scene", nargs="*", help="scenes; none means all")
    parser.add_argument(
        "--sheet", type=Path, help="folder for draft contact sheets instead of clips"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    return parser.parse_args()


def _clip(name: str) -> int:
    scene = SCENES[name]()
    path = _TARGET / scene.fact.file
    part = path.with_suffix(".part")  # nobody ever sees half a clip under its own name
    size = (scene.camera.width, scene.camera.height)
    encode.write(part, frames(scene, 2, lambda _: True), size, FPS)
    part.replace(path)
    return path.stat().st_size


def _sheet(name: str, folder: Path) -> None:
    scene = SCENES[name]()
    every = scene.fact.seconds * FPS // 6
    shots = list(frames(scene, 1, lambda i: i % every == every - 1))
    rows = [np.hstack(shots[i : i + 2]) for i in range(0, 6, 2)]
    cv2.imwrite(str(folder / f"sheet_{name}.png"), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


def _manifest() -> str:
    lines = ["# Written by tools/render_demo.py; `onset` is the second of the first flame."]
    for build in SCENES.values():
        scene = build()
        f = scene.fact
        if not _TARGET.joinpath(f.file).exists():
            continue  # the manifest names what is there
        lines += [
            "", "[[clips]]",
            f'file = "{f.file}"',
            f'name = "{f.name}"',
            f'place = "{f.place}"',
            f'shows = "{f.shows}"',
            f"fire = {str(f.onset is not None).lower()}",
            *([] if f.onset is None else [f"onset = {f.onset}"]),
            f"seconds = {f.seconds}", f"fps = {FPS}",
            f"width = {scene.camera.width}", f"height = {scene.camera.height}",
            f"key_frame_every = {encode.KEY_EVERY}",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
