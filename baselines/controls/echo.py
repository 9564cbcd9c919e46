"""``echo``: when the speaker comes to a stop it asks "Really? X and Y?", with the two rarest words it just heard.

It is on the topic and in time and understands nothing: a metric of content on which it beats a model can be won by
repeating what was heard. How rare a word is was counted on mini's train split; a word that is not there is rarer than
any that is, and of equally rare ones the longer is taken, then the earlier. "Really?" and "and" are a person's of that
split; X and Y are cut out of what was heard, so they are said in the speaker's own voice and with the speaker's lips.
A stop is quiet of 0.6 s after 0.3 s of speech (`baselines.controls.hearing.Ear`); it listens on while it asks, and what
it hears then is left out.
Where no content word was heard it asks "Really?" alone. Both recordings and the counts come from
``python -m baselines.controls.choose_echo``.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from baselines.controls.entry import ControlEntry
from baselines.controls.hearing import Ear
from baselines.controls.recordings import Reply, ReplyPlayer, stored_reply
from baselines.controls.splicing import Piece, splice, word_of
from omnibench.responder import ModelCard
from omnibench.types import Audio, DialogueContext, Face, ListenerFrame, SpeakerFrame, Word

CARD = ModelCard(
    name="echo",
    version="1",
    kind="control",
    outputs=("face", "audio", "words"),
    summary='"Really? X and Y?" at each stop of the speaker: the rarest words just heard, in the speaker\'s voice.',
    licence="Apache-2.0",
    trained_on=("mini",),
    group="Controls",
)
STORED: Final = Path(__file__).with_suffix(".json")
SPEECH_SECONDS, PAUSE_SECONDS = 0.3, 0.6
KEPT_SECONDS: Final = 60
"""How far back a word can be cut from."""

COMMON: Final = 100
"""So many of the train split's most frequent words are no content words."""

SHORTEST_SECONDS: Final = 0.05
_EDGES: Final = ".,?!;:\"'()[]-–—…"


def plain(text: str) -> str:
    """A word without the punctuation around it, in small letters."""
    return text.strip(_EDGES).lower()


def rarest(words: Iterable[Word], counts: Mapping[str, int], common: frozenset[str]) -> list[Word]:
    """The two rarest content words in the order in which they were said, or as many as there are."""
    found: dict[str, Word] = {}
    for word in words:
        key = plain(word.text)
        if any(letter.isalpha() for letter in key) and key not in common:
            found.setdefault(key, word)
    chosen = sorted(found, key=lambda key: (counts.get(key, 0), -len(key)))[:2]
    return [word for key, word in found.items() if key in chosen]


class EchoSession:
    """Collects what is heard until the speaker stops, and asks back."""

    def __init__(self, context: DialogueContext, recorded: Reply, counts: Mapping[str, int]) -> None:
        self._context, self._counts = context, counts
        self._common = frozenset(sorted(counts, key=lambda word: -counts[word])[:COMMON])
        self._really, self._and = (word_of(recorded, word, context.sample_rate) for word in recorded.words)
        self._ear, self._player = Ear(context.fps, SPEECH_SECONDS, PAUSE_SECONDS), ReplyPlayer(context)
        self._words: list[Word] = []
        self._heard: deque[tuple[Audio, Face]] = deque(maxlen=round(KEPT_SECONDS * context.fps))

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """One frame of listening or of the question."""
        self._heard.append((frame.audio, frame.face))
        self._words += frame.words
        if self._ear.hear(frame.audio):
            if self._words and not self._player.playing:
                self._player.start(self._question(frame.index), frame.index + 1)
            self._words = []
        return self._player.frame(frame.index + 1)

    def close(self) -> None:
        """Nothing to free."""

    def _question(self, index: int) -> Reply:
        """What is asked after frame ``index``."""
        context, first = self._context, index + 1 - len(self._heard)
        sound, faces = (list(part) for part in zip(*self._heard, strict=True))
        rate, offset = context.sample_rate, context.samples_before(first) / context.sample_rate
        heard = Reply((), np.concatenate(sound), rate, np.stack(faces), context.fps)
        repeated = []
        for word in rarest(self._words, self._counts, self._common):
            said = Word(word.text.strip(_EDGES), word.start - offset, word.end - offset)
            piece = word_of(heard, said, rate)
            if len(piece.audio) >= SHORTEST_SECONDS * rate and len(piece.face):
                repeated.append(piece)
        return splice(_sentence(self._really, self._and, repeated), rate, context.fps)


def _sentence(really: Piece, conjunction: Piece, repeated: Sequence[Piece]) -> list[Piece]:
    if not repeated:
        return [really]
    *before, last = repeated
    asked = Piece(f"{last.text}?", last.audio, last.face, last.fps)
    return [really, *before, *([conjunction] if before else []), asked]


@cache
def stored_counts(stored: Path = STORED) -> dict[str, int]:
    """How often the train split's words are said."""
    counts: dict[str, int] = json.loads(stored.read_text(encoding="utf-8"))["counts"]
    return counts


class Echo:
    """The control."""

    card = CARD

    def open(self, context: DialogueContext) -> EchoSession:
        """Start to listen."""
        return EchoSession(context, stored_reply(STORED), stored_counts())


entry = ControlEntry(CARD, Echo)
