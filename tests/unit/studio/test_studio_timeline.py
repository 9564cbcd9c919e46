"""The time line: gaps, overlaps, backchannels, silence, and that a performance survives its files."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from omnibench.studio.g2p import SpokenWord
from omnibench.studio.people import Person, cast
from omnibench.studio.performance import Performance, load, save
from omnibench.studio.script import Script, parse_scripts
from omnibench.studio.timeline import _mix, _part, _whole, place
from omnibench.studio.voice import Phone, Utterance, faded, settled, times
from omnibench.types import Word

SCRIPT = """\
== tl-1 | talk | happy
S +0.3: one two three four--
L -0.2: five six
S +1.5: seven eight nine ten
L @2: right
L +0.4: yes
"""


def beep(text: str, _person: Person, _mood: str) -> Utterance:
    """Half a second of tone a word."""
    words = tuple(Word(word, 0.5 * i + 0.05, 0.5 * i + 0.45) for i, word in enumerate(text.split()))
    audio = 0.1 * np.sin(np.arange(8000 * len(words)) / 5)
    phones = tuple(Phone("ə", word.start, word.end) for word in words)
    return Utterance(audio.astype(np.float32), words, phones)


@pytest.fixture
def script() -> Script:
    (parsed,) = parse_scripts(SCRIPT, "train", "tl.txt")
    return parsed


def test_places(script: Script) -> None:
    first, cut_in, third, nod, last = place(script, cast(script), beep)
    assert 0.4 <= first.start <= 0.8
    assert cut_in.start == pytest.approx(first.end - 0.2, abs=1e-4)
    assert third.start == pytest.approx(cut_in.end + 1.5, abs=1e-4)
    assert nod.start == pytest.approx(third.start + 0.95, abs=1e-4)
    assert last.start == pytest.approx(third.end + 0.4, abs=1e-4)


def test_nobody_talks_over_their_own_words() -> None:
    text = "== tl-2 | talk | happy\nS +0.3: one two\nL @2: right oh right\nL -0.1: yes\n"
    (script,) = parse_scripts(text, "train", "t")
    _, nod, answer = place(script, cast(script), beep)
    assert answer.start == pytest.approx(nod.end + 0.15, abs=1e-4)


def test_track_is_exactly_silent_outside_its_turns(script: Script) -> None:
    placed = place(script, cast(script), beep)
    part = _part("listener", "p01", placed, 9.0)
    assert part.audio.shape == (9 * 16000,)
    silent = np.ones(len(part.audio), bool)
    for turn in part.turns:
        silent[round(turn.start * 16000) - 2 : round(turn.end * 16000) + 2] = False
    assert not part.audio[silent].any()
    assert [turn.kind for turn in part.turns] == ["turn", "backchannel", "turn"]
    assert [word.text for word in part.words] == ["five", "six", "right", "yes"]
    starts = [word.start for word in part.words]
    assert starts == sorted(starts)
    for word in part.words:
        assert np.abs(part.audio[round(word.start * 16000) : round(word.end * 16000)]).max() > 1000


def test_a_backchannel_is_3_db_softer(script: Script) -> None:
    placed = place(script, cast(script), beep)
    turn, nod = placed[1], placed[3]
    loud, soft = (np.abs(_mix([p], 9 * 16000)).max() for p in (turn, nod))
    assert soft / loud == pytest.approx(10 ** (-3 / 20), rel=1e-3)


def test_files_hold_the_whole_performance(script: Script, tmp_path: Path) -> None:
    placed = place(script, cast(script), beep)
    parts = [_part(role, name, placed, 9.0) for role, name in (("speaker", "p01"), ("listener", "p04"))]  # type: ignore[arg-type]
    performance = Performance("tl-1", "talk", "happy", "train", cast(script).fps, 9.0, *parts)
    save(performance, tmp_path / "tl-1")
    again = load(tmp_path / "tl-1")
    assert again.frames == 9 * performance.fps
    for role in ("speaker", "listener"):
        mine, theirs = performance.part(role), again.part(role)  # type: ignore[arg-type]
        np.testing.assert_array_equal(mine.audio, theirs.audio)
        assert (mine.person, mine.turns, mine.words, mine.phones) == (
            theirs.person,
            theirs.turns,
            theirs.words,
            theirs.phones,
        )


def test_phone_times_follow_the_durations() -> None:
    """600 samples a frame at 24 kHz are 25 ms; the decoder sounds 50 ms early; stress marks join their vowel."""
    spoken = (SpokenWord("Go,", "ɡˈO", ","), SpokenWord("now", "nˌuː", ""))
    frames = np.array([8, 2, 1, 4, 3, 2, 2, 1, 3, 2, 9])
    words, phones = times(spoken, frames, 24_000)
    assert [p.symbol for p in phones] == ["ɡ", "O", "n", "u"]
    assert [(p.start, p.end) for p in phones] == [
        pytest.approx(span) for span in ((0.15, 0.2), (0.2, 0.325), (0.45, 0.5), (0.5, 0.65))
    ]
    assert (words[0].start, words[0].end, words[1].start, words[1].end) == pytest.approx((0.15, 0.325, 0.45, 0.65))


def test_a_word_before_a_pause_ends_with_its_sound() -> None:
    words = [Word("no.", 0.0, 1.0), Word("yes", 1.2, 1.5)]
    phones = [Phone("n", 0.0, 0.1), Phone("O", 0.1, 1.0), Phone("j", 1.2, 1.5)]
    loud = np.arange(0.0, 0.4, 0.005)
    ended, sounds = settled(words, phones, [True, False], loud)
    assert ended[0].end == pytest.approx(0.405, abs=1e-9)
    assert sounds[1].end == ended[0].end
    assert sounds[0] == phones[0]


def test_fades() -> None:
    shaped = faded(np.ones(16000), 0.06)
    assert shaped[0] == 0.0
    assert shaped[-1] == 0.0
    assert shaped[16000 - 960 // 2] == pytest.approx(0.5, abs=0.01)
    assert (shaped[80 : 16000 - 960] == 1.0).all()


def test_a_nod_is_a_turn_without_a_word(script: Script) -> None:
    text = SCRIPT.replace("L @2: right", "L @2: [nod]")
    (nodded,) = parse_scripts(text, "train", "n")
    placed = place(nodded, cast(script), beep)
    part = _part("listener", "p01", placed, 9.0)
    assert [turn.kind for turn in part.turns] == ["turn", "nod", "turn"]
    assert [word.text for word in part.words] == ["five", "six", "yes"]
    assert part.spoken == (part.turns[0], part.turns[2])


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), Fraction(30000, 1001)])
@pytest.mark.parametrize("seconds", [8.0, 8.01, 59.99, 180.3])
def test_a_duration_has_whole_frames_and_whole_samples(fps: Fraction, seconds: float) -> None:
    duration = _whole(seconds, fps)
    frames = round(duration * fps)
    assert seconds - 1e-9 <= duration < seconds + 0.51
    assert frames / fps == Fraction(str(duration))
    assert round(duration * 16000) == frames * 16000 / fps


def test_planned_power_lies_where_the_sound_does(script: Script) -> None:
    def planned(text: str, person: Person, mood: str) -> Utterance:
        said = beep(text, person, mood)
        return replace(said, power=np.full(len(said.audio) // 80 + 1, 4.0))

    part = _part("listener", "p01", place(script, cast(script), planned), 9.0)
    assert part.power is not None
    assert part.power.shape == (1801,)
    t = np.arange(1801) / 200
    for turn, power in zip(part.turns, (4.0, 2.0, 4.0), strict=True):
        inside = (t > turn.start + 0.01) & (t < turn.end - 0.01)
        np.testing.assert_allclose(part.power[inside], power, rtol=0.01)
    assert _part("listener", "p01", place(script, cast(script), beep), 9.0).power is None
