"""Kokoro's convolutions as matrix products: the same integers, whatever the kernel, and the same sound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibench.studio.kokoro import one_thread
from omnibench.studio.people import PEOPLE
from omnibench.studio.speech import sound
from omnibench.studio.speech.convolutions import as_products, products_are_exact
from omnibench.studio.speech.planned import plan_lines

pytestmark = pytest.mark.needs("studio")


def convolution(weight: Any, zero: int, group: int = 1, **attributes: list[int]) -> Any:
    from onnx import TensorProto
    from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
    from onnx.numpy_helper import from_array

    node = make_node("ConvInteger", ["x", "w", "x_zero", "w_zero"], ["y"], group=group, **attributes)
    return make_model(
        make_graph(
            [node],
            "one",
            [
                make_tensor_value_info("x", TensorProto.UINT8, [1, weight.shape[1] * group, None]),
                make_tensor_value_info("x_zero", TensorProto.UINT8, []),
            ],
            [make_tensor_value_info("y", TensorProto.INT32, [1, len(weight), None])],
            [from_array(weight, "w"), from_array(np.array(zero, np.uint8), "w_zero")],
        ),
        opset_imports=[make_opsetid("", 13)],
        ir_version=8,
    )


def answers(model: Any, samples: Any, zero: int) -> Any:
    given_ = {"x": samples, "x_zero": np.array(zero, np.uint8)}
    return one_thread(model.SerializeToString()).run(None, given_)[0]


@settings(max_examples=40, deadline=None)
@given(
    taps=st.sampled_from([1, 2, 3, 7, 12]),
    dilation=st.sampled_from([1, 3, 5]),
    stride=st.sampled_from([1, 2, 6]),
    pads=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    zeros=st.tuples(st.integers(0, 255), st.integers(0, 255)),
    seed=st.integers(0, 999),
)
def test_products_are_the_convolution(
    taps: int, dilation: int, stride: int, pads: tuple[int, int], zeros: tuple[int, int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.integers(0, 256, (5, 8, taps), np.uint8)
    samples = rng.integers(0, 256, (1, 8, 70), np.uint8)
    made = convolution(weight, zeros[0], pads=list(pads), strides=[stride], dilations=[dilation], kernel_shape=[taps])
    expected = answers(made, samples, zeros[1])
    changed = as_products(made)
    assert [node.op_type for node in changed.graph.node].count("MatMulInteger") == 1
    if products_are_exact():
        assert np.array_equal(answers(changed, samples, zeros[1]), expected)


def test_a_convolution_in_groups_is_kept() -> None:
    weight = np.ones((4, 2, 3), np.uint8)
    made = convolution(weight, 0, group=2, pads=[1, 1], kernel_shape=[3])
    assert as_products(made).graph.node[0].op_type == "ConvInteger"


def test_a_line_sounds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = plan_lines("Yes, on Friday.", PEOPLE["train"][1])
    said = []
    for exact in (True, False):
        monkeypatch.setattr(sound, "products_are_exact", lambda exact=exact: exact and products_are_exact())
        said.append(sound.sound(line.prosody, line.row, line.phonemes))
    assert np.array_equal(*said)
