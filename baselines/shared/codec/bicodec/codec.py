"""BiCodec as a `Codec`.

Its voiceprint is the vector that the 32 global tokens of a recording stand for: what prenet and wave generator are
steered by, and, other than the tokens themselves, something of which a mean over many voices means something.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

import torch
from torch import Tensor

from baselines.shared.codec.bicodec.network import BiCodecNetwork, load_network
from baselines.shared.codec.bicodec.reference import levelled, mel_spectrum, reference_clip, spoken
from baselines.shared.codec.bicodec.sizes import SAMPLE_RATE, TOKEN_RATE
from baselines.shared.codec.bicodec.stream import BiCodecStream, Chunking
from baselines.shared.codec.bicodec.wav2vec import SpeechFeatures, load_features
from omnibench.assets.finding import find

WEIGHTS: Final = "spark-bicodec/model.safetensors"
FEATURES: Final = "spark-bicodec/wav2vec2.bin"


class BiCodec:
    """The codec interface over a network.

    Args:
        network: with its weights.
        features: gives the wav2vec2; called when something is encoded first, for decoding does not need it.
        chunking: of decoding.
        silence_token: the index that silence is encoded as, where it is known beforehand.
    """

    name = "bicodec"
    sample_rate = SAMPLE_RATE
    token_rate = TOKEN_RATE

    def __init__(
        self,
        network: BiCodecNetwork,
        features: Callable[[], SpeechFeatures],
        chunking: Chunking | None = None,
        silence_token: int | None = None,
    ) -> None:
        self.network = network
        self.chunking = chunking or Chunking()
        self.silence_token = silence_token
        self._load_features = features

    @cached_property
    def _features(self) -> SpeechFeatures:
        return self._load_features().to(self.network.device)

    @property
    def vocabulary(self) -> int:
        """Semantic indices."""
        return self.network.sizes.codes

    @property
    def lookahead_tokens(self) -> int:
        """Tokens by which decoded sound is late."""
        return self.chunking.delay

    @property
    def voiceprint_dim(self) -> int:
        """Width of a voiceprint."""
        return self.network.sizes.latent

    def global_tokens(self, audio: Tensor) -> Tensor:
        """(global_tokens,) int64 of (n,) float32 samples of one voice; silence is skipped."""
        clip = reference_clip(levelled(spoken(audio.cpu().numpy())))
        with torch.inference_mode():
            mel = mel_spectrum(torch.from_numpy(clip)[None].to(self.network.device), self.network.sizes.mels)
            return self.network.speaker_encoder.tokens(mel)[0].cpu()

    def voiceprint(self, audio: Tensor) -> Tensor:
        """(voiceprint_dim,) float32 from (n,) float32 samples of one voice: what its global tokens stand for."""
        with torch.inference_mode():
            tokens = self.global_tokens(audio)[None].to(self.network.device)
            voice: Tensor = self.network.speaker_encoder(tokens)[0]
        return voice.cpu()

    def encode(self, audio: Tensor, voiceprint: Tensor | None = None) -> Tensor:
        """(ceil(n / 320),) int64 of (n,) float32 samples; semantic tokens do not depend on the voice.

        Raises:
            MissingError: wav2vec2 is not on this machine.
        """
        if not len(audio):
            return torch.zeros(0, dtype=torch.long)
        with torch.inference_mode():
            features = self._features(audio.to(self.network.device))
            return self.network.semantic_tokens(features[None])[0].cpu()

    def open(self, voiceprint: Tensor) -> BiCodecStream:
        """Start decoding in a voice."""
        return BiCodecStream(self.network, voiceprint, self.chunking)

    def decode(self, tokens: Tensor, voiceprint: Tensor) -> Tensor:
        """All samples of (k,) tokens; equal to a stream's."""
        return self.open(voiceprint).push(tokens)


def published_bicodec(chunking: Chunking | None = None, silence_token: int | None = None) -> BiCodec:
    """The codec with Spark-TTS-0.5B's weights.

    Raises:
        MissingError: they are not on this machine; the message names the command that gets them.
        InputError: they are there and are other files than the pinned ones.
    """
    network = load_network(find(WEIGHTS))
    return BiCodec(network, lambda: load_features(find(FEATURES)), chunking, silence_token)
