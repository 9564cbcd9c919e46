"""How large BiCodec is. The defaults are those of Spark-TTS-0.5B (its ``BiCodec/config.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, prod
from typing import Final

SAMPLE_RATE: Final = 16_000
TOKEN_SAMPLES: Final = 320
TOKEN_RATE: Final = SAMPLE_RATE // TOKEN_SAMPLES
REFERENCE_SECONDS: Final = 6  # of a voice, that its global tokens are read from
KERNEL: Final = 7  # of every convolution that keeps the rate
DILATIONS: Final = (1, 3, 9)


@dataclass(frozen=True, slots=True)
class BiCodecSizes:
    """Widths and depths.

    Attributes:
        features: width of the wav2vec2 features.
        width, mlp, layers: of the ConvNeXt stacks of encoder and prenet.
        latent: width of what the semantic tokens are read from, of the voiceprint, and of the wave generator's input.
        codes, code_width: the semantic codebook.
        mels: bands of the spectrum that the voice is read from.
        speaker_latent: width of a global token before it is quantised.
        global_tokens: how many there are.
        levels: values of each of a global token's numbers.
        wave_channels: of the wave generator's first layer; each stage halves them.
        wave_rates, wave_kernels: upsampling of each stage, and how wide its kernel is.
    """

    features: int = 1024
    width: int = 384
    mlp: int = 2048
    layers: int = 12
    latent: int = 1024
    codes: int = 8192
    code_width: int = 8
    mels: int = 128
    speaker_latent: int = 128
    global_tokens: int = 32
    levels: tuple[int, ...] = (4, 4, 4, 4, 4, 4)
    wave_channels: int = 1536
    wave_rates: tuple[int, ...] = (8, 5, 4, 2)
    wave_kernels: tuple[int, ...] = (16, 11, 8, 4)

    def __post_init__(self) -> None:
        if prod(self.wave_rates) != TOKEN_SAMPLES:
            raise ValueError(f"wave_rates {self.wave_rates} make no {TOKEN_SAMPLES} samples a token")

    @property
    def wave_reach(self) -> int:
        """Tokens to either side that a sample of the wave generator depends on, at most."""
        residual = sum(KERNEL // 2 * dilation for dilation in DILATIONS)
        reach = KERNEL // 2
        for rate, kernel in zip(reversed(self.wave_rates), reversed(self.wave_kernels), strict=True):
            reach = ceil((reach + residual + kernel - 1) / rate)
        return reach + KERNEL // 2

    @property
    def prenet_reach(self) -> int:
        """Tokens to either side that a feature of the prenet depends on."""
        convolutions = 2 * (1 + RESAMPLING_LAYERS) + 1 + self.layers
        return KERNEL // 2 * convolutions


RESAMPLING_LAYERS: Final = 2  # ConvNeXt layers behind each of the two (unused) rate changes
