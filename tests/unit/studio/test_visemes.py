"""Lips from phones: symbols, closures, rounding, anticipation, timing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibench.assets.lexicon import load_lexicon
from omnibench.media.face import index_of
from omnibench.studio.g2p import phonemize
from omnibench.studio.script import read_scripts
from omnibench.studio.visemes import RATE, SYMBOLS, VISEMES, lip_coefficients
from omnibench.studio.voice import Phone

JAW, PUCKER, PRESS = (index_of(name) for name in ("jawOpen", "mouthPucker", "mouthPressLeft"))
LOWER, UPPER, ROLL = (index_of(name) for name in ("mouthLowerDownLeft", "mouthUpperUpLeft", "mouthRollLower"))


def phones_of(symbols: str, start: float = 0.4, length: float = 0.1) -> tuple[Phone, ...]:
    """Equally long phones one after the other; a space is a pause."""
    return tuple(
        Phone(symbol, start + i * length, start + (i + 1) * length) for i, symbol in enumerate(symbols) if symbol != " "
    )


def lips(symbols: str, fps: float = 100.0, loud: float = 0.8, length: float = 0.1) -> np.ndarray:
    """Coefficients of equally loud phones at a high frame rate."""
    duration = 1.0 + length * len(symbols)
    return lip_coefficients(
        phones_of(symbols, length=length), np.full(round(duration * RATE) + 1, loud), round(duration * fps), fps
    )


def during(face: np.ndarray, k: int, fps: float = 100.0, length: float = 0.1) -> np.ndarray:
    """The frames of the k-th phone."""
    return face[round((0.4 + k * length) * fps) : round((0.4 + (k + 1) * length) * fps)]


def test_every_symbol_of_every_script_has_a_viseme() -> None:
    spoken = set()
    for script in read_scripts():
        for line in script.lines:
            for accent in ("us", "gb"):
                for word in phonemize(line.text, load_lexicon(accent)):
                    spoken |= set(word.phonemes)
    assert spoken - set("ˈˌː") <= set(SYMBOLS)
    assert {viseme for parts in SYMBOLS.values() for viseme in parts} <= set(VISEMES)


@pytest.mark.parametrize("symbol", "pbm")
@pytest.mark.parametrize("fps", [25.0, 30.0, 30000 / 1001])
@pytest.mark.parametrize("shift", [0.0, 0.013, 0.027])
def test_bilabials_close_the_lips_in_at_least_one_frame(symbol: str, fps: float, shift: float) -> None:
    phones = phones_of(f"ɑ{symbol}ɑ", start=0.4 + shift, length=0.06)
    face = lip_coefficients(phones, np.ones(300), round(1.2 * fps), fps)
    between = face[int((0.43 + shift) * fps) : int((0.58 + shift) * fps) + 1]
    assert between[:, JAW].min() < 0.02
    shut = between[between[:, JAW].argmin()]
    assert shut[PRESS] > 0.25
    assert shut[LOWER] < 0.03
    assert between[:, JAW].max() > 0.2


def test_labiodentals_tuck_the_lower_lip_under_the_teeth() -> None:
    fricative = during(lips("ɑfɑ"), 1)
    assert fricative[:, ROLL].max() > 0.35
    assert fricative[:, UPPER].max() > 0.2
    assert fricative[:, JAW].min() < 0.09


def test_vowels_differ_as_they_look() -> None:
    face = {vowel: during(lips(f"t{vowel}t", length=0.15), 1, length=0.15)[7] for vowel in "ɑiu"}
    assert face["ɑ"][JAW] > 2 * face["i"][JAW] > 0
    assert face["u"][PUCKER] > 0.4 > 10 * face["i"][PUCKER]
    assert face["i"][index_of("mouthStretchLeft")] > face["ɑ"][index_of("mouthStretchLeft")] + 0.1


def test_rounding_is_anticipated_and_a_diphthong_moves() -> None:
    before_round, before_spread = during(lips("stu"), 0), during(lips("sti"), 0)
    assert before_round[-1, PUCKER] > before_spread[-1, PUCKER] + 0.03
    diphthong = during(lips("hW ", length=0.2), 1, length=0.2)
    assert diphthong[:, JAW].argmax() < diphthong[:, PUCKER].argmax()


def test_lips_start_before_the_sound_but_not_long_before() -> None:
    jaw = lips("ɑɑɑ")[:, JAW]
    onset = np.flatnonzero(jaw > 0.03)[0] / 100
    assert 0.28 <= onset < 0.4


def test_louder_opens_wider_and_silence_rests() -> None:
    assert lips("ɑ", loud=1.0)[:, JAW].max() > 1.3 * lips("ɑ", loud=0.3)[:, JAW].max()
    assert lips("   ").max() == 0.0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(SYMBOLS)), st.floats(0.025, 0.3), st.sampled_from([0.0, 0.0, 0.3])),
        max_size=12,
    ),
    st.sampled_from([25.0, 30.0]),
)
def test_coefficients_are_finite_in_range_and_without_jumps(spoken: list[tuple[str, float, float]], fps: float) -> None:
    phones, at = [], 0.2
    for symbol, length, gap in spoken:
        phones.append(Phone(symbol, at, at + length))
        at += length + gap
    frames = round((at + 0.3) * fps)
    face = lip_coefficients(phones, np.ones(round(frames / fps * RATE) + 1), frames, fps)
    assert face.shape == (frames, 52)
    assert np.isfinite(face).all()
    assert face.min() >= 0.0
    assert face.max() <= 1.0
    fine = lip_coefficients(phones, np.ones(round(frames / fps * RATE) + 1), round(frames / fps * 200), 200.0)
    assert np.abs(np.diff(fine, axis=0)).max(initial=0.0) < 0.09


def test_a_long_dialogue_has_the_lips_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    phones = phones_of("wɪ hæv tˈm bɛst".replace("ˈ", "") * 20)
    loud = np.full(40 * RATE + 1, 0.8)
    whole = lip_coefficients(phones, loud, 1000, 25.0)
    monkeypatch.setattr("omnibench.studio.visemes._LONG", 5.0)
    np.testing.assert_allclose(lip_coefficients(phones, loud, 1000, 25.0), whole, atol=1e-6)
