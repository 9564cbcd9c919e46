"""Sampling options, and weights of 8 bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from omniresponse_factory import small_model, small_tokenizer

from baselines.omniresponse.config import SamplingSettings, Settings, override
from baselines.omniresponse.network.quantised import Int8Linear, parameters
from baselines.omniresponse.text.sampling import ChronoGrammar, CodeSampler, TextSampler
from omnibench.errors import InputError

TOKENIZER = small_tokenizer()
WORDS = np.flatnonzero(TOKENIZER.starts_word)


def sampler(**changes: object) -> TextSampler:
    settings = SamplingSettings(**({"repetition_penalty": 0.0} | changes))  # type: ignore[arg-type]
    return TextSampler(settings, ChronoGrammar(TOKENIZER), TOKENIZER.starts_word, np.random.default_rng(0))


def shares(**changes: object) -> tuple[float, int]:
    """Of 500 draws after pauses: how many pauses there are, and how many different words."""
    logits = np.full(TOKENIZER.size, -30.0)
    logits[WORDS[:20]] = np.linspace(0.0, 1.0, 20)
    logits[TOKENIZER.pause] = 3.0
    drawing = sampler(**{"temperature": 1.0, "top_p": 1.0} | changes)
    drawn = [drawing.draw(logits, TOKENIZER.pause) for _ in range(500)]
    return drawn.count(TOKENIZER.pause) / 500, len({token for token in drawn if token != TOKENIZER.pause})


def test_a_bias_of_pause_makes_it_talk_more_or_less() -> None:
    (less, _), (plain, _), (more, _) = (shares(pause_bias=bias) for bias in (2.0, 0.0, -2.0))
    assert plain == pytest.approx(np.exp(3) / (np.exp(3) + np.exp(np.linspace(0, 1, 20)).sum()), abs=0.05)
    assert less > plain + 0.2
    assert more < plain - 0.2


def test_greedy_takes_the_most_likely_of_all() -> None:
    assert shares(greedy=True) == (1.0, 0)
    assert shares(greedy=True, pause_bias=-9.0) == (0.0, 1)
    logits = np.array([0.0, 1.0, 3.0, 2.0], dtype=np.float32)
    levels = np.array([[0.0], [0.0], [2.0], [1.0]], dtype=np.float32)
    voice = CodeSampler(SamplingSettings(greedy=True), levels, np.random.default_rng(0))
    assert {voice.draw(logits) for _ in range(20)} == {2}


def test_a_word_just_said_is_not_said_again() -> None:
    logits = np.full(TOKENIZER.size, -30.0)
    logits[WORDS[:3]] = 5.0, 4.9, 0.0

    def said(**changes: object) -> list[int]:
        drawing = sampler(temperature=0.0, **changes)
        return [drawing.draw(logits, TOKENIZER.pause) for _ in range(6)]

    first, second = WORDS[:2]
    assert said() == [first] * 6
    assert said(repetition_penalty=2.0, repetition_window=1) == [first, second] * 3
    assert said(repetition_penalty=0.05) == [first] * 6
    assert (logits[WORDS[:3]] == (5.0, 4.9, 0.0)).all(), "the session's own logits are not to be changed"


@pytest.mark.parametrize(
    ("key", "value"),
    [("top_p", 0.0), ("temperature", -1.0), ("voice", "loud"), ("repetition_window", 0), ("repetition_penalty", -1.0)],
)
def test_values_out_of_range_are_named(key: str, value: object) -> None:
    with pytest.raises(InputError, match=f"sampling.{key} is"):
        override(Settings(), {f"sampling.{key}": value})


def test_eight_bits_answer_nearly_as_thirty_two() -> None:
    whole, rounded = small_model(), small_model()
    rounded.llm.prepare("int8")
    assert isinstance(rounded.llm.phi.layers[0].self_attn.qkv_proj, Int8Linear)
    assert parameters(rounded) == parameters(whole)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(12, whole.settings.llm.hidden, generator=generator)
    mask, places = torch.zeros(1, 1, 12, 12), torch.arange(12.0)[None]
    with torch.inference_mode():
        expected, found = whole.llm(x, mask, places), rounded.llm(x, mask, places)
    assert 0 < (found - expected).abs().max() < 0.15 * expected.std() * 5
    assert torch.nn.functional.cosine_similarity(found, expected).min() > 0.99
