"""The online-step interface: what a model implements, and how a model is found by name or by ``file.py:Class``.

A listener is opened once per dialogue and stepped once per video frame. Step ``i`` sees frames ``<= i``; what it
returns plays from frame ``i + 1`` on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal, Protocol, get_args, runtime_checkable

from omnibench.errors import InputError
from omnibench.model_file import build, is_model_file, load_class, source_hash
from omnibench.registry import Registry
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame, Track

Kind = Literal["online", "offline", "control"]
Modality = Literal["face", "audio", "words", "image"]
MODEL_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_OPENINGS: Final = ("open", "open_batch", "open_with_oracle")


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

    def __post_init__(self) -> None:
        """Check what was written; a list stands for a tuple.

        Raises:
            InputError: a field of another type, an unknown word, or a name that cannot name a folder.
        """
        for name in ("inputs", "outputs", "trained_on", "weights"):
            value = getattr(self, name)
            if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(v, str) for v in value):
                raise _bad_field(self.name, name, value, 'a tuple of strings, like ("words",)')
            object.__setattr__(self, name, tuple(value))
        for name in ("name", "version", "summary", "licence", "citation", "group"):
            if not isinstance(getattr(self, name), str):
                raise _bad_field(self.name, name, getattr(self, name), "a string")
        if not MODEL_NAME.fullmatch(self.name):
            expected = "up to 100 letters, digits and . _ + -, a letter or digit first: it names the run's folder"
            raise _bad_field(self.name, "name", self.name, expected)
        if self.kind not in get_args(Kind):
            raise _bad_field(self.name, "kind", self.kind, f"one of {', '.join(get_args(Kind))}")
        for name in ("inputs", "outputs"):
            for word in getattr(self, name):
                if word not in get_args(Modality):
                    raise _bad_field(self.name, name, word, f"some of {', '.join(get_args(Modality))}")
        if not self.outputs:
            raise _bad_field(self.name, "outputs", self.outputs, f"some of {', '.join(get_args(Modality))}")
        if isinstance(self.parameters, bool) or not isinstance(self.parameters, int) or self.parameters < 0:
            raise _bad_field(self.name, "parameters", self.parameters, "how many there are, 0 or more")
        if not isinstance(self.transfers, bool):
            raise _bad_field(self.name, "transfers", self.transfers, "True or False")


def _bad_field(card: object, field_name: str, value: object, expected: str) -> InputError:
    return InputError(f"ModelCard {card!r}: {field_name} is {value!r}; expected {expected}.")


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


class TimedTrack(Track, Protocol):
    """A track that knows its own frame rate and sample rate; ``frames`` are those of the dialogue."""

    @property
    def fps(self) -> Fraction:
        """Frames per second."""

    @property
    def sample_rate(self) -> int:
        """Samples per second."""


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
    * ``reads(ModelOptions) -> Sequence[Path]``: files and folders beside weights and settings that the answers rest on
      by design, like kept answers of an endpoint, for an audit to leave in reach;
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
        UsageError: nobody registered that name, or the file's class is not named.
        MissingError: the file imports a package that is not installed.
        InputError: the file or class is not there, cannot be imported, or is no model.
    """
    if ".py:" in name or (name not in MODELS.names() and is_model_file(name)):
        return _from_file(name)
    return MODELS.get(name)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """The entry of a model in a file of the user's own: its card, the file, and the class."""

    card: ModelCard
    path: Path
    factory: Any

    @property
    def source(self) -> str:
        """The hash of its code."""
        return source_hash(self.path)

    def build(self, options: ModelOptions) -> Responder | BatchResponder | Control:
        """The class called with the settings. Raises as `omnibench.model_file.build`."""
        model: Responder | BatchResponder | Control = build(self.path, self.factory, options.settings)
        return model


def _from_file(spec: str) -> ModelEntry:
    path, factory = load_class(spec)
    card = getattr(factory, "card", None)
    where = f"{path}:{factory.__name__}"
    if not isinstance(card, ModelCard):
        raise InputError(f"{where}: expected a class attribute `card = ModelCard(...)`; found {_shown(card)}.")
    if not any(callable(getattr(factory, method, None)) for method in _OPENINGS):
        raise InputError(f"{where}: expected a method `open(self, context)` that returns a session; it has none.")
    return FileEntry(card, path, factory)


def _shown(value: object) -> str:
    return "none" if value is None else f"{type(value).__name__} {value!r}"[:80]
