"""A small OmniResponse with random weights, and a tone codec, for tests of streaming and training.

The tone codec is real, if poor: a token is the loudness of 20 ms in 16 steps, decoded as a tone of that loudness.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from baselines.omniresponse.config import Settings, override
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.tempovoice import token_levels
from baselines.omniresponse.text.tokens import ChronoTokenizer
from omnibench.types import Audio, Face, SpeakerFrame, Word, samples_before

TEXTS = (
    "Well, I think the market is good today and my family went home.",
    "Right. I think so too. The market went home, and that's good.",
    "Mm-hm. Really? What do you think about the family?",
)
SMALL = {
    "window.frames": 24,
    "window.hop": 8,
    "llm.hidden": 32,
    "llm.layers": 2,
    "llm.heads": 2,
    "llm.mlp": 48,
    "llm.topic": 2.0,
    "vision.projection": 32,
    "vision.width": 16,
    "vision.heads": 2,
    "vision.band": 6,
    "voice.width": 32,
    "voice.heads": 2,
    "voice.mlp": 48,
    "voice.spelling": 16,
    "voice.memory_band": 10,
    "voice.token_band": 20,
    "text.vocabulary": 340,
    "text.history_tokens": 12,
    "sampling.temperature": 1.5,
    "sampling.top_p": 1.0,
    "sampling.pause_bias": -1.0,
}


class ToneCodec:
    """Loudness in 16 steps; no state but the phase."""

    name, sample_rate, token_rate, vocabulary, lookahead_tokens, voiceprint_dim = "tone", 16_000, 50, 16, 0, 4
    silence_token = 0

    def voiceprint(self, audio: Tensor) -> Tensor:
        """Mean, deviation, loudness and length."""
        return torch.stack([audio.mean(), audio.std(), audio.abs().mean(), torch.tensor(float(len(audio) > 16_000))])

    def encode(self, audio: Tensor, voiceprint: Tensor | None = None) -> Tensor:
        """``(ceil(n / 320),)``."""
        padded = torch.nn.functional.pad(audio, (0, -len(audio) % 320)).view(-1, 320)
        return (padded.square().mean(1).sqrt() * 40).long().clamp(0, 15)

    def open(self, voiceprint: Tensor) -> ToneStream:
        """A decoder."""
        return ToneStream()

    def decode(self, tokens: Tensor, voiceprint: Tensor) -> Tensor:
        """All at once."""
        return self.open(voiceprint).push(tokens)


class ToneStream:
    """200 Hz at the loudness of each token."""

    def __init__(self) -> None:
        self._sample = 0

    def push(self, tokens: Tensor) -> Tensor:
        """``(k * 320,)``."""
        time = torch.arange(self._sample, self._sample + 320 * len(tokens), dtype=torch.float64) / 16_000
        self._sample += 320 * len(tokens)
        return (tokens.repeat_interleave(320) / 40 * torch.sin(2 * torch.pi * 200 * time)).float()


def small_tokenizer() -> ChronoTokenizer:
    """340 entries from ``TEXTS``."""
    return ChronoTokenizer.train(TEXTS, SMALL["text.vocabulary"], {"right": "ɹIt", "think": "θɪŋk"})


def small_model(seed: int = 0, **changes: object) -> OmniResponse:
    """Random weights, larger than a fresh network's so that every input moves every output."""
    settings = override(Settings(name="test"), SMALL | changes)
    torch.manual_seed(seed)
    model = OmniResponse(settings, small_tokenizer().size, token_levels(ToneCodec()), ToneCodec.voiceprint_dim).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * parameter.shape[-1] ** -0.5)
        model.vision.change.weight.mul_(0.05)
        model.llm.subjects.copy_(0.3 * torch.randn(model.llm.subjects.shape, generator=generator))
    return model


def speaker_frames(count: int, fps: object, seed: int = 0) -> list[SpeakerFrame]:
    """Smooth faces, noise bursts, and a word that ends every few frames."""
    generator = np.random.default_rng(seed)
    walk = np.cumsum(generator.normal(0, 0.02, (count, 64)), axis=0)
    faces: list[Face] = list((0.3 + walk).astype(np.float32))
    frames = []
    for index in range(count):
        length = samples_before(index + 1, fps, 16_000) - samples_before(index, fps, 16_000)
        loud = 0.1 if (index // 7) % 2 else 0.0
        audio: Audio = (generator.normal(0, 1, length) * loud).astype(np.float32)
        spoken = TEXTS[index % 3].split()[index % 6]
        end = float((index + 0.5) / fps)
        words = (Word(spoken, max(end - 0.2, 0.0), end),) if index % 5 == 3 else ()
        frames.append(SpeakerFrame(index, faces[index], audio, words))
    return frames
