"""Kokoro's weights as numbers: what the quantised ONNX graph holds, in float64.

The graph (``omnibench.studio.kokoro``) keeps matrices as 8-bit integers with a zero point and a scale, per tensor or
column; ``(q - zero_point) * scale`` in float64 is exact to the last bit of the scale and so the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from omnibench.studio.kokoro import load_graph

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """The encoder half: ``products`` by the name of the node that multiplies, ``plain`` by the name of the tensor."""

    products: dict[str, torch.Tensor]
    recurrent: dict[str, tuple[torch.Tensor, ...]]
    plain: dict[str, torch.Tensor]


@cache
def graph() -> Any:
    """The ONNX model, parsed once. Raises MissingError where the extra ``[studio]`` is not installed."""
    return load_graph()


@cache
def encoder_weights() -> Weights:
    """Everything under ``/encoder``, about 200 MB. Raises MissingError as :func:`graph`."""
    from onnx import numpy_helper

    model = graph().graph
    raw = {tensor.name: tensor for tensor in model.initializer}

    def array(name: str) -> Floats:
        return np.asarray(numpy_helper.to_array(raw[name]), np.float64)

    def scaled(weight: str, zero: str, scale: str, shape: tuple[int, ...] = ()) -> torch.Tensor:
        parts = [array(zero), array(scale)]
        zeros, scales = (part.reshape(shape) if shape and part.ndim else part for part in parts)
        return torch.from_numpy((array(weight) - zeros) * scales)

    products: dict[str, torch.Tensor] = {}
    seen: set[str] = set()
    recurrent: dict[str, tuple[torch.Tensor, ...]] = {}
    for node in model.node:
        if not node.name.startswith("/encoder/"):
            continue
        if node.op_type in ("MatMulInteger", "ConvInteger"):
            weight, zero = node.input[1], node.input[3]
            # ALBERT's twelve layers are one, with one set of weights.
            if weight in seen:
                continue
            seen.add(weight)
            products[_owner(node.name)] = scaled(weight, zero, weight.replace("_quantized", "_scale"))
        elif node.op_type == "DynamicQuantizeLSTM":
            inner, outer = (
                scaled(node.input[i], node.input[7 + 2 * i], node.input[6 + 2 * i], (2, 1, 1)) for i in (1, 2)
            )
            recurrent[_owner(node.name)] = _lstm(inner, outer, torch.from_numpy(array(node.input[3])))
    for name in ("bert.embeddings.word_embeddings", "bert.embeddings.position_embeddings",
                 "bert.embeddings.token_type_embeddings", "text_encoder.embedding"):  # fmt: skip
        zero = "encoder.bert.embeddings.word_embeddings.weight_zero_point"
        products[name] = scaled(f"encoder.{name}.weight_quantized", zero, f"encoder.{name}.weight_scale")
    plain = {
        name.removeprefix("encoder.").removeprefix("predictor."): torch.from_numpy(array(name))
        for name, tensor in raw.items()
        if name.startswith("encoder.") and tensor.data_type == 1
    }
    plain |= {f"{curve}.1.pool": torch.from_numpy(array(f"/encoder/{curve}.1/Mul_output_0")) for curve in ("F0", "N")}
    return Weights(products, recurrent, plain)


def _owner(node: str) -> str:
    """``/encoder/F0.1/conv1/Conv_quant`` is ``F0.1.conv1``."""
    return ".".join(node.removeprefix("/encoder/").removeprefix("predictor/").split("/")[:-1])


def _lstm(inner: torch.Tensor, outer: torch.Tensor, bias: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """ONNX's ``(2, in, 4h)`` matrices in the order i, o, f, c as PyTorch's flat list: i, f, g, o, both directions."""
    hidden = outer.shape[1]
    order = torch.cat([torch.arange(hidden) + gate * hidden for gate in (0, 2, 3, 1)])
    flat: list[torch.Tensor] = []
    for way in range(2):
        flat += [inner[way].T[order].contiguous(), outer[way].T[order].contiguous()]
        flat += [half[order] for half in bias[way].split(4 * hidden)]
    return tuple(flat)
