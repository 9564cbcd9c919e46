"""EfficientNetV2-S (Tan & Le, ICML 2021) in TensorFlow's padding, as a feature extractor: the picture network inside
UTMOSv2. Parameters bear timm's names (``tf_efficientnetv2_s``), so that its state dicts load as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS: Final = 1280
"""Of the features."""

STRIDE: Final = 32
"""Picture pixels per feature pixel."""

_EPSILON: Final = 1e-3
_STEM: Final = 24


class _Stage(NamedTuple):
    kind: Literal["plain", "fused", "inverted"]
    blocks: int
    stride: int
    expansion: int
    channels: int


# Table 4 of the paper.
_STAGES: Final = (
    _Stage("plain", 2, 1, 1, 24),
    _Stage("fused", 4, 2, 4, 48),
    _Stage("fused", 4, 2, 4, 64),
    _Stage("inverted", 6, 2, 4, 128),
    _Stage("inverted", 9, 1, 6, 160),
    _Stage("inverted", 15, 2, 6, 256),
)


class _Conv(nn.Conv2d):
    """A convolution without bias, padded as TensorFlow's SAME: the odd pixel goes to the right and below."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        if kernel > 1:
            down, across = (max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in x.shape[2:])
            x = functional.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2))
        return super().forward(x)


class _Norm(nn.BatchNorm2d):
    """Batch normalisation, then SiLU where ``active``."""

    def __init__(self, channels: int, active: bool = True) -> None:
        super().__init__(channels, eps=_EPSILON)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x)
        return functional.silu(x) if self.active else x


class _Plain(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        self.conv = _Conv(inputs, outputs, 3, stride)
        self.bn1 = _Norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn1(self.conv(x))


class _Fused(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        self.conv_exp = _Conv(inputs, inputs * expansion, 3, stride)
        self.bn1 = _Norm(inputs * expansion)
        self.conv_pwl = _Conv(inputs * expansion, outputs, 1)
        self.bn2 = _Norm(outputs, active=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn2(self.conv_pwl(self.bn1(self.conv_exp(x))))


class _Squeeze(nn.Module):
    """Squeeze and excitation (Hu et al. 2018)."""

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.conv_reduce = nn.Conv2d(channels, reduced, 1)
        self.conv_expand = nn.Conv2d(reduced, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        squeezed = functional.silu(self.conv_reduce(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.conv_expand(squeezed))


class _Inverted(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.conv_pw = _Conv(inputs, inner, 1)
        self.bn1 = _Norm(inner)
        self.conv_dw = _Conv(inner, inner, 3, stride, groups=inner)
        self.bn2 = _Norm(inner)
        self.se = _Squeeze(inner, inputs // 4)
        self.conv_pwl = _Conv(inner, outputs, 1)
        self.bn3 = _Norm(outputs, active=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn3(self.conv_pwl(self.se(self.bn2(self.conv_dw(self.bn1(self.conv_pw(x)))))))


class _Residual(nn.Sequential):
    """The blocks of one stage; those that keep the shape are added to their input."""

    def __init__(self, stage: _Stage, inputs: int) -> None:
        kinds = {"plain": _Plain, "fused": _Fused, "inverted": _Inverted}
        sizes = [inputs] + [stage.channels] * (stage.blocks - 1)
        super().__init__(
            *(
                kinds[stage.kind](size, stage.channels, stage.stride if number == 0 else 1, stage.expansion)
                for number, size in enumerate(sizes)
            )
        )
        self.added = [number > 0 or (stage.stride == 1 and inputs == stage.channels) for number in range(stage.blocks)]

    def forward(self, x: Tensor) -> Tensor:
        for block, added in zip(self, self.added, strict=True):
            x = x + block(x) if added else block(x)
        return x


class EfficientNetV2S(nn.Module):
    """Pictures ``(n, 3, h, w)`` to features ``(n, 1280, h / 32, w / 32)``."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem = _Conv(3, _STEM, 3, 2)
        self.bn1 = _Norm(_STEM)
        self.blocks = nn.Sequential(*_stages())
        self.conv_head = _Conv(_STAGES[-1].channels, CHANNELS, 1)
        self.bn2 = _Norm(CHANNELS)

    def forward(self, pictures: Tensor) -> Tensor:
        """The features before any pooling."""
        return self.bn2(self.conv_head(self.blocks(self.bn1(self.conv_stem(pictures)))))


def _stages() -> Iterator[nn.Module]:
    inputs = _STEM
    for stage in _STAGES:
        yield _Residual(stage, inputs)
        inputs = stage.channels
