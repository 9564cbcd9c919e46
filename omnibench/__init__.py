"""omnibench: benchmark and evaluation suite for online multimodal conversational response generation.

The face: what ``import omnibench`` gives, each name imported when it is first asked for. ``docs/python.md`` shows it.
"""

from omnibench.version import __version__ as __version__

TYPE_CHECKING = False  # type checkers go by the name; typing's own would be most of what importing this costs

if TYPE_CHECKING:
    from omnibench.api.comparing import CompareResult as CompareResult
    from omnibench.api.comparing import compare as compare
    from omnibench.api.running import RunResult as RunResult
    from omnibench.api.running import run as run
    from omnibench.api.scored import ScoreResult as ScoreResult
    from omnibench.api.scored import score as score
    from omnibench.datasets.base import DataSet as DataSet
    from omnibench.datasets.opening import load_dataset as load_dataset
    from omnibench.metrics.base import Metric as Metric
    from omnibench.metrics.direct import metric as metric
    from omnibench.responder import BatchResponder as BatchResponder
    from omnibench.responder import ModelCard as ModelCard
    from omnibench.responder import ModelEntry as ModelEntry
    from omnibench.responder import ModelOptions as ModelOptions
    from omnibench.responder import Responder as Responder
    from omnibench.responder import Session as Session
    from omnibench.types import Audio as Audio
    from omnibench.types import Dialogue as Dialogue
    from omnibench.types import DialogueContext as DialogueContext
    from omnibench.types import Face as Face
    from omnibench.types import Image as Image
    from omnibench.types import ListenerFrame as ListenerFrame
    from omnibench.types import SpeakerFrame as SpeakerFrame
    from omnibench.types import Track as Track
    from omnibench.types import Word as Word

_HOMES = {
    "api.comparing": ("CompareResult", "compare"),
    "api.running": ("RunResult", "run"),
    "api.scored": ("ScoreResult", "score"),
    "datasets.base": ("DataSet",),
    "datasets.opening": ("load_dataset",),
    "metrics.base": ("Metric",),
    "metrics.direct": ("metric",),
    "responder": ("BatchResponder", "ModelCard", "ModelEntry", "ModelOptions", "Responder", "Session"),
    "types": (
        "Audio",
        "Dialogue",
        "DialogueContext",
        "Face",
        "Image",
        "ListenerFrame",
        "SpeakerFrame",
        "Track",
        "Word",
    ),
}
__all__ = sorted(name for names in _HOMES.values() for name in names)


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            found: object = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
