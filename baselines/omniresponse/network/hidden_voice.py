"""The voice without TempoVoice: the ablation of paper section 5.3.

The paper: "we remove it from our framework and instead directly feed the hidden states, which are trimmed or padded to
match the target audio length, into a multi-layer perceptron to predict audio token logits." Online, lengths are matched
frame by frame: the hidden state of a frame's text is repeated for each audio token of that frame. Padding a whole
session at its end would leave its second half, at two audio tokens a frame, without any state, and its length is not
known while it runs. There are no placeholders, positions, letters, or audio tokens before, and the voiceprint is the
codec's alone.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from baselines.omniresponse.config import VoiceSettings
from baselines.omniresponse.network.articulation import Spelling
from baselines.omniresponse.network.attention import LayerCache
from baselines.omniresponse.network.segment import Codes
from baselines.omniresponse.network.tempovoice import VoiceState


class HiddenVoice(nn.Module):
    """An MLP over the text's hidden states, behind TempoVoice's interface.

    Args:
        settings: ``mlp`` is its inner width.
        hidden: width of the LLM.
        levels: ``(codes, d)`` the numbers that the codec's tokens stand for.
        voiceprint: width of the codec's voiceprint.
        dropout: while training.
    """

    levels: Tensor
    voice_mean: Tensor

    def __init__(self, settings: VoiceSettings, hidden: int, levels: Tensor, voiceprint: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("levels", levels, persistent=False)
        self.register_buffer("voice_mean", torch.zeros(voiceprint))
        self.mlp = nn.Sequential(
            nn.LayerNorm(hidden),
            nn.Linear(hidden, settings.mlp),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(settings.mlp, len(levels)),
        )

    def fit_voices(self, voiceprints: Tensor) -> None:
        """Take the mean of ``(n, d)`` voiceprints of the training split: the voice of a session without a reference."""
        self.voice_mean.copy_(voiceprints.mean(dim=0))

    def new_state(self, voiceprint: Tensor) -> VoiceState:
        """An empty past; it keeps hidden states as the memory of a single layer."""
        return VoiceState(voiceprint[:0], [LayerCache()])

    def remember(self, hidden: Tensor, speech: Tensor, times: Tensor, first: int, state: VoiceState) -> None:
        """Append the hidden states ``(n, hidden)`` of frames ``first ...``; the rest is TempoVoice's."""
        order = torch.arange(first, first + len(hidden), device=hidden.device)
        state.layers[0].memory.append(hidden[None], hidden[None], order)

    def forward(self, codes: Codes, spelling: Spelling, first: int, state: VoiceState) -> Tensor:
        """Logits ``(m, codes)`` of audio tokens, each from its frame's hidden state alone.

        Args:
            codes: their ``frames`` are used.
            spelling: TempoVoice's.
            first: index of the spelling's first frame within the segment.
            state: the past.
        """
        past = state.layers[0].memory
        if past.keys is None or past.order is None:
            raise ValueError("audio tokens before a hidden state")
        return cast(Tensor, self.mlp(past.keys[0].index_select(0, codes.frames - past.order[0])))
