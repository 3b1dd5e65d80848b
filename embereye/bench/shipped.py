"""The clips that ship with the program, with what they show."""

import tomllib

from embereye.model.detection import FIRE
from embereye.runtime.resources import resource
from embereye.services.labelled import Labelled, Span


def shipped() -> list[Labelled]:
    """Rendered by this project (tools/render_demo.py): fires whose onset is known, look-alikes.

    Smoke of the fires is not labelled: nobody wrote down when it can first be seen.
    """
    folder = resource("demo")
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    return [
        Labelled(
            path=folder / clip["file"],
            kind="video",
            set_name="demo",
            group=clip["place"],
            fire=clip["fire"],
            smoke=None if clip["fire"] else False,
            events=(Span(FIRE, clip["onset"], clip["seconds"]),) if clip["fire"] else (),
        )
        for clip in manifest["clips"]
    ]
