"""Does the model prefer the reply that was really given? Rank of the true reply among distractors, by the model's own
likelihood.

For each turn with which the human listener answers, the model has read the dialogue up to the frame before it. The true
reply and nine replies from other dialogues of the split then follow as chrono-text, word for word as they were timed;
each is scored by the mean log-likelihood of its sub-tokens among all sub-tokens ([PAUSE] and [LASTING] left out, since
they are about when, not what). From the reply on, both faces stand still and the speaker is silent, so that nothing of
the true reply is seen but its words.

A second score subtracts what the model gives the same words at the beginning of the dialogue, before anything was said:
it takes out how frequent the words are in general.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.omniresponse.batches import Windows
from baselines.omniresponse.chrono import chrono_tokens
from baselines.omniresponse.corpus import Side
from baselines.omniresponse.layout import segment_start
from baselines.omniresponse.model import OmniResponse
from baselines.omniresponse.quality.figures import Figure
from baselines.omniresponse.segment import Segment
from baselines.omniresponse.tokens import ChronoTokenizer
from omnibench.features.turns import answered_turns, units_of
from omnibench.metrics.base import Parameters
from omnibench.statistics import bootstrap_interval
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
class Ranks:
    """Ranks of one true reply, 1 is first, ties count half."""

    reply: Reply
    likelihood: float
    gain: float


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


def draw_distractors(replies: Sequence[Reply], true: int, generator: np.random.Generator) -> list[int]:
    """Nine replies of other dialogues with other words, all different; fewer where the split has no more."""
    chosen: list[int] = []
    texts = {replies[true].text.lower()}
    for index in generator.permutation(len(replies)).tolist():
        text = replies[index].text.lower()
        if replies[index].dialogue != replies[true].dialogue and text not in texts and len(chosen) < DISTRACTORS:
            chosen.append(index)
            texts.add(text)
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
        inputs = replace(
            inputs,
            listener=torch.cat([inputs.listener, inputs.listener[-1:].expand(more, -1)]),
            speaker=torch.cat([inputs.speaker, inputs.speaker[-1:].expand(more, -1)]),
            own=torch.cat([inputs.own, torch.from_numpy(tokens[:-1])]),
            heard=torch.cat([inputs.heard, torch.full((more,), self._tokenizer.pause)]),
        )
        with torch.inference_mode():
            hidden = self._model.listen(inputs, context.fps, context.prefix, None)
            logits = self._model.llm.logits(hidden.text[-len(tokens) :]).double()
            logits[:, list(self._quiet)] = -torch.inf
            spoken = torch.from_numpy(~np.isin(tokens, self._quiet))
            likelihood = torch.log_softmax(logits[spoken], dim=1)
            return float(likelihood.gather(1, torch.from_numpy(tokens)[spoken][:, None]).mean())


def rank_replies(scorer: ReplyScorer, replies: Sequence[Reply], fps: Mapping[str, Fraction], seed: int) -> list[Ranks]:
    """The rank of every true reply among its distractors; those without nine distractors or a context are left out."""
    generator = np.random.default_rng(seed)
    found = []
    for true, reply in enumerate(replies):
        others = draw_distractors(replies, true, generator)
        contexts = scorer.contexts(reply.dialogue, reply.start)
        if len(others) < DISTRACTORS or contexts is None:
            continue
        tokens = [scorer.tokens(replies[i], fps[reply.dialogue]) for i in (true, *others)]
        after, alone = (np.array([scorer.score(context, t) for t in tokens]) for context in contexts)
        found.append(Ranks(reply, rank_of_first(after), rank_of_first(after - alone)))
    return found


def rank_of_first(scores: NDArray[np.float64]) -> float:
    """Rank of ``scores[0]`` among all, 1 is the highest; a tie counts half.

    Example:
        >>> rank_of_first(np.array([0.5, 0.7, 0.5, 0.1]))
        2.5
    """
    return 1.0 + float((scores[1:] > scores[0]).sum()) + 0.5 * float((scores[1:] == scores[0]).sum())


def ranking(ranks: Sequence[Ranks]) -> list[Figure]:
    """Top-1 share and mean rank under both scores."""
    if not ranks:
        note = f"no reply has {DISTRACTORS} distractors in other dialogues of the split"
        return [Figure("true reply ranks first", None, note=note)]
    kinds = {"likelihood": "by likelihood", "gain": "by gain over the lead-in"}
    return [figure for field, title in kinds.items() for figure in _summary([getattr(r, field) for r in ranks], title)]


def _summary(ranks: Sequence[float], title: str) -> list[Figure]:
    first = [float(rank == 1.0) for rank in ranks]
    return [
        Figure(
            f"true reply ranks first, {title}",
            float(np.mean(first)),
            chance=1 / (DISTRACTORS + 1),
            interval=bootstrap_interval(first),
            count=len(ranks),
            counted="replies",
        ),
        Figure(
            f"mean rank of the true reply, {title}",
            float(np.mean(ranks)),
            chance=1 + DISTRACTORS / 2,
            interval=bootstrap_interval(ranks),
            count=len(ranks),
            counted="replies",
        ),
    ]
