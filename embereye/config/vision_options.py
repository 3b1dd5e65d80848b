"""Options of detection: what looks at pictures, how often, and how sure it must be."""

from typing import Annotated, Literal

from pydantic import Field

from embereye.config.options import Section, option

_Score = Annotated[float, Field(ge=0.05, le=0.99)]


class RemoteDetector(Section):
    """A detector on another machine (HTTP)."""

    enabled: bool = option(False, "Ask it about the cameras that name it")
    url: str = option(
        "http://127.0.0.1:8090", "Its address, without /detect; no key or password in it",
        max_length=500,
    )  # fmt: skip
    require_https: bool = option(False, "Refuse plain http to other machines")
    connect_timeout: float = option(10.0, "Longest wait for a connection", unit="s", ge=1, le=60)
    health_timeout: float = option(5.0, "Longest wait for its health", unit="s", ge=1, le=30)
    read_timeout: float = option(
        60.0, "Longest wait for an answer that is not for a live picture", unit="s", ge=10, le=300
    )
    live_deadline: float = option(
        1.0, "Longest wait for an answer about a live picture", unit="s", ge=0.2, le=5.0
    )
    period: float = option(
        1.0, "Least time between two pictures of one camera", unit="s", ge=0.1, le=60.0
    )


class Detection(Section):
    """Looking for flame and smoke in pictures."""

    enabled: bool = option(True, "Look at all")
    processes: int = option(
        0, "Detector processes; 0: one less than cores, at most 4", ge=0, le=16, restart=True
    )
    rate: float = option(
        8.0, "Pictures per second and camera while something moves", unit="1/s", ge=1, le=25
    )
    floor_period: float = option(
        2.0,
        # A verdict counts for 5 s; a longer pause would leave the causes of alarms unknown.
        "A still picture is looked at this often",
        unit="s",
        ge=0.2,
        le=4,
    )
    cache_age: float = option(
        10.0, "Longest time for which the verdict on an unchanged picture stands; 0: none",
        unit="s", ge=0, le=60,
    )  # fmt: skip
    fire_confidence: float = option(0.70, "Score that counts as fire", ge=0.3, le=0.99)
    smoke_confidence: float = option(0.70, "Score that counts as smoke", ge=0.3, le=0.99)
    confidence: float = option(0.5, "Least score of other objects", ge=0.0, le=1.0)
    class_confidence: dict[str, _Score] = option(
        {}, "Least score of single labels, such as person = 0.6", max_length=100
    )
    model: str = option(
        "built-in",
        "Models beside the heuristic, in order, separated by commas: built-in, the name of an "
        "imported model, or the path of an ONNX file; empty: none",
        max_length=500,
    )
    provider: Literal["auto", "cpu", "cuda", "tensorrt", "directml", "openvino", "coreml"] = option(
        "auto", "What runs the models; auto: CPU, or a graphics chip where one is usable",
        restart=True,
    )  # fmt: skip
    memory: int = option(
        2048, "A detector process that needs more is replaced", unit="MiB", ge=256, le=16_384,
        restart=True,
    )  # fmt: skip
    manage_models: bool = option(
        True,
        "Models may be imported, changed and removed by whoever works here; an administrator fixes "
        "it with a policy",
    )
    remote: RemoteDetector = option(RemoteDetector(), "Detector on another machine")
