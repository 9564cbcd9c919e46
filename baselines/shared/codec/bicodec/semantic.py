"""What is said: wav2vec2 features to semantic tokens, and semantic tokens with a voiceprint back to features."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn import functional

from baselines.shared.codec.bicodec.blocks import ConvNeXtStack, resampling
from baselines.shared.codec.bicodec.sizes import BiCodecSizes


class SemanticEncoder(nn.Module):
    """``(B, T, features)`` to ``(B, latent, T)``."""

    def __init__(self, sizes: BiCodecSizes) -> None:
        super().__init__()
        self.encoder = ConvNeXtStack(sizes.features, sizes.width, sizes.mlp, sizes.layers)
        self.downsample = resampling(sizes.width, sizes.mlp)
        self.project = nn.Linear(sizes.width, sizes.latent)

    def forward(self, features: Tensor) -> Tensor:
        mixed = self.downsample(self.encoder(features.transpose(1, 2)))
        return cast(Tensor, self.project(mixed).transpose(1, 2))


class SemanticCodebook(nn.Module):
    """One index for each ``latent`` vector, found in few dimensions by cosine (J. Yu et al., 2022)."""

    def __init__(self, sizes: BiCodecSizes) -> None:
        super().__init__()
        self.in_project = nn.Conv1d(sizes.latent, sizes.code_width, 1)
        self.out_project = nn.Conv1d(sizes.code_width, sizes.latent, 1)
        self.codebook = nn.Embedding(sizes.codes, sizes.code_width)

    def tokens(self, latent: Tensor) -> Tensor:
        """``(B, T)`` int64 of ``(B, latent, T)``."""
        found = functional.normalize(self.in_project(latent).transpose(1, 2), dim=-1)
        return (found @ functional.normalize(self.codebook.weight, dim=-1).T).argmax(dim=-1)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, latent, T)`` of ``(B, T)``."""
        return cast(Tensor, self.out_project(self.codebook(tokens).transpose(1, 2)))


class Prenet(nn.Module):
    """``(B, latent, T)`` of the codebook with a voiceprint ``(B, latent)`` to what the wave generator reads."""

    def __init__(self, sizes: BiCodecSizes) -> None:
        super().__init__()
        self.linear_pre = nn.Linear(sizes.latent, sizes.width)
        self.downsample = resampling(sizes.width, sizes.mlp)
        self.vocos_backbone = ConvNeXtStack(sizes.width, sizes.width, sizes.mlp, sizes.layers, sizes.latent)
        self.linear = nn.Linear(sizes.width, sizes.latent)

    def forward(self, latent: Tensor, voice: Tensor) -> Tensor:
        mixed = self.downsample(self.linear_pre(latent.transpose(1, 2)))
        mixed = self.vocos_backbone(mixed.transpose(1, 2), voice)
        return cast(Tensor, self.linear(mixed).transpose(1, 2))
