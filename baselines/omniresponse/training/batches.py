"""Windows of training dialogues: where they are cut, and the noise that makes the model bear its own mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import exp

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.omniresponse.config import Settings
from baselines.omniresponse.network.segment import Segment, build_segment, own_delay
from baselines.omniresponse.text.layout import is_hop, segment_start, static_prefix, turns_before
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.omniresponse.training.corpus import Side
from baselines.shared.faces import FaceScale
from baselines.shared.schedule import TokenSchedule
from omnibench.media.face import TRANSLATION_COLUMNS

Generator = np.random.Generator
SPOKEN_SHARE = 0.3
SPOKEN_TRIES = 4


class Windows:
    """Cuts segments out of the two sides of dialogues.

    Args:
        sides: both roles of each dialogue.
        tokenizer: for prefixes.
        settings: of window, text and training.
        token_rate: audio tokens a second.
    """

    def __init__(self, sides: Sequence[Side], tokenizer: ChronoTokenizer, settings: Settings, token_rate: int) -> None:
        self._tokenizer, self._settings, self._rate = tokenizer, settings, token_rate
        self.listeners = [side for side in sides if side.role == "listener" and side.steps > 0]
        self.leaders = [side for side in sides if side.role == "speaker" and side.steps > 0]

    def draw(self, generator: Generator) -> Segment:
        """A random window: role by ``training.swap``, dialogue by its length, and a start anywhere or at frame 0."""
        training, window = self._settings.training, self._settings.window
        sides = self.leaders if generator.random() < training.swap else self.listeners
        lengths = np.array([side.steps for side in sides], dtype=np.float64)
        side = sides[int(generator.choice(len(sides), p=lengths / lengths.sum()))]
        last = max(side.steps - window.frames, 0)
        start = int(generator.integers(last + 1))
        if generator.random() < training.from_start:
            start = 0
        return self.cut(side, start, min(start + window.frames, side.steps))

    def draw_spoken(self, generator: Generator, count: int, frames: int) -> list[Segment]:
        """``count`` windows of ``frames`` steps at one frame rate, of both roles, drawn towards those with speech.

        Empty where no side of that rate is long enough.
        """
        sides = [side for side in (*self.listeners, *self.leaders) if side.steps > frames]
        if not sides:
            return []
        fps = sides[int(generator.integers(len(sides)))].fps
        equal = [side for side in sides if side.fps == fps]
        return [self._spoken(equal[int(generator.integers(len(equal)))], frames, generator) for _ in range(count)]

    def _spoken(self, side: Side, frames: int, generator: Generator) -> Segment:
        """The first of a few random windows that is at least three tenths speech, else the last."""
        pause = self._tokenizer.pause
        for _ in range(SPOKEN_TRIES):
            start = int(generator.integers(side.steps - frames + 1))
            if (side.track.forms.heads[start + 1 : start + 1 + frames] != pause).mean() > SPOKEN_SHARE:
                break
        return self.cut(side, start, start + frames)

    def spoken_blocks(self, frames: int, count: int) -> list[list[Segment]]:
        """All sides cut into neighbouring windows, ``count`` at most together, each list at one frame rate."""
        by_rate: dict[Fraction, list[Segment]] = {}
        for side in (*self.listeners, *self.leaders):
            found = by_rate.setdefault(side.fps, [])
            found += [self.cut(side, start, start + frames) for start in range(0, side.steps - frames + 1, frames)]
        return [found[i : i + count] for found in by_rate.values() for i in range(0, len(found), count)]

    def schedule(self, side: Side) -> list[tuple[Segment, int]]:
        """The segments a session goes through, each with the first of its steps that the session answers from it."""
        window, found, step = self._settings.window, [], 0
        while step < side.steps:
            start, stop = segment_start(step, window.frames, window.hop), step + 1
            while stop < side.steps and not is_hop(stop, window.frames, window.hop):
                stop += 1
            found.append((self.cut(side, start, stop), step - start))
            step = stop
        return found

    def cut(self, side: Side, start: int, stop: int) -> Segment:
        """Steps ``start <= i < stop`` of a side, with the history that a session would have at that start."""
        text, window = self._settings.text, self._settings.window
        prompt = text.prompt if side.role == "listener" else text.lead_prompt
        entered = start + window.frames - window.hop if start else 0
        turns = turns_before(side.words, start, entered)
        prefix = static_prefix(prompt, turns, text.history_tokens, self._tokenizer)
        delay = own_delay(self._settings.vision.own_delay, side.fps)
        schedule = TokenSchedule(side.fps, self._rate)
        return build_segment(side.track, start, stop, schedule, prefix, side.voiceprint, delay)


def with_noise(
    segment: Segment, generator: Generator, scale: FaceScale, settings: Settings, sizes: tuple[int, int]
) -> Segment:
    """The segment as if the model had made small mistakes before: it is to answer as if it had not, and a face that
    has drifted away is to come back. Its head is moved as a whole, too (`head_shift`).

    Args:
        segment: teacher-forced.
        generator: draws the noise.
        scale: what a standard deviation is, per coefficient.
        settings: ``training.face_noise``, ``face_drift``, ``text_noise``, ``code_noise``.
        sizes: text tokens and audio tokens there are.
    """
    training = settings.training
    frames = len(segment.inputs.own)
    deviations = generator.normal(0.0, training.face_noise, (frames, 64)).astype(np.float32)
    # One offset for the whole window, too: drift is slow, jitter is not. The targets lead back from it, not at once.
    drift = generator.normal(0.0, training.face_drift, (1, 64)).astype(np.float32)
    noise = torch.from_numpy(deviations + drift) * scale.deviation
    moved = np.zeros((1, 64), dtype=np.float32)
    moved[:, TRANSLATION_COLUMNS] = generator.normal(0.0, training.head_shift, (1, 3))
    elsewhere = torch.from_numpy(moved) * scale.deviation
    left = exp(-1.0 / (training.face_return * float(segment.fps)))
    own = _replace_some(segment.inputs.own, training.text_noise, sizes[0], generator)
    previous = _replace_some(segment.codes.previous, training.code_noise, sizes[1], generator)
    return replace(
        segment,
        inputs=replace(
            segment.inputs,
            listener=segment.inputs.listener + noise + elsewhere,
            delayed=segment.inputs.delayed + noise + elsewhere,
            rest=segment.inputs.rest + elsewhere[0],
            own=own,
        ),
        codes=replace(segment.codes, previous=previous),
        next_faces=segment.next_faces + left * torch.from_numpy(drift) * scale.deviation + elsewhere,
    )


def _replace_some(tokens: Tensor, share: float, size: int, generator: Generator) -> Tensor:
    hit: NDArray[np.bool_] = generator.random(len(tokens)) < share
    # Half the mistakes repeat a token that does occur nearby, half are any token.
    near = tokens.numpy()[generator.integers(max(len(tokens), 1), size=len(tokens))] if len(tokens) else tokens.numpy()
    wrong = np.where(generator.random(len(tokens)) < 0.5, near, generator.integers(size, size=len(tokens)))
    return torch.where(torch.from_numpy(hit), torch.from_numpy(wrong), tokens)
