"""Two ROUGE-L columns that could not be compared.

The official script's own ROUGE-L weighs recall (b = 1.2), splits at white space and keeps case and punctuation; the
package everybody else reports lower-cases, drops punctuation and has b = 1. "Yeah, I know." against "yeah i know" is 0
in one and 1 in the other. The protocol is in the name of the number, and the two never share a comparison key.
"""

from __future__ import annotations

import pytest

from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.signature import comparison_key, signature
from omnibench.metrics.text.rouge import rouge_l_package, rouge_l_whitespace


def test_case_and_punctuation_decide_between_0_and_1() -> None:
    assert rouge_l_whitespace("Yeah, I know.", "yeah i know") == 0.0
    assert rouge_l_package("Yeah, I know.", "yeah i know") == 1.0


def test_beta_moves_a_short_answer() -> None:
    assert rouge_l_whitespace("testing one two", "testing") == pytest.approx(0.458647, abs=1e-6)
    assert rouge_l_whitespace("testing one two", "testing", beta=1.0) == rouge_l_package("testing one two", "testing")


def test_the_two_have_other_comparison_keys() -> None:
    keys = {
        comparison_key(signature("ROUGE-L", name, load_protocol(name).metrics["rouge_l"].values, "d@1", {}, "1/1"))
        for name in ("paper", "strict")
    }
    assert len(keys) == 2
