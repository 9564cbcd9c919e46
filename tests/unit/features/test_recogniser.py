"""The optional recogniser: its own demonstration recording, silence, its vocabulary file, and what is said when it is
not there."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from omnibench.errors import InputError, MissingError
from omnibench.features import recogniser
from omnibench.metrics.text.word_error import pooled

installed = pytest.mark.needs("recogniser")
# S. Beckett, Worstward Ho (1983), as read in `beckett.wav` of the package moonshine-voice 0.0.49.
BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
MISHEARD = 2 / 12
"""The graphs are quantised, so what they hear hangs on the last bit of a sum: the second "fail" is "bare" on an AVX2
processor without VNNI, and on any processor in 105 of 120 readings scaled by 1 + 1e-6 noise. No other word ever moved;
twice that one is allowed."""


@pytest.fixture(scope="module")
def reading() -> np.ndarray:
    package = importlib.util.find_spec("moonshine_voice")
    assert package is not None
    assert package.submodule_search_locations
    samples, rate = soundfile.read(
        Path(next(iter(package.submodule_search_locations))) / "assets" / "beckett.wav", dtype="float32"
    )
    assert rate == recogniser.RATE
    return samples


@installed
def test_a_person_reading_is_understood(reading: np.ndarray) -> None:
    assert pooled([(BECKETT, recogniser.transcribe(reading))]).rate <= MISHEARD


@installed
def test_half_of_a_reading_is_not_enough(reading: np.ndarray) -> None:
    """The bound is narrow enough to tell."""
    assert pooled([(BECKETT, recogniser.transcribe(reading[: len(reading) // 2]))]).rate > 2 * MISHEARD


@installed
def test_long_silences_do_not_change_what_is_heard(reading: np.ndarray) -> None:
    gap = np.zeros(5 * recogniser.RATE, np.float32)
    apart = np.concatenate([gap, reading, gap, reading, gap])
    assert pooled([(f"{BECKETT} {BECKETT}", recogniser.transcribe(apart))]).rate <= MISHEARD


@installed
def test_nothing_is_heard_in_silence() -> None:
    assert recogniser.transcribe(np.zeros(3 * recogniser.RATE, np.float32)) == ""
    assert recogniser.transcribe(np.zeros(0, np.float32)) == ""


@installed
def test_noise_ends_within_the_token_limit() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, recogniser.RATE).astype(np.float32)
    assert len(recogniser.transcribe(noise).split()) <= recogniser.TOKENS_PER_SECOND * 2


def test_vocabulary_entries_of_both_lengths_are_read() -> None:
    long = b"x" * 300
    content = b"\x02hi" + b"\x00" + bytes([300 % 128 + 128, 300 // 128]) + long + b"\x01!"
    assert recogniser.read_vocabulary(content) == [b"hi", b"", long, b"!"]


def test_a_missing_package_names_the_line_that_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    recogniser.load_recogniser.cache_clear()
    with pytest.raises(MissingError, match=r"pip install"):
        recogniser.transcribe(np.sin(np.arange(recogniser.RATE) * 0.3).astype(np.float32))


def test_another_model_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "encoder_model.ort").write_bytes(b"something else")
    with pytest.raises(InputError, match="sha256"):
        recogniser.read_pinned(tmp_path / "encoder_model.ort", recogniser.FILES["encoder_model.ort"])
    with pytest.raises(MissingError, match=r"tokenizer\.bin"):
        recogniser.read_pinned(tmp_path / "tokenizer.bin", recogniser.FILES["tokenizer.bin"])
