"""What ReactFace sees and hears of the speaker: one vector a frame from the video, two from the audio.

Source: lingjivoo/ReactFace @fa4b3a4, ``model/video_encoder.py`` and ``model/wav2vec2focctc.py``; written anew. The
encoders over coefficients and cepstra are ours, for a model that trains on a CPU.
"""

from __future__ import annotations

from typing import Any, Final, cast

from torch import Tensor, nn

from baselines.reactface.config import NetworkSettings, WaveSettings
from baselines.shared.speech_features import WIDTH as SPEECH_WIDTH
from omnibench.media.face import FACE_DIM

PICTURE: Final = 224
_SCALED: Final = 256
LEAST_SAMPLES: Final = 400
_MIDDLE: Final = 28


class FaceEncoder(nn.Module):
    """``(B, T, width)`` of standardised faces ``(B, T, 64)``, each frame by itself."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(FACE_DIM, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, faces: Tensor) -> Tensor:
        return cast(Tensor, self.layers(faces))


class PixelEncoder(nn.Module):
    """``(B, T, width)`` of pictures ``(B, T, 3, 224, 224)`` in [-1, 1]; looks at all of them, so they must be past."""

    def __init__(self, width: int) -> None:
        super().__init__()
        first: dict[str, Any] = {"kernel_size": (5, 7, 7), "stride": (1, 2, 2), "padding": (2, 3, 3), "bias": False}
        self.convolutions = nn.ModuleList(
            [
                nn.Conv3d(3, width // 4, **first),
                nn.Conv3d(width // 4, width, **first),
                nn.Conv3d(width, width, 3, stride=(1, 2, 2), padding=1, bias=False),
                nn.Conv3d(width, width, 3, padding=1, bias=False),
                nn.Conv3d(width, width, 3, stride=(1, 2, 2), padding=1, bias=False),
            ]
        )
        self.leave = nn.Linear(width, width)

    def forward(self, pictures: Tensor) -> Tensor:
        x = self._stage(0, pictures.transpose(1, 2))
        x = self._stage(1, nn.functional.max_pool3d(x, (1, 3, 3), (1, 2, 2)))
        if x.shape[-1] != _MIDDLE:
            x = nn.functional.interpolate(x, size=(x.shape[2], _MIDDLE, _MIDDLE), mode="nearest")
        x = self._stage(2, x)
        x = self._stage(4, x + self._stage(3, x))
        return cast(Tensor, self.leave(x.mean(dim=(-2, -1)).transpose(1, 2)))

    def _stage(self, number: int, x: Tensor) -> Tensor:
        return nn.functional.instance_norm(self.convolutions[number](x)).relu()


def picture_input(image: Tensor) -> Tensor:
    """``(3, 224, 224)`` in [-1, 1] of an ``(H, W, 3)`` uint8 picture: the shorter side to 256, then the middle."""
    chw = image.permute(2, 0, 1)[None].float() / 255
    scale = _SCALED / min(chw.shape[-2:])
    size = [max(_SCALED, round(side * scale)) for side in chw.shape[-2:]]
    resized = nn.functional.interpolate(chw, size=size, mode="bilinear", antialias=True, align_corners=False)[0]
    top, left = ((side - PICTURE) // 2 for side in size)
    return resized[:, top : top + PICTURE, left : left + PICTURE] * 2 - 1


class CepstraEncoder(nn.Module):
    """``(B, 2 T, width)`` of standardised speech features ``(B, T, 45)``."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.layers = nn.Sequential(nn.Linear(SPEECH_WIDTH, 2 * width), nn.GELU())

    def forward(self, features: Tensor, frames: int) -> Tensor:
        return cast(Tensor, self.layers(features).reshape(len(features), 2 * frames, self.width))


class WaveEncoder(nn.Module):
    """``(B, 2 T, hidden)`` of samples ``(B, n)`` at 16 kHz with zero mean and unit deviation."""

    def __init__(self, settings: WaveSettings) -> None:
        super().__init__()
        from transformers import Wav2Vec2Config, Wav2Vec2Model

        self.width = settings.hidden
        self.wav2vec2 = Wav2Vec2Model(
            Wav2Vec2Config(
                hidden_size=settings.hidden,
                num_hidden_layers=settings.layers,
                num_attention_heads=settings.heads,
                intermediate_size=settings.feed_forward,
                conv_dim=[settings.convolution] * 7,
            )
        )

    def forward(self, samples: Tensor, frames: int) -> Tensor:
        hidden = self.wav2vec2(samples).last_hidden_state
        if hidden.shape[1] % 2:
            hidden = nn.functional.pad(hidden, (0, 0, 0, 1))
        if hidden.shape[1] < 2 * frames:
            # Above 25 frames a second there are fewer than two vectors a frame.
            stretched = nn.functional.interpolate(hidden.transpose(1, 2), 2 * frames, mode="linear")
            hidden = stretched.transpose(1, 2)
        return cast(Tensor, hidden[:, : 2 * frames])


def make_encoders(network: NetworkSettings, wave: WaveSettings) -> tuple[nn.Module, nn.Module, int]:
    """Video encoder, audio encoder, and the width of the latter's vectors."""
    video = PixelEncoder(network.width) if network.video == "pixels" else FaceEncoder(network.width)
    if network.audio == "wav2vec2":
        return video, WaveEncoder(wave), wave.hidden
    return video, CepstraEncoder(network.width), network.width
