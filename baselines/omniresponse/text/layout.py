"""The sequence: a static prefix, then per frame ``[visual, speaker text, listener text]`` (paper appendix B.3).

Time-major order gives the paper's attention pattern and lets a key-value cache grow at its end. All three tokens of a
frame are known when the frame is answered, so they see one another; they share one rotary position. The dynamic part
moves by hops: its segments depend on the frame index alone, so that streaming and a teacher-forced forward cut at the
same places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import torch
from torch import Tensor

from baselines.omniresponse.text.markers import ASSISTANT, END, SYSTEM, USER
from baselines.omniresponse.text.tokens import ChronoTokenizer

TOKENS_PER_FRAME: Final = 3


def segment_start(step: int, window: int, hop: int) -> int:
    """The first frame that step ``step`` still sees as dynamic: a multiple of ``hop``, at most ``window - 1`` frames
    back.
    """
    if step < window:
        return 0
    return ((step - window) // hop + 1) * hop


def is_hop(step: int, window: int, hop: int) -> bool:
    """Whether step ``step`` is the first of a new segment (the very first step is none)."""
    return step > 0 and segment_start(step, window, hop) != segment_start(step - 1, window, hop)


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word of either person that can enter the static history.

    ``frame`` is where its first sub-token stood; from step ``known`` on the whole word is known.
    """

    frame: int
    known: int
    role: str  # "speaker" or "listener"
    text: str


def turns_before(words: Sequence[HeardWord], frame: int, step: int) -> tuple[tuple[str, str], ...]:
    """The (role, text) turns that step ``step`` puts before a segment at ``frame``: words that began before ``frame``.

    Words are in the order of their frames, the speaker's first within one.
    """
    turns: list[tuple[str, list[str]]] = []
    old = [word for word in words if word.frame < frame and word.known <= step]
    for word in sorted(old, key=lambda w: (w.frame, w.role != "speaker")):
        if not turns or turns[-1][0] != word.role:
            turns.append((word.role, []))
        turns[-1][1].append(word.text)
    return tuple((role, " ".join(texts)) for role, texts in turns)


def static_prefix(
    prompt: str, turns: Sequence[tuple[str, str]], budget: int, tokenizer: ChronoTokenizer
) -> tuple[int, ...]:
    """System prompt and history in Phi's chat format.

    Args:
        prompt: the instruction.
        turns: (role, text), role ``"speaker"`` (the user) or ``"listener"`` (the assistant), oldest first.
        budget: the history's newest tokens that are kept, markers included; a turn that is cut keeps its role marker.
        tokenizer: gives the ids.

    Returns:
        Token ids; never empty.
    """
    end = tokenizer.special(END)
    head = (tokenizer.special(SYSTEM), *tokenizer.encode_text(prompt), end)
    history: tuple[int, ...] = ()
    for role, text in reversed(turns):
        marker = tokenizer.special(USER if role == "speaker" else ASSISTANT)
        body = (*tokenizer.encode_text(text), end)
        room = budget - len(history) - 1
        if room < 2:
            break
        history = (marker, *body[-room:], *history)
    return head + history


def block_mask(prefix: int, frames: int, device: torch.device) -> Tensor:
    """The additive omni-attention mask ``(1, 1, n, n)`` of ``n = prefix + 3 * frames`` tokens: 0 is seen, -inf is not.

    The static prefix is causal in itself (as a pretrained LLM expects) and visible to all; a dynamic token sees the
    prefix and every token of frames up to its own.
    """
    block = torch.arange(frames, device=device).repeat_interleave(TOKENS_PER_FRAME) + prefix
    order = torch.cat([torch.arange(prefix, device=device), block])
    mask = torch.zeros(len(order), len(order), device=device)
    return mask.masked_fill_(order[None, :] > order[:, None], float("-inf"))[None, None]


def positions(prefix: int, first: int, frames: int, fps: Fraction, rate: float, device: torch.device) -> Tensor:
    """Rotary positions ``(1, prefix + 3 * frames)``: static tokens end at -1, frame ``k`` of the segment is at ``k *
    rate / fps``.

    Args:
        prefix: static tokens (0 for a step that only appends frames).
        first: index within the segment of the first frame.
        frames: how many frames.
        fps: frames a second.
        rate: positions a second.
    """
    static = torch.arange(-prefix, 0, device=device, dtype=torch.float32)
    dynamic = torch.arange(first, first + frames, device=device, dtype=torch.float64) * (rate / float(fps))
    return torch.cat([static, dynamic.float().repeat_interleave(TOKENS_PER_FRAME)])[None]
