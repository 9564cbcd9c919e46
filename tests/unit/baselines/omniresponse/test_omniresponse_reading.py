"""Reading aloud: a batch is its windows one by one, and words are spoken by their phonemes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from omniresponse_factory import small_model, small_tokenizer
from torch.nn import functional

from baselines.omniresponse.network.segment import Segment, Track, build_segment
from baselines.omniresponse.text.pacing import average_pacing
from baselines.omniresponse.text.pronunciation import pronunciations
from baselines.omniresponse.text.tokens import LETTERS, PHONEMES, ChronoTokenizer
from baselines.omniresponse.text.wordform import WordFormReader
from baselines.omniresponse.training.reading import Reader, gather, reading_loss
from baselines.shared.schedule import TokenSchedule

FRAMES = 20


def spoken_window(fps: Fraction, seed: int, start: int = 0) -> Segment:
    """Random words, faces and audio tokens."""
    tokenizer, generator = small_tokenizer(), np.random.default_rng(seed)
    length = start + FRAMES + 2
    words = [*tokenizer.encode_word("Right."), tokenizer.lasting, tokenizer.pause, *tokenizer.encode_word("think")]
    own = np.array(words)[generator.integers(len(words), size=length)]
    faces = generator.uniform(0, 1, (2, length, 64)).astype(np.float32)
    codes = generator.integers(0, 16, 4 * length)
    forms, pacing = WordFormReader(tokenizer).read(own), average_pacing(length, fps)
    track = Track(0, faces[0], faces[1], own, own, forms, pacing, codes, faces[0][0])
    return build_segment(
        track, start, start + FRAMES, TokenSchedule(fps, 50), (2, 5), torch.randn(4, generator=torch.Generator()), 3
    )


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30)])
def test_a_batch_is_its_windows_one_by_one(fps: Fraction) -> None:
    """At 30 fps the windows start at different phases of the token clock, so their token counts differ."""
    tokenizer, model = small_tokenizer(), small_model()
    windows = [spoken_window(fps, seed, start) for seed, start in enumerate((0, 1, 2, 7))]
    reading = gather(windows)
    count = reading.next_codes.shape[1]
    assert count >= min(len(w.next_codes) for w in windows) - 1
    losses, weights = [], []
    with torch.no_grad():
        for window in windows:
            said, spelling = model.articulate(window.speech)
            state = model.voice.new_state(window.voiceprint)
            model.voice.remember(torch.zeros(FRAMES, model.settings.llm.hidden), said, window.speech.times, 0, state)
            logits = model.sound(window.codes, spelling, 0, state)
            heads = window.speech.heads[window.codes.frames[:count]]
            weights.append(torch.where(heads != tokenizer.pause, 1.0, 0.25))
            losses.append(functional.cross_entropy(logits[:count], window.next_codes[:count], reduction="none"))
        expected = (torch.stack(losses) * torch.stack(weights)).sum() / torch.stack(weights).sum()
        found = reading_loss(Reader(model), reading, tokenizer.pause, 0.25)
    assert torch.allclose(found, expected, atol=1e-5)


def test_reading_trains_the_voice_and_leaves_the_language_model_alone() -> None:
    model = small_model()
    reader = Reader(model)
    reading_loss(reader, gather([spoken_window(Fraction(25), 1)]), small_tokenizer().pause, 0.1).backward()
    assert model.voice.spelling.query.weight.grad is not None
    assert all(p.grad is None for p in model.llm.phi.layers.parameters())
    assert all(p.grad is None for p in model.vision.parameters())


def test_the_letters_of_a_word_reach_its_sound() -> None:
    """Two windows that differ in nothing but the symbols of their words sound different."""
    window, model = spoken_window(Fraction(25), 1), small_model()
    said, spelling = model.articulate(window.speech)
    other = model.articulation.spell((window.speech.letters + 1) * (window.speech.letters > 0))
    outputs = []
    with torch.no_grad():
        for words in (spelling, other):
            state = model.voice.new_state(window.voiceprint)
            model.voice.remember(torch.zeros(FRAMES, model.settings.llm.hidden), said, window.speech.times, 0, state)
            outputs.append(model.sound(window.codes, words, 0, state))
    assert not torch.allclose(outputs[0], outputs[1])


def test_known_words_are_spelled_by_phonemes_and_others_by_letters() -> None:
    tokenizer = small_tokenizer()
    known, unknown = tokenizer.encode_word("Right"), tokenizer.encode_word("market")
    assert len(known) == 1
    assert [PHONEMES[s - len(LETTERS)] for s in tokenizer.spelling[known[0]]] == list("ɹIt")
    assert all(s < len(LETTERS) for token in unknown for s in tokenizer.spelling[token])
    again = ChronoTokenizer.from_json(tokenizer.to_json())
    assert again.spelling == tokenizer.spelling


def test_pronunciations_are_those_of_a_sentence_and_only_of_words_that_occur() -> None:
    """The lexicon is misaki's, Apache-2.0 (``omnibench/studio/data/SOURCES.md``)."""
    found = pronunciations(["The market's good, about a cat.", "Qzxv about!"])
    assert found["the"] == "ðə"
    assert found["about"] == "əbWt"
    assert "qzxv" not in found
    assert list(found) == sorted(found)
