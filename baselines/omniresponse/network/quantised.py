"""Linear layers with weights of 8 bits, for processors: a quarter of the memory, and faster where memory is what a step
waits for.

Each output has a scale of its own, and inputs are quantised by the range of their row at each call (M. Nagel et al., A
White Paper on Neural Network Quantization, 2021, sections 2.2 and 2.4: per-channel weights, dynamic activations). A row
is a dialogue: a range over several would let one dialogue's sound move another's answers.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

LARGEST = 127


class Int8Linear(nn.Module):
    """What ``linear`` does, with its weights rounded; ``numbers`` says how many parameters it had."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scales = (weight.abs().amax(dim=1) / LARGEST).clamp(min=1e-12)
        zeros = torch.zeros(len(weight), dtype=torch.int64)
        rounded = torch.quantize_per_channel(weight, scales, zeros, axis=0, dtype=torch.qint8)
        bias = None if linear.bias is None else linear.bias.detach().float()
        self.numbers = sum(parameter.numel() for parameter in linear.parameters())
        self._packed = torch.ops.quantized.linear_prepack(rounded, bias)

    def forward(self, x: Tensor) -> Tensor:
        """``(rows, ..., out)`` of ``(rows, ..., in)``; rows do not know of one another."""
        return torch.cat([self._row(row) for row in x.split(1)]) if len(x) > 1 else self._row(x)

    def _row(self, x: Tensor) -> Tensor:
        # Seven bits for the inputs: with eight, some processors' sums of products overflow.
        return cast(Tensor, torch.ops.quantized.linear_dynamic(x, self._packed, reduce_range=True))


def parameters(network: nn.Module) -> int:
    """Trained numbers of a network, those of replaced layers included."""
    rounded = sum(module.numbers for module in network.modules() if isinstance(module, Int8Linear))
    return rounded + sum(parameter.numel() for parameter in network.parameters())


def quantise(network: nn.Module) -> None:
    """Replace all linear layers of ``network``."""
    for name, module in network.named_children():
        if isinstance(module, nn.Linear):
            setattr(network, name, Int8Linear(module))
        else:
            quantise(module)
