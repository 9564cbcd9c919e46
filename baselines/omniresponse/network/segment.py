"""One segment as tensors: what the model reads, teacher-forced, and what it is to answer.

Training cuts segments out of recorded dialogues; a streaming session cuts them out of its own past when it hops. Both
come through ``build_segment``, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.omniresponse.text.pacing import Pacing
from baselines.omniresponse.text.wordform import WordForms
from baselines.shared.schedule import TokenSchedule


@dataclass(frozen=True, slots=True)
class Track:
    """One side's view of a stretch of dialogue that begins at frame ``first``.

    ``listener`` and ``speaker`` are ``(n, 64)`` coefficients, ``own`` and ``heard`` ``(n,)`` chrono tokens of the
    listener and the speaker, ``forms`` the listener's word forms of the same frames; ``codes`` are the listener's
    audio tokens from index ``first_code`` on; ``rest`` ``(64,)`` is the listener's face at the dialogue's start.
    """

    first: int
    listener: NDArray[np.float32]
    speaker: NDArray[np.float32]
    own: NDArray[np.int64]
    heard: NDArray[np.int64]
    forms: WordForms
    pacing: Pacing
    codes: NDArray[np.int64]
    rest: NDArray[np.float32]
    first_code: int = 0


@dataclass(frozen=True, slots=True)
class FrameInputs:
    """What is known at frames ``first ...`` of a segment: ``(n, 64)`` raw coefficients and ``(n,)`` tokens.

    ``delayed`` is the listener's own face as the LLM sees it, ``own_delay`` frames late (the segment's first one until
    then, which the model does not look at). ``rest`` is ``(64,)``, the face at the dialogue's start.
    """

    first: int
    listener: Tensor
    delayed: Tensor
    speaker: Tensor
    own: Tensor
    heard: Tensor
    rest: Tensor


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said on the frames after: ``(n,)`` tokens and word heads, ``(n, 16)`` letters, ages in seconds, begin
    times in audio tokens from the segment's start."""

    tokens: Tensor
    heads: Tensor
    letters: Tensor
    ages: Tensor
    positions: Tensor
    times: Tensor


@dataclass(frozen=True, slots=True)
class Codes:
    """Audio tokens of those frames, all ``(m,)``: the token before each, running order, times in audio tokens and
    word ages in seconds, and the frame of the segment that brings it."""

    previous: Tensor
    order: Tensor
    times: Tensor
    ages: Tensor
    positions: Tensor
    frames: Tensor


@dataclass(frozen=True, slots=True)
class Segment:
    """Everything of one teacher-forced forward; targets are ``speech.tokens``, ``next_faces`` and ``next_codes``."""

    fps: Fraction
    prefix: Tensor
    voiceprint: Tensor
    inputs: FrameInputs
    speech: Speech
    codes: Codes
    next_faces: Tensor
    next_codes: Tensor


def own_delay(seconds: float, fps: Fraction) -> int:
    """``vision.own_delay`` in frames."""
    return round(seconds * fps)


def build_segment(
    track: Track,
    start: int,
    stop: int,
    schedule: TokenSchedule,
    prefix: Sequence[int],
    voiceprint: Tensor,
    delay: int,
) -> Segment:
    """Steps ``start <= i < stop`` of ``track`` as one segment.

    Args:
        track: holds frames ``start .. stop`` (the answer to the last step is frame ``stop``).
        start: first frame of the segment.
        stop: frame behind the last step.
        schedule: frames against audio tokens.
        prefix: static token ids.
        voiceprint: ``(d,)``.
        delay: frames by which the LLM sees the listener's own face late.
    """
    here = slice(start - track.first, stop - track.first)
    after = slice(here.start + 1, here.stop + 1)
    forms = track.forms[after]
    begin, end = schedule.tokens_before(start + 1), schedule.tokens_before(stop + 1)
    index = np.arange(begin, end)
    brought = [schedule.tokens_before(i + 2) - schedule.tokens_before(i + 1) for i in range(start, stop)]
    frame_of = np.repeat(np.arange(start, stop), np.array(brought, dtype=np.int64))
    pacing = track.pacing[after]
    speech = make_speech(forms, pacing, start, start, schedule)
    listener = track.listener[here]
    return Segment(
        fps=schedule.fps,
        prefix=torch.tensor(prefix, dtype=torch.long),
        voiceprint=voiceprint,
        inputs=FrameInputs(
            0,
            torch.from_numpy(listener),
            torch.from_numpy(listener[np.maximum(np.arange(stop - start) - delay, 0)]),
            torch.from_numpy(track.speaker[here]),
            torch.from_numpy(track.own[here]),
            torch.from_numpy(track.heard[here]),
            torch.from_numpy(track.rest),
        ),
        speech=speech,
        codes=make_codes(
            track.codes[begin - 1 - track.first_code : end - 1 - track.first_code],
            index,
            frame_of,
            speech.ages.numpy()[frame_of - start],
            Pacing(pacing.late[frame_of - start], pacing.pace[frame_of - start]),
            start,
            schedule,
        ),
        next_faces=torch.from_numpy(track.listener[after]),
        next_codes=torch.from_numpy(track.codes[begin - track.first_code : end - track.first_code]),
    )


def make_speech(forms: WordForms, pacing: Pacing, step: int, segment: int, schedule: TokenSchedule) -> Speech:
    """The word forms that steps ``step ...`` of the segment at frame ``segment`` chose, for the frames after them."""
    starts = [schedule.start(step + 1 + k) - schedule.start(segment) for k in range(len(forms.tokens))]
    ages = (forms.ages / float(schedule.fps)).astype(np.float32)
    return Speech(
        tokens=torch.from_numpy(forms.tokens),
        heads=torch.from_numpy(forms.heads),
        letters=torch.from_numpy(forms.letters),
        ages=torch.from_numpy(ages),
        positions=torch.from_numpy(pacing.positions(ages)),
        times=torch.tensor(starts, dtype=torch.float32),
    )


def make_codes(
    previous: NDArray[np.int64],
    index: NDArray[np.int64],
    steps: NDArray[np.int64],
    ages: NDArray[np.float32],
    pacing: Pacing,
    segment: int,
    schedule: TokenSchedule,
) -> Codes:
    """Audio tokens ``index`` ``(m,)``, brought by steps ``steps`` ``(m,)`` whose next frames have word ages ``ages``
    ``(m,)``.
    """
    starts = np.array([schedule.start(int(step) + 1) for step in steps], dtype=np.float64)
    within = (index - starts) / schedule.token_rate
    now = (ages + within).astype(np.float32)
    return Codes(
        previous=torch.from_numpy(previous),
        order=torch.from_numpy(index - schedule.tokens_before(segment + 1)),
        times=torch.from_numpy((index - schedule.start(segment)).astype(np.float32)),
        ages=torch.from_numpy(now),
        positions=torch.from_numpy(pacing.positions(now)),
        frames=torch.from_numpy(steps - segment),
    )
