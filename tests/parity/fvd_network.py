"""A small random network with the calling convention of FVD's detector, the same numbers wherever it is made."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

DIMENSIONS = 8


class RandomDetector(nn.Module):
    """``(b, 3, t, h, w)`` uint8 to ``(b, 8)``."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        rng = np.random.default_rng(seed)
        self.conv = nn.Conv3d(3, DIMENSIONS, (3, 7, 7), stride=(1, 4, 4))
        with torch.no_grad():
            self.conv.weight.copy_(torch.from_numpy(rng.normal(0, 0.2, self.conv.weight.shape)))
            self.conv.bias.copy_(torch.from_numpy(rng.normal(0, 0.5, DIMENSIONS)))

    def forward(self, x: Tensor, rescale: bool = False, resize: bool = False, return_features: bool = False) -> Tensor:
        y = x.float()
        if rescale:
            y = y * 2 / 255 - 1
        if resize:
            y = y[:, :, :, ::2, ::2]
        y = torch.tanh(self.conv(y)).mean(dim=(2, 3, 4))
        if not return_features:
            y = torch.softmax(y, dim=1)
        return y


def scripted(seed: int) -> torch.jit.ScriptModule:
    """The network as TorchScript, in evaluation mode."""
    return torch.jit.script(RandomDetector(seed).eval())
