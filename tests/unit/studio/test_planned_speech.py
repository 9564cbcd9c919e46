"""Planned speech: the same times whatever the processor's arithmetic, the sound as long as the plan, silence equal."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from omnibench.assets.lexicon import load_lexicon
from omnibench.studio.cues import loudness, loudness_of
from omnibench.studio.g2p import phonemize
from omnibench.studio.people import PEOPLE
from omnibench.studio.speech.planned import _joined, _parts, plan_line, say
from omnibench.studio.speech.prosody import PITCH_STEP
from omnibench.studio.voice import POWER_RATE, Phone, Utterance
from omnibench.types import Word

WOMAN, MAN = PEOPLE["train"][1], PEOPLE["test"][4]
LINES = ("Right.", "Did the two of them really move to Ohio?", "I thought we were going to--")
OLD_PROCESSOR = {
    "OMP_NUM_THREADS": "2",
    "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    "MKL_CBWR": "COMPATIBLE",
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3",
}


def digests() -> str:
    """A hash of every planned thing that is kept."""
    found = []
    for person in (WOMAN, MAN):
        for line in LINES:
            prosody = plan_line(phonemize(line, load_lexicon(person.accent)), person, "sad").prosody
            kept = (prosody.frames, prosody.pitch, prosody.energy)
            found.append(hashlib.sha256(b"".join(array.tobytes() for array in kept)).hexdigest())
    return " ".join(found)


@pytest.mark.needs("studio")
def test_the_plan_is_the_same_on_an_old_processor() -> None:
    code = f"import runpy; print(runpy.run_path({__file__!r})['digests']())"
    there = subprocess.run(
        [sys.executable, "-P", "-c", code], env=os.environ | OLD_PROCESSOR, check=True, capture_output=True, text=True
    )
    assert there.stdout.strip() == digests()


@pytest.mark.needs("studio")
def test_sound_has_the_planned_times_and_loudness() -> None:
    said = say(LINES[1], WOMAN)
    silent = say(LINES[1], WOMAN, sound=False)
    assert (said.words, said.phones, said.duration) == (silent.words, silent.phones, silent.duration)
    assert not silent.audio.any()
    assert said.power is not None
    np.testing.assert_array_equal(said.power, silent.power)
    heard = loudness(np.round(said.audio * 32767).astype(np.int16), POWER_RATE)
    planned = loudness_of(said.power, POWER_RATE)
    n = min(len(heard), len(planned))
    assert np.corrcoef(heard[:n], planned[:n])[0, 1] > 0.94
    assert np.abs(heard[:n] - planned[:n]).mean() < 0.1


@pytest.mark.needs("studio")
def test_pitch_changes_nothing_but_the_pitch() -> None:
    person = PEOPLE["train"][0]
    spoken = phonemize("Well, I told him so.", load_lexicon(person.accent))
    plain, raised = plan_line(spoken, person), plan_line(spoken, replace(person, pitch=1.2))
    np.testing.assert_array_equal(raised.prosody.frames, plain.prosody.frames)
    np.testing.assert_array_equal(raised.prosody.energy, plain.prosody.energy)
    np.testing.assert_allclose(raised.prosody.pitch, 1.2 * plain.prosody.pitch, atol=PITCH_STEP)


@pytest.mark.needs("studio")
def test_words_start_and_end_with_the_sound() -> None:
    """Of a short line, in which the decoder is furthest ahead of the predicted boundaries."""
    said = say("Right.", MAN)
    power = np.add.reduceat(said.audio.astype(np.float64) ** 2, np.arange(0, len(said.audio), 80))
    loud = np.flatnonzero(power > power.max() * 10**-3.6) / 200
    assert said.words[0].start == pytest.approx(loud[0], abs=0.04)
    assert said.words[-1].end == pytest.approx(loud[-1], abs=0.06)
    cut = say(LINES[2], MAN, sound=False)
    assert cut.words[-1].end == pytest.approx(cut.duration, abs=0.001)


@pytest.mark.needs("studio")
def test_a_line_beyond_the_synthesiser_is_said_in_parts() -> None:
    words = phonemize(" ".join([LINES[1]] * 16), load_lexicon("us"))
    parts = _parts(words)
    assert sum(parts, ()) == words
    assert len(parts) == 2
    assert all(part[-1].text == "Ohio?" for part in parts)


def test_parts_follow_one_another() -> None:
    one = Utterance(np.ones(8041, np.float32), (Word("yes.", 0.1, 0.4),), (Phone("j", 0.1, 0.4),), np.ones(101))
    both = _joined([one, one])
    # 8041 samples fill 101 blocks of 5 ms; then a quarter of a second.
    assert both.words[1] == Word("yes.", 0.1 + 0.755, 0.4 + 0.755)
    assert both.audio.shape == (2 * 8080 + 4000,)
    assert both.power is not None
    assert both.power.shape == (2 * 101 + 50,)
    assert not both.audio[8041 : 8080 + 4000].any()
