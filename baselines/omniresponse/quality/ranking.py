"""Does the model prefer the reply that was really given? Rank of the true reply among nine distractors, by the model's
own likelihood.

For each turn with which the human listener answers, the model has read the dialogue up to the frame before it. The true
reply, or one from another dialogue of the split, then follows as chrono-text, word for word as it was timed; each is
scored by the mean log-likelihood of its sub-tokens among all sub-tokens ([PAUSE] and [LASTING] left out, since they are
about when, not what). From the reply on, both faces stand still and the speaker is silent, so that nothing of the true
reply is seen but its words.

No distractors are drawn: the figures are the expectation over every choice of nine out of all replies of other
dialogues.

A second score subtracts what the model gives the same words at the beginning of the dialogue, before anything was said:
it takes out how frequent the words are in general.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.omniresponse.network.model import Hidden, OmniResponse
from baselines.omniresponse.network.segment import Segment, own_delay
from baselines.omniresponse.quality.figures import Figure
from baselines.omniresponse.text.chrono import chrono_tokens
from baselines.omniresponse.text.layout import segment_start
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.omniresponse.training.batches import Windows
from baselines.omniresponse.training.corpus import Side
from omnibench.features.turns import answered_turns, units_of
from omnibench.metrics.base import Parameters
from omnibench.metrics.statistics import bootstrap_interval
from omnibench.types import Dialogue, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

DISTRACTORS: Final = 9
LEAD_IN: Final = 0.3
"""Seconds from the start of a dialogue before which nobody has said anything."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A turn of a human listener: ``words`` are timed from its own start, which is at ``start`` seconds of its
    dialogue."""

    dialogue: str
    start: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words as one string."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a true reply stands among random distractors: the chance that it is first, and its expected rank from 1."""

    first: float
    rank: float


@dataclass(frozen=True, slots=True)
class Placed:
    """One true reply under both scores."""

    reply: Reply
    likelihood: Place
    gain: Place


def replies_of(dialogue: Dialogue, parameters: Parameters) -> list[Reply]:
    """The turns with which the human listener answers (definition and parameters of ``answered_2s``)."""
    pause = parameters["pause"]
    words = dialogue.listener.words
    found = answered_turns(
        units_of(dialogue.speaker.words, pause),
        units_of(words, pause),
        pause,
        parameters["backchannel_seconds"],
        parameters["backchannel_words"],
    )
    replies = []
    for start, end, _ in (transfer.after for transfer in found):
        own = [w for w in words if start <= w.start and w.end <= end]
        replies.append(Reply(dialogue.id, start, tuple(Word(w.text, w.start - start, w.end - start) for w in own)))
    return replies


def distractors_of(replies: Sequence[Reply], true: int) -> list[int]:
    """The replies of other dialogues with other words, each wording once."""
    chosen: list[int] = []
    texts = {replies[true].text.lower()}
    for index, reply in enumerate(replies):
        if reply.dialogue != replies[true].dialogue and reply.text.lower() not in texts:
            chosen.append(index)
            texts.add(reply.text.lower())
    return chosen


class ReplyScorer:
    """Likelihoods of replies after contexts, under one model."""

    def __init__(self, model: OmniResponse, tokenizer: ChronoTokenizer, sides: Sequence[Side], token_rate: int) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._windows = Windows(sides, tokenizer, model.settings, token_rate)
        self._sides = {side.dialogue: side for side in sides if side.role == "listener"}

    def contexts(self, dialogue: str, start: float) -> tuple[Segment, Segment] | None:
        """The dialogue up to a reply at ``start`` seconds, and its lead-in alone; None where there is nothing before
        it."""
        side, window = self._sides[dialogue], self._model.settings.window
        frame = min(int(start * side.fps), side.steps)
        lead = max(1, round(LEAD_IN * side.fps))
        if frame <= lead:
            return None
        begin = segment_start(frame - 1, window.frames, window.hop)
        return self._windows.cut(side, begin, frame), self._windows.cut(side, 0, lead)

    def tokens(self, reply: Reply, fps: Fraction) -> NDArray[np.int64]:
        """A reply as chrono-text from its first word on."""
        frames = int(np.ceil((reply.words[-1].end + 5.0) * fps))
        shift = self._model.settings.text.max_shift
        marked = chrono_tokens(reply.words, frames, fps, self._tokenizer, shift).tokens
        spoken = np.flatnonzero(~np.isin(marked, self._quiet))
        return marked[: spoken[-1] + 1]

    @property
    def _quiet(self) -> tuple[int, int]:
        return self._tokenizer.pause, self._tokenizer.lasting

    def score(self, context: Segment, tokens: NDArray[np.int64]) -> float:
        """Mean log-likelihood (nats) of the sub-tokens among ``tokens`` ``(n,)`` that follow a context."""
        inputs, more = context.inputs, len(tokens) - 1
        listener = torch.cat([inputs.listener, inputs.listener[-1:].expand(more, -1)])
        late = own_delay(self._model.settings.vision.own_delay, context.fps)
        came = torch.arange(len(inputs.own), len(listener)) - late
        inputs = replace(
            inputs,
            listener=listener,
            delayed=torch.cat([inputs.delayed, listener[came.clamp_min(0)]]),
            speaker=torch.cat([inputs.speaker, inputs.speaker[-1:].expand(more, -1)]),
            own=torch.cat([inputs.own, torch.from_numpy(tokens[:-1])]),
            heard=torch.cat([inputs.heard, torch.full((more,), self._tokenizer.pause)]),
        )
        with torch.inference_mode():
            hidden = self._model.listen(inputs, context.fps, context.prefix, None)
            newest = Hidden(*(part[-len(tokens) :] for part in (hidden.visual, hidden.text, hidden.topic)))
            logits = self._model.word_logits(newest).double()
            logits[:, list(self._quiet)] = -torch.inf
            spoken = torch.from_numpy(~np.isin(tokens, self._quiet))
            likelihood = torch.log_softmax(logits[spoken], dim=1)
            return float(likelihood.gather(1, torch.from_numpy(tokens)[spoken][:, None]).mean())


def rank_replies(scorer: ReplyScorer, replies: Sequence[Reply], fps: Mapping[str, Fraction]) -> list[Placed]:
    """The place of every true reply; those with fewer than nine possible distractors or without a context are left
    out."""
    found = []
    for true, reply in enumerate(replies):
        others = distractors_of(replies, true)
        contexts = scorer.contexts(reply.dialogue, reply.start)
        if len(others) < DISTRACTORS or contexts is None:
            continue
        tokens = [scorer.tokens(replies[i], fps[reply.dialogue]) for i in (true, *others)]
        after, alone = (np.array([scorer.score(context, t) for t in tokens]) for context in contexts)
        found.append(Placed(reply, place_of_first(after), place_of_first(after - alone)))
    return found


def place_of_first(scores: NDArray[np.float64], distractors: int = DISTRACTORS) -> Place:
    """The place of ``scores[0]`` among ``distractors`` of the others, over every choice of them; a tie counts half.

    With ``b`` better ones among ``m`` the chance of none among ``k`` is ``C(m - b, k) / C(m, k)``, the rank ``1 + k b /
    m``.

    Example:
        >>> place_of_first(np.array([0.5, 0.7, 0.1]), distractors=1)
        Place(first=0.5, rank=1.5)
    """
    others = scores[1:]
    better, tied = int((others > scores[0]).sum()), int((others == scores[0]).sum())
    ways = comb(len(others), distractors)
    first = (comb(len(others) - better, distractors) + comb(len(others) - better - tied, distractors)) / 2 / ways
    return Place(first, 1.0 + distractors * (better + tied / 2) / len(others))


def ranking(placed: Sequence[Placed]) -> list[Figure]:
    """Top-1 share and mean rank under both scores."""
    if not placed:
        note = f"no reply has {DISTRACTORS} distractors in other dialogues of the split"
        return [Figure("true reply ranks first", None, note=note)]
    return [
        *_summary([p.likelihood for p in placed], "by likelihood"),
        *_summary([p.gain for p in placed], "by gain over the lead-in"),
    ]


def _summary(places: Sequence[Place], title: str) -> list[Figure]:
    first, rank = [place.first for place in places], [place.rank for place in places]
    return [
        Figure(
            f"true reply ranks first, {title}",
            float(np.mean(first)),
            chance=1 / (DISTRACTORS + 1),
            interval=bootstrap_interval(first),
            count=len(places),
            counted="replies",
        ),
        Figure(
            f"mean rank of the true reply, {title}",
            float(np.mean(rank)),
            chance=1 + DISTRACTORS / 2,
            interval=bootstrap_interval(rank),
            count=len(places),
            counted="replies",
        ),
    ]


class Mute:
    """A codec that hears nothing. The ranking reads text and faces only, and encoding a split takes minutes."""

    name, lookahead_tokens, silence_token, vocabulary, voiceprint_dim = "mute", 0, 0, 1, 1

    def __init__(self, sample_rate: int, token_rate: int) -> None:
        self.sample_rate, self.token_rate = sample_rate, token_rate

    def voiceprint(self, audio: Tensor) -> Tensor:
        """``(1,)`` zero."""
        return torch.zeros(1)

    def encode(self, audio: Tensor, voiceprint: Tensor | None = None) -> Tensor:
        """Silence of the audio's length."""
        return torch.zeros(-(-len(audio) * self.token_rate // self.sample_rate), dtype=torch.int64)

    def open(self, voiceprint: Tensor) -> Mute:
        """Itself: it has no state."""
        return self

    def push(self, tokens: Tensor) -> Tensor:
        """Silence of the tokens' length."""
        return torch.zeros(len(tokens) * self.sample_rate // self.token_rate)

    def decode(self, tokens: Tensor, voiceprint: Tensor) -> Tensor:
        """Silence of the tokens' length."""
        return self.push(tokens)
