"""Reading aloud: TempoVoice and the articulation by themselves, on many windows at once.

Speech wants far more repetitions than the language model can afford, and each costs far less. So before the parts are
trained together, these two read the training transcripts aloud, the language model's hidden states left out (zero).
The windows of a batch go through the very modules that a session runs, vectorised over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import cast

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn import functional

from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.segment import Codes, Segment, Speech


@dataclass(frozen=True, slots=True)
class Reading:
    """``b`` windows of one frame rate, cut to equal length: ``n`` frames with ``m`` audio tokens.

    The fields of ``speech`` are ``(b, n, ...)``, those of ``codes`` and the targets ``next_codes`` ``(b, m)``,
    ``voiceprints`` is ``(b, d)``.
    """

    speech: Speech
    codes: Codes
    voiceprints: Tensor
    next_codes: Tensor

    @property
    def heads(self) -> Tensor:
        """``(b, m)`` the word head at each audio token's frame."""
        return self.speech.heads.gather(1, self.codes.frames)

    def rows(self, chosen: range) -> Reading:
        """Some of the windows."""
        rows = list(chosen)
        return Reading(
            speech=Speech(*(getattr(self.speech, f.name)[rows] for f in fields(Speech))),
            codes=Codes(*(getattr(self.codes, f.name)[rows] for f in fields(Codes))),
            voiceprints=self.voiceprints[rows],
            next_codes=self.next_codes[rows],
        )

    def weights(self, pause: int, silence_weight: float) -> Tensor:
        """``(b * m,)``: 1 for an audio token of a word, ``silence_weight`` for one of a pause."""
        return torch.where(self.heads.flatten() != pause, 1.0, silence_weight)


def gather(segments: Sequence[Segment]) -> Reading:
    """Segments of one frame rate as a batch. At 30 fps windows of equal length may differ by an audio token: the last
    one is then left out.
    """
    frames = min(len(s.speech.tokens) for s in segments)
    count = min(int((s.codes.frames < frames).sum()) for s in segments)
    speech = {f.name: torch.stack([getattr(s.speech, f.name)[:frames] for s in segments]) for f in fields(Speech)}
    codes = {f.name: torch.stack([getattr(s.codes, f.name)[:count] for s in segments]) for f in fields(Codes)}
    return Reading(
        speech=Speech(**speech),
        codes=Codes(**codes),
        voiceprints=torch.stack([s.voiceprint for s in segments]),
        next_codes=torch.stack([s.next_codes[:count] for s in segments]),
    )


class Reader(nn.Module):
    """The parts of a model that read aloud, for one window; shares their weights."""

    def __init__(self, model: OmniResponse) -> None:
        super().__init__()
        self._hidden = model.settings.llm.hidden
        self.embed = model.llm.words()
        self.articulation, self.voice = model.articulation, model.voice
        self._heard_by_voice = model.heard_by_voice

    def forward(self, *parts: Tensor) -> Tensor:
        """Audio-token logits ``(m, codes)`` from the fields of `Speech`, those of `Codes`, and the voiceprint."""
        speech, codes, voiceprint = Speech(*parts[:6]), Codes(*parts[6:12]), parts[12]
        spelling = self.articulation.spell(speech.letters)
        said = self.articulation(self.embed(speech.tokens), self.embed(speech.heads), spelling, speech)
        state = self.voice.new_state(voiceprint)
        nothing = torch.zeros(len(said), self._hidden, device=said.device)
        self.voice.remember(self._heard_by_voice(nothing, speech), said, speech.times, 0, state)
        logits = self.voice(codes, spelling, 0, state)
        return cast(Tensor, logits)


def reading_loss(
    reader: Reader, reading: Reading, pause: int, silence_weight: float, total: Tensor | None = None
) -> Tensor:
    """Cross-entropy of the audio tokens (eq. 4), those of [PAUSE] frames weighted by ``silence_weight``, divided by
    the sum of the weights, or by ``total`` where these windows are a part of a batch.
    """
    state: dict[str, Tensor] = {**dict(reader.named_parameters()), **dict(reader.named_buffers())}
    parts = [getattr(reading.speech, f.name) for f in fields(Speech)]
    parts += [getattr(reading.codes, f.name) for f in fields(Codes)]
    one = lambda *window: functional_call(reader, state, window)  # noqa: E731
    logits = vmap(one, randomness="different")(*parts, reading.voiceprints)
    losses = functional.cross_entropy(logits.flatten(0, 1), reading.next_codes.flatten(), reduction="none")
    share = reading.weights(pause, silence_weight)
    return (losses * share).sum() / (share.sum() if total is None else total)
