"""The real synthesiser: durations, determinism, loudness. Runs where the extra ``[studio]`` is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omnibench.studio.kokoro import synthesise
from omnibench.studio.people import PEOPLE
from omnibench.studio.voice import speak

pytestmark = pytest.mark.needs("studio")


def test_durations_account_for_every_sample(tmp_path: Path) -> None:
    audio, frames = synthesise("nˈO.", "af_heart", 1.0, tmp_path)
    assert audio.shape == (600 * frames.sum(),)
    assert len(frames) == len("nˈO.") + 2
    again, _ = synthesise("nˈO.", "af_heart", 1.0, tmp_path)
    fresh, _ = synthesise("nˈO.", "af_heart", 1.0)
    np.testing.assert_array_equal(audio, again)
    np.testing.assert_array_equal(audio, fresh)


def test_symbols_outside_the_vocabulary_are_refused() -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        synthesise("n#", "af_heart", 1.0)


@pytest.mark.parametrize("person", [PEOPLE["train"][0], PEOPLE["test"][4]], ids=lambda p: p.id)
def test_speech_level_and_word_times(person: object) -> None:
    said = speak("Stop it, Tom.", person)  # type: ignore[arg-type]
    assert [word.text for word in said.words] == ["Stop", "it,", "Tom."]
    assert 0.6 < said.duration < 2.5
    for before, after in zip(said.words, said.words[1:], strict=False):
        assert before.start < before.end <= after.start
    energy = [
        float(np.sqrt(np.mean(said.audio[round(w.start * 16000) : round(w.end * 16000)] ** 2))) for w in said.words
    ]
    assert all(-40 < 20 * np.log10(e) < -12 for e in energy)
    assert np.abs(said.audio).max() <= 10 ** (-1 / 20) + 1e-6


def test_a_cut_off_turn_ends_in_a_fade() -> None:
    said = speak("I was going to--", PEOPLE["train"][1])
    assert said.words[-1].end == pytest.approx(said.duration, abs=0.001)
    assert abs(float(said.audio[-1])) < 1e-4
