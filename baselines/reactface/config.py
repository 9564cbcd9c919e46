"""Settings of ReactFace. The defaults are the published sizes; ``configs/tiny.toml`` is what the package ships."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from baselines.shared.configuration import Amount, Section, Share, Size
from baselines.shared.listeners.settings import ListenerSettings, TrainingSettings
from omnibench.errors import InputError


class NetworkSettings(Section):
    """Widths and depths."""

    width: Size = 128
    """Of all features."""
    heads: Size = 8
    """Of the decoders' attention."""
    period: Size = 8
    """Frames after which positional encoding and attention bias repeat."""
    vae_heads: Size = 4
    """Of the encoder in front of the latent."""
    vae_feed_forward: Size = 1024
    video: Literal["coefficients", "pixels"] = "coefficients"
    """``pixels``, three-dimensional convolutions over the speaker's pictures as published, or ``coefficients``, an MLP
    over the speaker's face.
    """
    audio: Literal["cepstra", "wav2vec2"] = "cepstra"
    """``wav2vec2`` as published, or ``cepstra``, an MLP over the speech features of a frame."""
    dropout: Share = 0.1
    """Of all transformers."""


class WaveSettings(Section):
    """Sizes of wav2vec 2.0; those of wav2vec2-base-960h."""

    hidden: Size = 768
    layers: Size = 12
    heads: Size = 12
    feed_forward: Size = 3072
    convolution: Size = 512


class SessionSettings(Section):
    """How windows follow one another; may differ between training and running."""

    window: Size = 8
    """Frames that are answered at once, and the delay."""
    momentum: Share = 0.9
    """Share of the previous window's latent."""
    from_first_face: bool = True
    """The code that was published begins from zeros, the mean face. A dialogue here begins from the listener's face."""


class LossSettings(Section):
    """Weights; the published ones, but for the pose, which is standardised here (published: 10, in radians)."""

    pose: Amount = 1.0
    divergence: Amount = 1e-5
    diversity: Amount = 100.0
    diversity_scale: Amount = 100.0
    """Squared distance at which two reactions count as different."""
    smoothness: Amount = 10.0
    expression_smoothness: Amount = 0.1
    """Within the smoothness."""
    speaker: Amount = 1.0


class StatisticsSettings(Section):
    """Files of the mean (and deviation) that an original checkpoint's faces were shifted by; only those need them."""

    mean_face: str = ""
    std_face: str = ""


class Settings(ListenerSettings):
    """One configuration, whole."""

    run_time: ClassVar[tuple[str, ...]] = ("session",)

    network: NetworkSettings = NetworkSettings()
    wave: WaveSettings = WaveSettings()
    session: SessionSettings = SessionSettings()
    loss: LossSettings = LossSettings()
    statistics: StatisticsSettings = StatisticsSettings()
    training: TrainingSettings = TrainingSettings(frames=64)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        network, window = self.network, self.session.window
        if self.training.frames % window:
            raise InputError(
                f"training.frames is {self.training.frames}, expected a multiple of session.window ({window})."
            )
        for key, heads in (("heads", network.heads), ("vae_heads", network.vae_heads)):
            if network.width % heads:
                raise InputError(f"network.width is {network.width}, no multiple of network.{key} ({heads}).")
        return self
