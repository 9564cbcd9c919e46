"""``reflex``: says "yeah" 0.2 s after each silence of the speaker begins, whatever was said.

0.2 s is how long people take from a turn's end to their answer: a metric of timing on which it beats a model can be won
by answering every pause, hesitations included. Silence is what `baselines.controls.hearing.Ear` hears as such. The word
begins with the first frame that lies 0.2 s or more behind the silence's first one, never earlier, and one that is being
said is not begun again. Voice and lips are those of ``metronome``, a recording out of the train split.

Source of the 0.2 s: Stivers et al. 2009, "Universals and cultural variation in turn-taking in conversation".
"""

from __future__ import annotations

from baselines.controls import metronome
from baselines.controls.entry import ControlEntry
from baselines.controls.hearing import Ear
from baselines.controls.recordings import Reply, ReplyPlayer, stored_reply
from baselines.controls.splicing import splice, word_of
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

CARD = ModelCard(
    name="reflex",
    version="1",
    kind="control",
    outputs=("face", "audio", "words"),
    summary='"Yeah." 0.2 s after each silence of the speaker begins, whatever was said.',
    inputs=("audio",),
    licence="Apache-2.0",
    trained_on=("mini",),
    group="Controls",
)
DELAY_SECONDS = 0.2


class ReflexSession:
    """Waits for quiet and says its word."""

    def __init__(self, context: DialogueContext, recorded: Reply) -> None:
        rate = context.sample_rate
        self._reply = splice([word_of(recorded, recorded.words[0], rate)], rate, recorded.fps)
        self._ear, self._player = Ear(context.fps, speech=0, pause=DELAY_SECONDS), ReplyPlayer(context)

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """One frame of waiting or of the word."""
        if self._ear.hear(frame.audio) and not self._player.playing:
            self._player.start(self._reply, frame.index + 1)
        return self._player.frame(frame.index + 1)

    def close(self) -> None:
        """Nothing to free."""


class Reflex:
    """The control."""

    card = CARD

    def open(self, context: DialogueContext) -> ReflexSession:
        """Start to listen."""
        return ReflexSession(context, stored_reply(metronome.STORED))


entry = ControlEntry(CARD, Reflex)
