"""BERTScore on a real folder of predictions, with a tiny network of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from data_factory import write_dataset
from tiny_encoders import write_bert

from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.metrics.base import Metric, Parameters
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.text.bertscore import bertscore_f1, bertscore_rescaled, greedy_match, network_folder
from omnibench.metrics.text.embeddings import EmbeddedText, TextEncoder

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bert(tmp_path_factory.mktemp("network"), VOCABULARY)


def measured(metric: Metric, network: Path, folder: Path, answers: list[str], skip_empty: bool) -> list[float | None]:
    data = open_dataset(str(write_dataset(folder, ids=tuple("abcd"[: len(answers)]))))
    values = {"network": str(network), "layer": 2, "baseline": 0.5, "skip_empty": skip_empty}
    parameters = Parameters("strict", values)
    pairs = [
        (SimpleNamespace(text=text), data.dialogue("test", dialogue))
        for text, dialogue in zip(answers, data.ids("test"), strict=True)
    ]
    planned = replace(parameters, plan=metric.plan(pairs, parameters))  # type: ignore[attr-defined]
    return [metric.sample_value(metric.sample(*pair, planned)) for pair in pairs]  # type: ignore[arg-type]


def test_an_empty_answer_is_left_out_by_the_paper_and_scores_0_when_strict(network: Path, tmp_path: Path) -> None:
    paper = measured(bertscore_f1, network, tmp_path / "paper", ["a bad cab", "  ", ""], skip_empty=True)
    strict = measured(bertscore_f1, network, tmp_path / "strict", ["a bad cab", "  ", ""], skip_empty=False)
    assert paper[1:] == [None, None]
    assert strict[1:] == [0.0, 0.0]
    assert paper[0] == strict[0] != 0.0


def test_a_rescaled_score_is_never_below_silence(network: Path, tmp_path: Path) -> None:
    values = measured(bertscore_rescaled, network, tmp_path, ["zz", "a bad cab", ""], skip_empty=False)
    assert all(value is not None and 0 <= value <= 1 for value in values)


def test_a_damaged_answer_does_not_stop_the_others(network: Path, tmp_path: Path) -> None:
    class Damaged:
        @property
        def text(self) -> str:
            raise InputError("text/b.json: not JSON")

    data = open_dataset(str(write_dataset(tmp_path, ids=("a", "b"))))
    answers = (SimpleNamespace(text="a cab"), Damaged())
    pairs = [(answer, data.dialogue("test", name)) for answer, name in zip(answers, "ab", strict=True)]
    planned = bertscore_f1.plan(pairs, Parameters("strict", {"network": str(network), "layer": 1}))  # type: ignore[arg-type]
    assert [answer for _, answer in planned] == ["a cab"]


def test_marks_are_matched_with_and_not_counted() -> None:
    def text(*directions: tuple[float, float]) -> EmbeddedText:
        pieces = torch.tensor([(1.0, 0.0), *directions, (0.0, 1.0)])
        return EmbeddedText(pieces, torch.tensor([False, *[True] * len(directions), False]))

    # The answer's second word meets only the reference's end mark.
    assert greedy_match(text((1, 0)), text((1, 0), (0, 1))) == pytest.approx((1.0, 1.0, 1.0))
    assert greedy_match(text((0.6, 0.8)), text((1, 0))) == pytest.approx((1.0, 0.8, 2 * 0.8 / 1.8))
    assert greedy_match(text(), text((1, 0))) == (0.0, 0.0, 0.0)


def test_text_of_no_words_is_embedded_as_its_marks(network: Path) -> None:
    embedded = TextEncoder(network, 1).embed([""])[0]
    assert embedded.pieces.shape == (2, 32)
    assert not embedded.words.any()


def test_a_layer_or_folder_that_is_not_there_is_named(network: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="layer 9 is asked for and this model has 3 layers"):
        TextEncoder(network, 9)
    with pytest.raises(InputError, match=r"config\.json"):
        TextEncoder(tmp_path, 1)
    with pytest.raises(UsageError, match="no folder"):
        network_folder(f"{tmp_path}/nowhere")


def test_a_missing_network_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path))
    with pytest.raises(MissingError, match="omnibench assets fetch roberta-large"):
        network_folder(load_protocol("paper").metrics["bertscore_f1"]["network"])


def test_the_network_of_the_offline_protocol_comes_with_the_installation() -> None:
    folder = network_folder("minilm-l6-v2")
    assert json.loads((folder / "config.json").read_text())["num_hidden_layers"] == 6
