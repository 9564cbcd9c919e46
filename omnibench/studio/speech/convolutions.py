"""Kokoro's 8-bit convolutions as matrix products: the same integers, in less than half the time.

onnxruntime (1.32) computes a ``ConvInteger`` with unsigned weights by a slow kernel, and has a fast one for products
of unsigned rows with signed columns. A convolution is such a product, of the row of samples under the kernel at each
step; its sums are of integers and exact, so the sound keeps its bits. The fast kernel adds pairs in 16 bits on
processors without VNNI instructions, where they can overflow: there the graph stays as it is.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

_SIGNED: Final = 128
_END: Final = np.iinfo(np.int64).max


def as_products(model: Any) -> Any:
    """An ONNX model with every one-dimensional ``ConvInteger`` of one group as a ``MatMulInteger``, changed in place.

    Weights ``(out, in, taps)`` have to be unsigned and constant, as :mod:`onnxruntime.quantization` writes them; a
    convolution of any other kind is kept.
    """
    from onnx import numpy_helper

    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    nodes: list[Any] = []
    added: dict[str, Any] = {}
    for node in graph.node:
        weight = constants.get(node.input[1]) if node.op_type == "ConvInteger" else None
        values = None if weight is None else numpy_helper.to_array(weight)
        if values is None or values.ndim != 3 or values.dtype != np.uint8 or _attributes(node).get("group", 1) != 1:
            nodes.append(node)
            continue
        zero = numpy_helper.to_array(constants[node.input[3]])
        nodes.extend(_product(node, values, zero, added))
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*kept, *(numpy_helper.from_array(value, name) for name, value in added.items())])
    return model


def _product(node: Any, weight: Any, zero: Any, added: dict[str, Any]) -> list[Any]:
    """The nodes that stand for one convolution; what they need beside is put into ``added``."""
    from onnx.helper import make_node

    samples, output, padding = node.input[0], node.output[0], node.input[2]
    attributes = _attributes(node)
    before, after = attributes.get("pads", (0, 0))
    stride, dilation = attributes.get("strides", (1,))[0], attributes.get("dilations", (1,))[0]
    taps = weight.shape[2]

    def name(suffix: str, value: Any = None) -> str:
        full = f"{output}/{suffix}"
        if value is not None:
            added[full] = value
        return full

    def numbers(suffix: str, *values: int) -> str:
        return name(suffix, np.array(values, np.int64))

    nodes = [make_node("Transpose", [samples], [name("steps")], perm=[0, 2, 1])]
    pads = numbers("pads", 0, before, 0, 0, after, 0)
    nodes.append(make_node("Pad", [name("steps"), pads, padding], [name("padded")]))
    columns = []
    for tap in range(taps):
        first, left = tap * dilation, (taps - 1 - tap) * dilation
        bounds = [numbers(f"first{tap}", first), numbers(f"last{tap}", -left or _END)]
        nodes.append(
            make_node(
                "Slice", [name("padded"), *bounds, numbers("axis", 1), numbers("stride", stride)], [name(f"tap{tap}")]
            )
        )
        columns.append(name(f"tap{tap}"))
    nodes.append(make_node("Concat", columns, [name("rows")], axis=2))
    signed = (weight.astype(np.int16) - _SIGNED).astype(np.int8)
    matrix = name("matrix", np.ascontiguousarray(signed.transpose(2, 1, 0).reshape(-1, len(weight))))
    middle = name("middle", np.array(int(zero) - _SIGNED, np.int8))
    nodes.append(make_node("MatMulInteger", [name("rows"), matrix, padding, middle], [name("product")]))
    nodes.append(make_node("Transpose", [name("product")], [output], perm=[0, 2, 1]))
    return nodes


def _attributes(node: Any) -> dict[str, Any]:
    from onnx.helper import get_attribute_value

    return {attribute.name: get_attribute_value(attribute) for attribute in node.attribute}


@cache
def products_are_exact() -> bool:
    """Whether products of unsigned rows with signed columns keep the largest sums on this processor."""
    from onnx import TensorProto
    from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
    from onnx.numpy_helper import from_array

    from omnibench.studio.kokoro import one_thread

    columns = np.full((64, 64), -_SIGNED, np.int8)
    graph = make_graph(
        [make_node("MatMulInteger", ["rows", "columns"], ["sums"])],
        "largest",
        [make_tensor_value_info("rows", TensorProto.UINT8, [8, 64])],
        [make_tensor_value_info("sums", TensorProto.INT32, [8, 64])],
        [from_array(columns, "columns")],
    )
    model = make_model(graph, opset_imports=[make_opsetid("", 13)], ir_version=8)
    rows = np.full((8, 64), 255, np.uint8)
    (sums,) = one_thread(model.SerializeToString()).run(None, {"rows": rows})
    return bool(np.array_equal(sums, rows.astype(np.int32) @ columns.astype(np.int32)))
