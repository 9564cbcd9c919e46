"""Settings of ReactFace. The defaults are the published sizes; ``configs/tiny.toml`` is what the package ships."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from baselines.shared.fitting import TrainingSettings
from omnibench.errors import InputError

CONFIGS: Final = Path(__file__).parent / "configs"
RUN_TIME: Final = ("session",)


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Widths and depths.

    Attributes:
        width: of all features.
        heads: of the decoders' attention.
        period: frames after which positional encoding and attention bias repeat.
        vae_heads: of the encoder in front of the latent.
        vae_feed_forward: its hidden width.
        video: ``"pixels"``, three-dimensional convolutions over the speaker's pictures as published, or
            ``"coefficients"``, an MLP over the speaker's face.
        audio: ``"wav2vec2"`` as published, or ``"cepstra"``, an MLP over the speech features of a frame.
        dropout: of all transformers.
    """

    width: int = 128
    heads: int = 8
    period: int = 8
    vae_heads: int = 4
    vae_feed_forward: int = 1024
    video: str = "coefficients"
    audio: str = "cepstra"
    dropout: float = 0.1


@dataclass(frozen=True, slots=True)
class WaveSettings:
    """Sizes of wav2vec 2.0; those of wav2vec2-base-960h."""

    hidden: int = 768
    layers: int = 12
    heads: int = 12
    feed_forward: int = 3072
    convolution: int = 512


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How windows follow one another; may differ between training and running."""

    window: int = 8  # frames that are answered at once, and the delay
    momentum: float = 0.9  # share of the previous window's latent
    # The code that was published begins from zeros, the mean face. A dialogue here begins from the listener's face.
    from_first_face: bool = True


@dataclass(frozen=True, slots=True)
class LossSettings:
    """Weights; the published ones, but for the pose, which is standardised here (published: 10, in radians)."""

    pose: float = 1.0
    divergence: float = 1e-5
    diversity: float = 100.0
    diversity_scale: float = 100.0  # squared distance at which two reactions count as different
    smoothness: float = 10.0
    expression_smoothness: float = 0.1  # within the smoothness
    speaker: float = 1.0


@dataclass(frozen=True, slots=True)
class StatisticsSettings:
    """Files of the mean (and deviation) that an original checkpoint's faces were shifted by; only those need them."""

    mean_face: str = ""
    std_face: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration, whole."""

    network: NetworkSettings = field(default_factory=NetworkSettings)
    wave: WaveSettings = field(default_factory=WaveSettings)
    session: SessionSettings = field(default_factory=SessionSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    statistics: StatisticsSettings = field(default_factory=StatisticsSettings)
    training: TrainingSettings = field(default_factory=lambda: TrainingSettings(frames=64))

    def __post_init__(self) -> None:
        network, window = self.network, self.session.window
        for key, value, known in (
            ("video", network.video, ("coefficients", "pixels")),
            ("audio", network.audio, ("cepstra", "wav2vec2")),
        ):
            if value not in known:
                raise InputError(f'The setting network.{key} is "{value}", expected {" or ".join(known)}.')
        if window < 1 or self.training.frames % window:
            raise InputError(
                f"session.window is {window}: expected at least 1, and training.frames ({self.training.frames}) a "
                "multiple of it."
            )
        for key, heads in (("heads", network.heads), ("vae_heads", network.vae_heads)):
            if heads < 1 or network.width % heads:
                raise InputError(f"network.width is {network.width}, no multiple of network.{key} ({heads}).")
