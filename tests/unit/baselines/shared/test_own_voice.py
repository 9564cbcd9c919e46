"""Listeners without words of their own: drawn sounds, the tokens of a window, recognised words, a cache that slides."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from baselines.av_llm.config import LlmSettings
from baselines.av_llm.network import AudioVisualLlm
from baselines.av_llm.training import Layout
from baselines.lstm.network import word_bucket
from baselines.shared.codec.trained import load_codec
from baselines.shared.conversations import Window, without_gaps
from baselines.shared.listeners.clips import tokens_of_window
from baselines.shared.listeners.own_words import OwnWords, spread
from baselines.shared.listeners.settings import SamplingSettings
from baselines.shared.listeners.voice import SpeakingVoice, require_codec
from baselines.shared.listeners.voiced import weighted_audio_loss
from omnibench.errors import InputError, MissingError
from omnibench.types import DialogueContext, samples_before


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), Fraction(30_000, 1001)])
def test_every_frame_has_its_samples(fps: Fraction) -> None:
    voice = SpeakingVoice(load_codec(), DialogueContext("x", fps, 16_000, 0), SamplingSettings())
    for frame in range(1, 12):
        codes = [17 + frame for _ in voice.tokens_of(frame)]
        sound = voice.speak(codes, frame)
        assert len(sound) == samples_before(frame + 1, fps, 16_000) - samples_before(frame, fps, 16_000)
    assert np.abs(sound).max() > 0


def test_the_bias_of_silence_decides_at_its_ends() -> None:
    codec, context = load_codec(), DialogueContext("x", Fraction(25), 16_000, 0)
    logits = np.zeros(codec.codec.vocabulary, np.float32)
    silent = SpeakingVoice(codec, context, SamplingSettings(silence_bias=1e4))
    loud = SpeakingVoice(codec, context, SamplingSettings(silence_bias=-1e4))
    assert {silent.draw(logits) for _ in range(50)} == {codec.codec.silence_token}
    assert codec.codec.silence_token not in {loud.draw(logits) for _ in range(50)}
    assert logits[codec.codec.silence_token] == 0, "the caller's array stays"


def test_a_rate_that_the_codec_cannot_serve_and_a_foreign_codec_are_input_errors(tmp_path) -> None:  # type: ignore[no-untyped-def]
    codec = load_codec()
    with pytest.raises(InputError, match="44100"):
        SpeakingVoice(codec, DialogueContext("x", Fraction(25), 44_100, 0), SamplingSettings())
    with pytest.raises(InputError, match="another codec"):
        require_codec(codec, "0" * 16, tmp_path / "x.safetensors", "lstm")
    with pytest.raises(MissingError, match="omnibench train omniresponse"):
        load_codec(tmp_path / "none.safetensors")


def test_tokens_of_neighbouring_windows_meet() -> None:
    """At 30 frames a second, 50 tokens a second: five tokens in three frames, none twice, none left out."""
    first, second = (tokens_of_window(Fraction(30), 50, Window(0, a, b)) for a, b in ((0, 9), (9, 18)))
    assert first.index.tolist() + second.index.tolist() == list(range(first.index[0], first.index[0] + 30))
    assert np.bincount(first.step).tolist() == [2, 2, 1, 2, 2, 1, 2, 2, 1]
    # Tokens come up to one token early at this rate, so the last of a frame may begin with the next one.
    assert first.place == pytest.approx([0.2, 0.8, 0.4, 1.0, 0.6] * 3, abs=1e-5)


def test_silence_counts_less() -> None:
    logits = torch.tensor([[2.0, 0.0], [2.0, 0.0]])
    codes = torch.tensor([0, 1])
    likely, unlikely = np.log1p(np.exp(-2.0)), np.log1p(np.exp(2.0))
    expected = (0.1 * likely + unlikely) / 1.1
    assert float(weighted_audio_loss(logits, codes, 0, 0.1)) == pytest.approx(expected, rel=1e-6)


def test_words_come_once_their_stretch_is_over() -> None:
    """Loud in frames 5 to 9 at 10 a second; three quiet frames later the stretch of 0.5 s is recognised."""
    heard: list[int] = []

    def recognise(samples: np.ndarray) -> str:
        heard.append(len(samples))
        return "Yes, indeed."

    words = OwnWords(Fraction(10), recognise)
    said = {}
    for frame in range(20):
        samples = np.full(1600, 0.1 if 5 <= frame < 10 else 0.0, np.float32)
        if found := words.push(frame, samples):
            said[frame] = found
    assert heard == [8 * 1600]
    assert list(said) == [12]
    assert [word.text for word in said[12]] == ["Yes,", "indeed."]
    assert (said[12][0].start, said[12][1].end) == (0.5, 1.0)


def test_endless_speech_is_recognised_in_pieces_of_the_past() -> None:
    words = OwnWords(Fraction(10), lambda samples: "word " * 3)
    for frame in range(250):
        for word in words.push(frame, np.full(1600, 0.1, np.float32)):
            assert word.end <= frame / 10 + 1e-9
            assert word.start <= word.end


def test_words_share_their_time_by_letters() -> None:
    assert [(w.start, w.end) for w in spread(["a", "bcd"], 1.0, 3.0)] == [(1.0, 1.5), (1.5, 3.0)]
    assert spread([], 1.0, 3.0) == []


def test_a_word_is_the_same_with_other_case_and_punctuation() -> None:
    assert word_bucket("Well,", 1024) == word_bucket("well", 1024) != word_bucket("don't", 1024)


def test_lost_faces_are_held() -> None:
    faces = np.zeros((5, 64), np.float32)
    faces[:, 3] = [np.nan, 1, np.nan, 2, np.nan]
    assert without_gaps(faces)[:, 3].tolist() == [1, 1, 1, 2, 2]


def test_appended_positions_equal_the_whole_sequence() -> None:
    torch.manual_seed(0)
    network = AudioVisualLlm(LlmSettings(hidden=32, layers=2, heads=2, mlp=32), 11).eval()
    sequence = torch.randn(1, 20, 32)
    cache, place, found = network.new_cache(20), 0, []
    with torch.inference_mode():
        whole = network(sequence)[0]
        for count in (3, 1, 4, 1, 4, 1, 6):
            found.append(network.append(sequence[0, place : place + count], place, cache))
            place += count
    torch.testing.assert_close(torch.cat(found), whole, atol=2e-5, rtol=1e-4)


def test_a_sliding_cache_keeps_the_newest() -> None:
    network = AudioVisualLlm(LlmSettings(hidden=32, layers=1, heads=2, mlp=32), 11).eval()
    cache = network.new_cache(8)
    with torch.inference_mode():
        network.append(torch.randn(6, 32), 0, cache)
        keys = cache.keys[0][:, :, :6].clone()
        cache.forget(4)
    assert cache.get_seq_length() == 2
    assert torch.equal(cache.keys[0][:, :, :2], keys[:, :, 4:])


def test_the_layout_puts_tokens_behind_their_frame() -> None:
    """Two tokens, one token, two tokens: S S T T, S S T, S S T T."""
    layout = Layout.of(torch.tensor([0, 0, 1, 2, 2]), 3)
    assert layout.seen.tolist() == [0, 4, 7]
    assert layout.heard.tolist() == [1, 5, 8]
    assert layout.codes.tolist() == [2, 3, 6, 9, 10]
    marks = layout.join(torch.zeros(3, 1), torch.ones(3, 1), torch.full((5, 1), 2.0))
    assert marks[:, 0].tolist() == [0, 1, 2, 2, 0, 1, 2, 0, 1, 2, 2]
