"""BERTScore against the package bert-score 0.3.13 under transformers 4.57.6, on tiny networks of RoBERTa's and BERT's
kind: the same weights, vocabularies and pairs (make_bertscore_numbers.py writes them).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_encoders import write_bert, write_roberta

from omnibench.metrics.text.bertscore import bertscores, rescaled

NUMBERS = json.loads(Path(__file__).with_name("bertscore.json").read_text(encoding="utf-8"))
PAIRS = tuple((reference, answer) for reference, answer in NUMBERS["pairs"])


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("networks")
    roberta: dict[str, Any] = NUMBERS["roberta"]
    return {
        "roberta": write_roberta(folder / "roberta", roberta["vocabulary"], roberta["merges"]),
        "bert": write_bert(folder / "bert", NUMBERS["bert"]["vocabulary"]),
    }


@pytest.mark.parametrize("kind", ["roberta", "bert"])
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_scores_of_bert_score(networks: dict[str, Path], kind: str, layer: int) -> None:
    expected = np.array(NUMBERS[kind]["layers"][str(layer)]).T
    assert expected.shape == (len(PAIRS), 3)
    np.testing.assert_allclose(bertscores(networks[kind], layer, PAIRS), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["roberta", "bert"])
@pytest.mark.parametrize("batch", [1, 5])
def test_batch_size_moves_nothing(networks: dict[str, Path], kind: str, batch: int) -> None:
    expected = np.array(NUMBERS[kind]["layers"]["2"]).T
    np.testing.assert_allclose(bertscores(networks[kind], 2, PAIRS, batch), expected, rtol=0, atol=1e-6)


def test_numbers_are_of_the_versions_that_were_right() -> None:
    assert NUMBERS["versions"]["bert-score"] == "0.3.13"
    assert NUMBERS["versions"]["transformers"] == "4.57.6"


@pytest.mark.parametrize(
    ("raw", "value"),
    # bert-score's tests (tests/test_bert_score.py): its three pairs with roberta-large, raw and rescaled.
    [(0.9833561, 0.9013834), (0.9782300, 0.8710108), (0.9162146, 0.5035652)],
)
def test_rescaling_of_bert_score(raw: float, value: float) -> None:
    assert rescaled(raw, 0.83122575) == pytest.approx(value, abs=5e-6)
