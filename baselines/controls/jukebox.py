"""``jukebox``: answers each turn as a person answered the most similar turn of a train split, replayed.

What is said, how, and with which face is a person's; that it fits is left to the similarity of two sentences. It is the
baseline to beat: a model that does not has learnt no more than to look up.

A turn is what was heard up to a stop: quiet of 0.6 s after 0.3 s of speech (`baselines.controls.hearing.Ear`). Its
words are encoded once, by all-MiniLM-L6-v2, and the answer to the train turn with the closest direction plays from the
next frame on: its voice, its words, its expression and how its head turns; where the head is stays. The speaker who
speaks for 0.7 s while it answers, longer than a backchannel takes, is given the floor: it falls silent, and the words
that it did not finish are not said. A turn without words is not answered, nor is one that ended while it spoke.

    omnibench run --model jukebox                      mini's train split, which lies beside this file
    omnibench run --model jukebox --set train=DIR      that of another data set, by folder or name
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from baselines.controls.hearing import Ear
from baselines.controls.recordings import EXPRESSION_AND_HEAD, ReplyPlayer
from baselines.controls.shelf import ENCODER, Shelf, encode, shelf_of, stored_shelf
from omnibench.responder import ModelCard, ModelEntry, ModelOptions
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame, Word

CARD = ModelCard(
    name="jukebox",
    version="1",
    kind="control",
    outputs=("face", "audio", "words"),
    summary="How a person of the train split answered the most similar turn (MiniLM), replayed with voice and face.",
    inputs=("audio", "words"),
    parameters=22_713_216,
    licence="Apache-2.0",
    trained_on=("mini",),
    weights=(ENCODER,),
    group="Controls",
)
STORED: Final = Path(__file__).with_suffix(".json")
SPLIT: Final = "train"
SPEECH_SECONDS, PAUSE_SECONDS = 0.3, 0.6
YIELD_SECONDS: Final = 0.7


class JukeboxSession:
    """Listens to a turn, looks it up, and replays the answer."""

    def __init__(self, context: DialogueContext, shelf: Shelf, device: str) -> None:
        self._shelf, self._device = shelf, device
        self._ear = Ear(context.fps, SPEECH_SECONDS, PAUSE_SECONDS)
        self._player = ReplyPlayer(context, EXPRESSION_AND_HEAD)
        self._patience = YIELD_SECONDS * context.fps
        self._words: list[Word] = []

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """One frame of listening or of the answer."""
        self._words += frame.words
        if self._ear.hear(frame.audio):
            if self._words and not self._player.playing:
                (key,) = encode([" ".join(word.text for word in self._words)], self._device)
                self._player.start(self._shelf.reply(self._shelf.nearest(key)), frame.index + 1)
            self._words = []
        elif self._ear.speech >= self._patience:
            self._player.stop()
        return self._player.frame(frame.index + 1)

    def close(self) -> None:
        """Nothing to free."""


class Jukebox:
    """The control.

    Args:
        shelf: what it chooses from.
        device: of the encoder.
    """

    card = CARD

    def __init__(self, shelf: Shelf, device: str = "cpu") -> None:
        self._shelf, self._device = shelf, device

    def open(self, context: DialogueContext) -> JukeboxSession:
        """Start to listen."""
        return JukeboxSession(context, self._shelf, self._device)


class JukeboxEntry(ModelEntry):
    """The entry point; its one setting is ``train``, a data set by folder or name."""

    card = CARD

    def build(self, options: ModelOptions) -> Jukebox:
        """Load the encoder and the turns. Raises TypeError for another setting, others as `shelf_of`."""
        encode(["hello"], options.device)  # so that no step has to wait for it
        return Jukebox(_shelf(device=options.device, **options.settings), options.device)

    def fingerprint(self, options: ModelOptions) -> Mapping[str, str] | None:
        """The turns that it chooses from, where they are not those beside this file."""
        from omnibench.datasets.opening import open_dataset

        train = options.settings.get("train")
        return None if train is None else {"train": open_dataset(str(train)).manifest_hash(SPLIT)}


def _shelf(*, device: str, train: str | None = None) -> Shelf:
    if train is None:
        return stored_shelf(STORED)
    from omnibench.datasets.opening import open_dataset

    return shelf_of(open_dataset(str(train)), SPLIT, device)


entry = JukeboxEntry()
