"""Conditions: what each does to a speaker's frames, that it is the same for everybody, and that the page says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from omnibench.conditions.catalogue import CONDITIONS, KINDS, parse_condition
from omnibench.conditions.sound import Room, speech_level, speech_shape
from omnibench.datasets.frames import speaker_frames
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.transcript import Transcript
from omnibench.errors import UsageError
from omnibench.media.face import lost, neutral_face
from omnibench.responder import ModelCard
from omnibench.runner.clock import Player
from omnibench.types import Dialogue, DialogueContext, ListenerFrame, SpeakerFrame, Word, samples_before

PAGE = (Path(__file__).parents[3] / "docs" / "conditions.md").read_text(encoding="utf-8")
MIDDLE = [f"{kind}-mid" for kind in KINDS]
NOBODY = np.zeros(0, np.float32)


@pytest.fixture(scope="module")
def recording() -> Dialogue:
    return open_dataset("mini").dialogue("test", "mini-2003")


def frames(recording: Dialogue) -> list[SpeakerFrame]:
    """The speaker's frames, each with a picture of its own."""
    found = speaker_frames(recording, Transcript(), images=False)
    return [replace(frame, image=np.full((2, 2, 3), frame.index % 251 + 1, np.uint8)) for frame in found]


def damaged(name: str, recording: Dialogue, given: Sequence[SpeakerFrame]) -> list[SpeakerFrame]:
    damage = CONDITIONS[name].on(recording)
    sound = np.sin(np.arange(10**6), dtype=np.float32) / 4
    return [damage(frame, sound[: len(frame.audio)] * (frame.index > 9)) for frame in given]


def sound(given: Sequence[SpeakerFrame]) -> np.ndarray:
    return np.concatenate([frame.audio for frame in given])


def differing(a: Sequence[SpeakerFrame], b: Sequence[SpeakerFrame], part: str) -> float:
    return float(np.mean([not np.array_equal(getattr(x, part), getattr(y, part)) for x, y in zip(a, b, strict=True)]))


@pytest.mark.parametrize("name", MIDDLE)
def test_damage_is_the_same_again_and_knows_no_later_frame(name: str, recording: Dialogue) -> None:
    whole = frames(recording)
    before = [(f.audio.copy(), f.face.copy(), f.image.copy()) for f in whole]
    found = damaged(name, recording, whole)
    other = [replace(f, audio=f.audio[::-1], face=-f.face, words=()) if f.index > 120 else f for f in whole]
    for a, b in zip(found[:121], damaged(name, recording, other), strict=False):
        assert (a.audio.tobytes(), a.face.tobytes(), a.image.tobytes(), a.words) == (
            b.audio.tobytes(), b.face.tobytes(), b.image.tobytes(), b.words,
        )  # fmt: skip
    assert any(differing(whole, found, part) for part in ("audio", "face"))
    assert all(np.array_equal(x, y) for f, kept in zip(whole, before, strict=True)
               for x, y in zip((f.audio, f.face, f.image), kept, strict=True))  # fmt: skip
    assert [(f.index, len(f.audio), f.audio.dtype, f.face.dtype) for f in found] == [
        (f.index, len(f.audio), np.float32, np.float32) for f in whole
    ]
    assert np.abs(sound(found)).max() <= 1
    assert not lost(np.stack([f.face for f in found])).any()
    assert found[0].face.base is None


@pytest.mark.parametrize(("fps", "rate"), [(Fraction(30000, 1001), 44_100), (Fraction(1), 8000)])
def test_any_rate_and_no_picture_will_do(fps: Fraction, rate: int, recording: Dialogue) -> None:
    other = Dialogue("other", fps, rate, recording.speaker, recording.listener)
    rng = np.random.default_rng(0)
    given = [
        SpeakerFrame(
            i,
            rng.random(64).astype(np.float32),
            (rng.standard_normal(samples_before(i + 1, fps, rate) - samples_before(i, fps, rate)) / 9).astype("f4"),
        )
        for i in range(12)
    ]
    for name in MIDDLE:
        found = damaged(name, other, given)
        assert [len(f.audio) for f in found] == [len(f.audio) for f in given]
        assert all(f.image is None for f in found)


def test_levels_of_a_kind_share_what_is_drawn_and_dialogues_do_not(recording: Dialogue) -> None:
    given = frames(recording)
    low, mid, high = (sound(damaged(f"noise-{level}", recording, given)) for level in ("low", "mid", "high"))
    clean = sound(given)
    np.testing.assert_allclose(mid - clean, (low - clean) * 10**0.5, atol=1e-4)
    assert np.corrcoef(low - clean, high - clean)[0, 1] > 0.99
    other = Dialogue("another", recording.fps, recording.sample_rate, recording.speaker, recording.listener)
    assert abs(np.corrcoef(low - clean, sound(damaged("noise-low", other, given)) - clean)[0, 1]) < 0.05
    gone = [
        [
            i
            for i, f in enumerate(damaged(f"frames-dropped-{level}", recording, given))
            if f.image[0, 0, 0] != i % 251 + 1
        ]
        for level in ("low", "mid", "high")
    ]
    assert set(gone[0]) <= set(gone[1]) <= set(gone[2])
    assert [round(len(own) / len(given), 1) for own in gone] == [0.1, 0.3, 0.6]


@pytest.mark.parametrize(("name", "snr"), [("noise-low", 20), ("noise-mid", 10), ("noise-high", 0)])
def test_noise_is_as_loud_as_it_says_and_shaped_like_speech(name: str, snr: float, recording: Dialogue) -> None:
    given = frames(recording)
    noise = sound(damaged(name, recording, given)) - sound(given)
    level = speech_level(recording.speaker, recording.sample_rate)
    assert 20 * np.log10(level / noise.std()) == pytest.approx(snr, abs=0.3)
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / recording.sample_rate)
    low, high = (power[(hertz > centre / 1.1) & (hertz < centre * 1.1)].mean() for centre in (500, 4000))
    assert 10 * np.log10(low / high) == pytest.approx(34.27 - 9.33, abs=1.5)
    assert (speech_shape(44_100) ** 2).sum() == pytest.approx(1)


@pytest.mark.parametrize("room", KINDS["room"])
def test_a_room_falls_by_60_db_in_its_time(room: Room) -> None:
    response = room.response(16_000, np.random.default_rng(1))
    assert (response**2).sum() == pytest.approx(1)
    assert 10 * np.log10(response[0] ** 2 / (response[1:] ** 2).sum()) == pytest.approx(room.direct_db)
    left = 10 * np.log10(np.cumsum(response[:0:-1] ** 2)[::-1])  # Schroeder 1965
    falls = np.flatnonzero(left < left[0] - 5)[0], np.flatnonzero(left < left[0] - 25)[0]
    assert 3 * (falls[1] - falls[0]) / 16_000 == pytest.approx(room.rt60_s, rel=0.1)


def test_a_room_is_one_filter_whatever_the_frames(recording: Dialogue) -> None:
    given = frames(recording)[:60]
    response = KINDS["room"][1].response(recording.sample_rate, _drawn("room", recording))
    expected = np.convolve(sound(given), response)[: len(sound(given))]
    np.testing.assert_allclose(sound(damaged("room-mid", recording, given)), expected, atol=2e-5)


def _drawn(kind: str, recording: Dialogue) -> np.random.Generator:
    seen: list[np.random.Generator] = []

    class Spy:
        def on(self, _: Dialogue, rng: np.random.Generator) -> None:
            seen.append(rng)

    replace(CONDITIONS[f"{kind}-mid"], recipe=Spy()).on(recording)
    return seen[0]


def test_echo_is_what_the_listener_sounded_later_and_fainter(recording: Dialogue) -> None:
    given = [replace(f, audio=np.zeros_like(f.audio)) for f in frames(recording)]
    damage = CONDITIONS["echo-mid"].on(recording)
    rng = np.random.default_rng(0)
    heard = [(rng.standard_normal(len(f.audio)) / 9).astype(np.float32) for f in given]
    back = sound([damage(f, h) for f, h in zip(given, heard, strict=True)])
    delay = round(0.15 * recording.sample_rate)
    assert not back[:delay].any()
    np.testing.assert_allclose(back[delay:], np.concatenate(heard)[:-delay] * 10 ** (-20 / 20), atol=2e-5)


def test_the_clock_hands_a_model_its_own_sound_back(recording: Dialogue) -> None:
    heard: list[np.ndarray] = []

    def step(frame: SpeakerFrame) -> ListenerFrame:
        heard.append(frame.audio)
        return ListenerFrame(audio=np.full(len(frame.audio) + 1, 0.1, np.float32))

    context = DialogueContext("x", recording.fps, recording.sample_rate, 0)
    card, damage = ModelCard("x", "1", "online", ("audio",), ""), CONDITIONS["echo-high"].on(recording)
    player = Player(recording, context, card, Transcript(), lambda _: None, damage=damage)
    while player.advance(step):
        pass
    back = np.concatenate(heard) - sound(frames(recording))
    begin = context.samples_before(1) + round(0.15 * recording.sample_rate)
    assert np.flatnonzero(back)[0] == begin
    np.testing.assert_allclose(back[begin:], 0.1 * 10 ** (-6 / 20), atol=4e-5)


@pytest.mark.parametrize(
    ("name", "share"), [("codec-loss-low", 0.05), ("codec-loss-mid", 0.15), ("codec-loss-high", 0.3)]
)
def test_lost_packets_are_as_many_as_it_says_and_concealed(name: str, share: float, recording: Dialogue) -> None:
    rate, count = recording.sample_rate, 2500
    length = samples_before(count, recording.fps, rate)
    wave = (1 + np.arange(length) % 97).astype(np.float32) / 128
    bounds = [samples_before(i, recording.fps, rate) for i in range(count + 1)]
    pieces = [wave[a:b] for a, b in pairwise(bounds)]
    damage = CONDITIONS[name].on(recording)
    found = np.concatenate([damage(SpeakerFrame(i, neutral_face(), p), p).audio for i, p in enumerate(pieces)])
    packets, kept = found[: length // 320 * 320].reshape(-1, 320), wave[: length // 320 * 320].reshape(-1, 320)
    gone = (packets != kept).any(axis=1)
    assert gone.mean() == pytest.approx(share, rel=0.2)
    bursts = np.count_nonzero(gone[1:] > gone[:-1])
    assert gone.sum() / bursts == pytest.approx({0.05: 2, 0.15: 3, 0.3: 4}[share], rel=0.2)
    first = np.flatnonzero(gone[1:] > gone[:-1])[0] + 1
    fade = 1 - np.arange(320) / (0.06 * rate)
    np.testing.assert_allclose(packets[first], kept[first - 1] * fade, atol=2e-5)
    assert not any(packets[i].any() for i in range(4, len(gone)) if gone[i - 3 : i + 1].all())


def test_a_camera_is_lost_as_this_suite_loses_faces(recording: Dialogue) -> None:
    given = frames(recording)
    whole = damaged("camera-lost-high", recording, given)
    assert all(np.array_equal(f.face, neutral_face()) and not f.image.any() for f in whole)
    half = damaged("camera-lost-mid", recording, given)
    dark = [f.index for f in half if not f.image.any()]
    assert dark[149] == dark[0] + 149 < dark[150] - 100
    assert all(np.array_equal(half[i].face, given[dark[0] - 1].face) for i in dark[:150])
    assert differing(given, half, "audio") == 0


def test_late_pictures_lag_as_far_as_it_says_and_never_go_back(recording: Dialogue) -> None:
    given = frames(recording)
    for level, seconds in (("low", 0.1), ("mid", 0.2), ("high", 0.4)):
        shown = np.array([int(f.image[0, 0, 0]) - 1 for f in damaged(f"frames-late-{level}", recording, given)][:250])
        assert (np.diff(shown) >= 0).all()
        lag = (np.arange(250) - shown)[30:] / float(recording.fps)
        assert seconds * 0.7 - 0.04 < lag.min() <= lag.mean() <= seconds <= lag.max() + 0.04 < seconds * 1.3 + 0.08


def test_what_was_said_into_a_gap_nobody_knows(recording: Dialogue) -> None:
    given = frames(recording)
    for name, seconds in (("mute-mid", 2.0), ("freeze-mid", 0.5)):
        ones = [replace(f, audio=np.ones_like(f.audio)) for f in given]
        silent = np.flatnonzero(sound(damaged(name, recording, ones)) == 0)[: round(seconds * recording.sample_rate)]
        begin, end = silent[0] / recording.sample_rate, (silent[-1] + 1) / recording.sample_rate
        assert end - begin == pytest.approx(seconds, abs=1e-3)
        words = (
            Word("before", begin - 1, begin - 0.01), Word("into", begin - 0.05, begin + 0.2),
            Word("mostly before", begin - 0.2, begin + 0.05), Word("at once", begin + 0.1, begin + 0.1),
            Word("after", end + 0.01, end + 0.3),
        )  # fmt: skip
        said = CONDITIONS[name].on(recording)(replace(given[0], words=words), NOBODY).words
        assert [word.text for word in said] == ["before", "mostly before", "after"]
    assert differing(given, damaged("mute-mid", recording, given), "face") == 0


def test_words_stay_where_the_sound_is_there(recording: Dialogue) -> None:
    given = frames(recording)
    for name in MIDDLE:
        if not name.startswith(("mute", "freeze")):
            assert [f.words for f in damaged(name, recording, given)] == [f.words for f in given]


def test_a_name_that_is_none_is_told_the_near_one() -> None:
    assert str(parse_condition("room")) == "room-mid"
    with pytest.raises(UsageError, match='Did you mean "noise-high"') as caught:
        parse_condition("noise-hihg")
    assert all(kind in str(caught.value) for kind in KINDS)


def test_the_page_has_every_kind_with_its_parameters() -> None:
    rows = {
        kind: row
        for kind, row in re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", PAGE.split("## Measured")[0], re.MULTILINE)
        if kind in KINDS
    }
    assert list(rows) == list(KINDS)
    for kind, recipes in KINDS.items():
        for field in fields(recipes[0]):
            values = [getattr(recipe, field.name) for recipe in recipes]
            percent = [round(100 * value) for value in values]
            said = [" / ".join(f"{v:g}".replace("-", "−") for v in own) for own in (values, percent)]
            alone = [f"{own[0]:g}".replace("-", "−") for own in (values, percent) if len(set(own)) == 1]
            assert any(text in rows[kind] for text in (*said, *alone)), (kind, field.name)
