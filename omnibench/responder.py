"""The online-step interface: what a model implements, and how a model is found by name or by ``file.py:Class``.

A listener is opened once per dialogue and stepped once per video frame. Step ``i`` sees frames ``<= i``; what it
returns plays from frame ``i + 1`` on.
"""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal, Protocol, get_args, runtime_checkable
from uuid import uuid4

from omnibench.errors import InputError, UsageError, closest
from omnibench.files.names import encodable
from omnibench.model_file import build, is_model_file, load_class, source_hash
from omnibench.registry import Registry
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame, Track

Kind = Literal["online", "offline", "control"]
Modality = Literal["face", "audio", "words", "image"]
MODEL_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
MOST_LOOKAHEAD: Final = 10.0
"""Seconds that a card may declare."""
_OPENINGS: Final = ("open", "open_batch", "open_with_oracle")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a reader of the table needs to know about a model.

    ``outputs`` are the parts a model answers with; the others are the paper's dash. ``inputs`` with ``"image"`` makes
    the clock decode the speaker's video. ``weights`` are asset names. ``transfers`` False: a checkpoint trained on
    ``trained_on`` alone refuses other data unless ``--allow-transfer``. ``lookahead``: seconds by which a codec behind
    the model, like that of a call, still holds back the sound that it hands over; charged at the real pace.
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
    lookahead: float = 0.0

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
        for name in ("version", "summary", "licence", "citation", "group", "trained_on", "weights"):
            told = getattr(self, name)
            if any(not encodable(text) for text in ([told] if isinstance(told, str) else told)):
                raise _bad_field(self.name, name, told, "whole characters: half of one (a lone surrogate) is in it")
        if not MODEL_NAME.fullmatch(self.name):
            expected = "up to 100 letters, digits and . _ + -, a letter or digit first: it names the run's folder"
            raise _bad_field(self.name, "name", self.name, expected)
        if self.kind not in get_args(Kind):
            raise _bad_field(self.name, "kind", self.kind, f"one of {', '.join(get_args(Kind))}")
        _check_modalities(self)
        if isinstance(self.parameters, bool) or not isinstance(self.parameters, int) or self.parameters < 0:
            raise _bad_field(self.name, "parameters", self.parameters, "how many there are, 0 or more")
        if not isinstance(self.transfers, bool):
            raise _bad_field(self.name, "transfers", self.transfers, "True or False")
        _check_lookahead(self)


def _check_lookahead(card: ModelCard) -> None:
    told = card.lookahead
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= MOST_LOOKAHEAD:
        raise _bad_field(card.name, "lookahead", told, f"seconds, 0 to {MOST_LOOKAHEAD:g}")
    if told and "audio" not in card.outputs:
        raise _bad_field(card.name, "lookahead", told, f"0, of a model that answers with {', '.join(card.outputs)}")


def _check_modalities(card: ModelCard) -> None:
    expected = f"some of {', '.join(get_args(Modality))}"
    for name, words in (("inputs", card.inputs), ("outputs", card.outputs)):
        for word in words:
            if word not in get_args(Modality):
                raise _bad_field(card.name, name, word, expected)
    if not card.outputs:
        raise _bad_field(card.name, "outputs", card.outputs, expected)


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


class ModelEntry(ABC):
    """What an entry point of the group ``omnibench.models`` names: an instance of a class derived from this one, made
    when its module is imported, which must not import torch; ``build`` may.

    ``card`` and ``build`` have to be there, the rest where it applies. A public name that stands not here is a mistake
    and refused; what is an entry's own business begins with ``_``.
    """

    card: ModelCard
    """The model's card, known before any weight is loaded."""

    default_checkpoint: Path | None = None
    """The file that is used without ``--checkpoint``; where it is missing, ``omnibench train NAME`` is named."""

    configurations: Path | None = None
    """The folder of its named configurations, ``NAME.toml``, for ``--config NAME``."""

    runtime_settings: frozenset[str] = frozenset()
    """Names of settings that do not change the answers, like a timeout, so that a run may go on with others."""

    takes_base_url: bool = False
    """Whether ``--base-url`` is its setting ``base_url``."""

    shares_codec: bool = False
    """Whether ``omnibench train`` takes ``--codec-from`` for it."""

    source: str = ""
    """The hash of its code, where that is part of what defines its answers."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        check_names(f"{cls.__module__}.{cls.__qualname__}", [*vars(cls), *inspect.get_annotations(cls)])

    @abstractmethod
    def build(self, options: ModelOptions) -> Responder | BatchResponder | Control:
        """Load weights and return the model. Raises MissingError naming the command that gets what is missing."""

    def build_for_measuring(self, options: ModelOptions) -> Responder | BatchResponder | Control:
        """As `build`, with random weights where there are no trained ones, for what does not depend on them: step
        times, memory, causality.
        """
        return self.build(options)

    def missing(self, options: ModelOptions) -> str:
        """The line that gets what the model lacks here beside checkpoint and ``card.weights``, a package or a key;
        ``""`` for nothing.
        """
        return ""

    def fingerprint(self, options: ModelOptions) -> Mapping[str, str] | None:
        """What beside settings and checkpoint defines the answers, like prompts, for the run's identity and every
        signature. Raises UsageError for settings that do not fit, before anything is written.
        """
        return None

    def reads(self, options: ModelOptions) -> Sequence[Path]:
        """Files and folders beside weights and settings that the answers rest on by design, like kept answers of an
        endpoint, for an audit to leave in reach.
        """
        return ()

    def train(self, job: Any) -> Path:
        """Run ``omnibench train NAME``, of which ``job`` is a `baselines.shared.train.TrainJob`; returns the
        checkpoint's path.
        """
        raise UsageError(f"{self.card.name} cannot be trained.")


def check_names(where: str, names: Iterable[str]) -> None:
    """Raises InputError for a public name that no `ModelEntry` has: a mistyped attribute would be silence else."""
    known = {*(name for name in vars(ModelEntry) if not name.startswith("_")), *ModelEntry.__annotations__}
    for name in names:
        if not name.startswith("_") and name not in known:
            meant = closest(name, known)
            hint = f'did you mean "{meant}"?' if meant else f"it knows {', '.join(sorted(known))}."
            raise InputError(f'{where}: "{name}" is no part of a ModelEntry; {hint} Names of its own begin with _.')


def _check_entry(name: str, found: object) -> None:
    if not isinstance(found, ModelEntry):
        raise InputError(
            f'The model "{name}" is registered as a {type(found).__name__}; expected an instance of a class derived '
            f"from omnibench.ModelEntry, with a card and a method build(options)."
        )
    check_names(f'The model "{name}"', getattr(found, "__dict__", {}))
    if not isinstance(getattr(found, "card", None), ModelCard):
        raise InputError(f'The model "{name}" has no card; expected `card = ModelCard(...)` in {type(found).__name__}.')


MODELS: Registry[ModelEntry] = Registry(
    "omnibench.models", kind="model", listing="omnibench models", check=_check_entry
)


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
class FileEntry(ModelEntry):
    """The entry of a model in a file of the user's own: its card, the file, and the class."""

    card: ModelCard
    _path: Path
    _factory: Any
    source: str = ""

    def build(self, options: ModelOptions) -> Responder | BatchResponder | Control:
        """The class called with the settings. Raises as `omnibench.model_file.build`."""
        model: Responder | BatchResponder | Control = build(self._path, self._factory, options.settings)
        return model


def _from_file(spec: str) -> ModelEntry:
    path, factory = load_class(spec)
    card = _card_of(factory, f"{path}:{factory.__name__}")
    return FileEntry(card, path, factory, source_hash(path))


@dataclass(frozen=True, slots=True)
class OwnEntry(ModelEntry):
    """The entry of a class, or of an object, of this very process, which no other process can find or build.

    Nobody can tell by its looks whether it is still the model of an earlier run, so ``source`` is never the same.
    """

    card: ModelCard
    _model: Any
    source: str = field(default_factory=lambda: uuid4().hex)

    def build(self, options: ModelOptions) -> Responder | BatchResponder | Control:
        """The object, or the class called with the settings. Raises UsageError for settings of an object."""
        if isinstance(self._model, type):
            built: Responder | BatchResponder | Control = self._model(**options.settings)
            return built
        if options.settings:
            raise UsageError(f"{self.card.name} is built already; settings go with a class or with a model's name.")
        model: Responder | BatchResponder | Control = self._model
        return model


def own_entry(model: object) -> OwnEntry:
    """The entry of a model's class, or of a model. Raises InputError for what is none."""
    kind = model if isinstance(model, type) else type(model)
    return OwnEntry(_card_of(model, kind.__qualname__), model)


def _card_of(model: object, where: str) -> ModelCard:
    card = getattr(model, "card", None)
    if not isinstance(card, ModelCard):
        raise InputError(f"{where}: expected a class attribute `card = ModelCard(...)`; found {_shown(card)}.")
    if not any(callable(getattr(model, method, None)) for method in _OPENINGS):
        raise InputError(f"{where}: expected a method `open(self, context)` that returns a session; it has none.")
    return card


def _shown(value: object) -> str:
    return "none" if value is None else f"{type(value).__name__} {value!r}"[:80]
