"""The online-step interface: what a model implements, and how a model is found by name or by ``file.py:Class``.

A listener is opened once per dialogue and stepped once per video frame. Step ``i`` sees frames ``<= i``; what it
returns plays from frame ``i + 1`` on.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from omnibench.errors import InputError, UsageError
from omnibench.registry import Registry
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame, Track

Kind = Literal["online", "offline", "control"]
Modality = Literal["face", "audio", "words", "image"]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a reader of the table needs to know about a model.

    ``outputs`` are the parts a model answers with; the others are the paper's dash. ``inputs`` with ``"image"`` makes
    the clock decode the speaker's video. ``weights`` are asset names. ``transfers`` False: a checkpoint trained on
    ``trained_on`` alone refuses other data unless ``--allow-transfer``.
    """

    name: str
    version: str
    kind: Kind
    outputs: tuple[Modality, ...]
    summary: str
    inputs: tuple[Modality, ...] = ("face", "audio", "words")
    parameters: int = 0
    licence: str = ""
    trained_on: tuple[str, ...] = ()
    transfers: bool = True
    weights: tuple[str, ...] = ()
    citation: str = ""
    group: str = "Online Multimodal Conversational Response Generation Baseline"


class Session(Protocol):
    """One running dialogue."""

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """Answer one speaker frame. Called with index 0, 1, 2, … without gaps."""

    def close(self) -> None:
        """Free what the session holds. Called once, also after an error."""


@runtime_checkable
class Accounting(Protocol):
    """A session that says what its dialogue cost, like tokens and money, when it ends, well or not."""

    def account(self) -> Mapping[str, float]:
        """Amounts by name; ``run.json`` holds their sums over all dialogues, failed attempts included."""


@runtime_checkable
class Responder(Protocol):
    """A conversational listener, ready to open dialogues."""

    card: ModelCard

    def open(self, context: DialogueContext) -> Session:
        """Start a dialogue. Raises OmnibenchError where this model cannot serve it (a fps, a rate)."""


@runtime_checkable
class LockStep(Protocol):
    """Sessions that can answer a frame of all dialogues in one call: what ``open_batch`` may return, a sequence of
    sessions with this method.

    A dialogue's answers must not depend on the others, nor on when they end, not by a bit. The sessions stay sessions:
    each can be closed by itself, and stepped by itself as long as the group is not stepped.
    """

    def step_batch(self, frames: Sequence[SpeakerFrame | None]) -> Sequence[ListenerFrame | None]:
        """Answer frame ``i`` of each dialogue, in their order; None for one that is over or has failed.

        What this raises fails every dialogue that had a frame.
        """


@runtime_checkable
class BatchResponder(Protocol):
    """A listener that steps many dialogues in lock-step."""

    card: ModelCard

    def open_batch(self, contexts: Sequence[DialogueContext]) -> Sequence[Session]:
        """One session per context; the runner steps them frame by frame, together, and in one call where what is
        returned is a ``LockStep``.
        """


@runtime_checkable
class Control(Protocol):
    """A control: the only kind that is given an oracle, the human listener's own track. The leaderboard refuses
    them.
    """

    card: ModelCard

    def open_with_oracle(self, context: DialogueContext, oracle: Oracle) -> Session:
        """Start a dialogue with the human listeners' tracks in reach."""


class Oracle(Protocol):
    """What controls may see: human listener tracks by dialogue id, in the data set's order."""

    ids: tuple[str, ...]

    def listener(self, dialogue: str) -> Track:
        """The human listener of a dialogue of the split."""


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How a model is built: ``--checkpoint``, ``--device``, ``--config`` and ``--set key=value``, resolved."""

    checkpoint: Path | None = None
    device: str = "cpu"
    settings: Mapping[str, Any] = field(default_factory=dict)


class ModelEntry(Protocol):
    """What an entry point of the group ``omnibench.models`` names: a module-level object with a light ``card``.

    Importing it must not import torch; ``build`` may. More attributes are looked for, none has to be there:

    * ``default_checkpoint``: the file that is used without ``--checkpoint``;
    * ``missing(ModelOptions) -> str``: the line that gets all that the model lacks here (packages, a key), or ``""``;
    * ``fingerprint(ModelOptions) -> Mapping[str, str]``: what beside the settings defines the answers, for the run's
      identity and every signature; raises UsageError for settings that do not fit, before anything is written;
    * ``runtime_settings``: names of settings that do not change the answers, like a timeout;
    * ``configurations``: the folder of its named configurations, ``NAME.toml``, for ``--config NAME``;
    * ``build_for_measuring(ModelOptions)``: as ``build``, with random weights where there are no trained ones, for what
      does not depend on them: step times, memory, causality;
    * ``takes_base_url``: True for a model with a setting ``base_url``, which ``--base-url`` gives.
    """

    @property
    def card(self) -> ModelCard:
        """The model's card, known before any weight is loaded."""

    def build(self, options: ModelOptions) -> Responder | BatchResponder | Control:
        """Load weights and return the model. Raises MissingError naming the command that gets what is missing."""


MODELS: Registry[ModelEntry] = Registry("omnibench.models", kind="model", listing="omnibench models")


def find_model(name: str) -> ModelEntry:
    """A model by registered name, or by ``path/to/file.py:Class``.

    Raises:
        UsageError: nobody registered that name.
        InputError: the file or class is not there, or has no ``card``.
    """
    if ".py:" in name:
        return _from_file(name)
    return MODELS.get(name)


@dataclass(frozen=True, slots=True)
class _FileEntry:
    card: ModelCard
    factory: Any

    def build(self, options: ModelOptions) -> Responder | BatchResponder | Control:
        model: Responder | BatchResponder | Control = self.factory(**options.settings)
        return model


def _from_file(spec: str) -> ModelEntry:
    path_text, _, class_name = spec.rpartition(":")
    path = Path(path_text)
    if not path.is_file():
        raise InputError(f"{path}: no such file; --model expects a registered name or path/to/file.py:Class.")
    module_name = f"omnibench_user_model_{path.stem}"
    module_spec = importlib.util.spec_from_file_location(module_name, path)
    if module_spec is None or module_spec.loader is None:
        raise UsageError(f"{path}: not a Python file.")
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module_name] = module
    module_spec.loader.exec_module(module)
    found = getattr(module, class_name, None)
    if found is None:
        public = ", ".join(n for n, v in vars(module).items() if isinstance(v, type) and v.__module__ == module_name)
        raise InputError(f'{path}: no class "{class_name}"; it defines: {public or "no class"}.')
    card = getattr(found, "card", None)
    if not isinstance(card, ModelCard):
        raise InputError(f"{path}:{class_name}: expected a class attribute `card = ModelCard(...)`.")
    return _FileEntry(card, found)
