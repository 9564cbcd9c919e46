"""The clock: what a model is handed, when its answers play, and what it may not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibench.datasets.frames import speaker_frames
from omnibench.datasets.transcript import Transcript
from omnibench.errors import InputError, ModelFailure
from omnibench.media.face import neutral_face
from omnibench.responder import ModelCard
from omnibench.runner.clock import PlayedFrame, Player
from omnibench.runner.queues import AudioQueue, HeldQueue
from omnibench.types import (
    Audio,
    Dialogue,
    DialogueContext,
    Face,
    Image,
    ListenerFrame,
    SpeakerFrame,
    Word,
    samples_before,
)

RATES = st.sampled_from([Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(24000, 1001)])
PICTURE = np.zeros((8, 8, 3), np.uint8)
CARD = ModelCard("test", "1", "online", ("face", "audio", "words", "image"), "of the clock's tests")


class ArrayTrack:
    """A track in memory."""

    def __init__(self, frames: int, samples: int, words: tuple[Word, ...] = (), pictures: int = 0) -> None:
        rng = np.random.default_rng(frames)
        self.frames, self.words, self.text = frames, words, " ".join(w.text for w in words)
        self.faces = rng.uniform(0, 1, (frames, 64)).astype(np.float32)
        self.samples = rng.uniform(-1, 1, samples).astype(np.float32)
        self.pictures = rng.integers(0, 255, (pictures, 8, 8, 3), np.uint8)
        self.has_audio, self.has_video = samples > 0, pictures > 0

    def face(self, start: int = 0, stop: int | None = None) -> Face:
        return self.faces[start:stop]

    def audio(self, start: int = 0, stop: int | None = None) -> Audio:
        return self.samples[start:stop]

    def images(self) -> Iterator[Image]:
        return iter(self.pictures)

    def file(self, modality: str) -> None:
        return None


def dialogue(frames: int, fps: Fraction = Fraction(25), words: tuple[Word, ...] = (), pictures: int = 0) -> Dialogue:
    track = ArrayTrack(frames, samples_before(frames, fps, 16_000), words, pictures)
    return Dialogue("d", fps, 16_000, track, ArrayTrack(frames, 10))


def play(
    step: Callable[[SpeakerFrame], ListenerFrame],
    recording: Dialogue,
    card: ModelCard = CARD,
    initial: Face | None = None,
) -> tuple[Player, list[PlayedFrame]]:
    played: list[PlayedFrame] = []
    context = DialogueContext("x", recording.fps, recording.sample_rate, 0, initial_face=initial)
    player = Player(recording, context, card, Transcript(), played.append)
    while player.advance(step):
        pass
    return player, played


@settings(deadline=None)
@given(RATES, st.integers(1, 200))
def test_frames_hand_out_every_sample_and_face_once(fps: Fraction, count: int) -> None:
    recording = dialogue(count, fps)
    frames = list(speaker_frames(recording, Transcript(), images=False))
    assert [frame.index for frame in frames] == list(range(count))
    assert all(
        len(f.audio) == samples_before(f.index + 1, fps, 16_000) - samples_before(f.index, fps, 16_000) for f in frames
    )
    np.testing.assert_array_equal(np.concatenate([frame.audio for frame in frames]), recording.speaker.audio())
    np.testing.assert_array_equal(np.stack([frame.face for frame in frames]), recording.speaker.face())


def test_short_audio_and_video_are_padded_and_lost_faces_held() -> None:
    recording = dialogue(5, pictures=3)
    recording.speaker.samples = recording.speaker.samples[:1000]
    recording.speaker.faces[[0, 3]] = np.nan
    frames = list(speaker_frames(recording, Transcript(), images=True))
    np.testing.assert_array_equal(frames[0].face, neutral_face())
    np.testing.assert_array_equal(frames[3].face, frames[2].face)
    np.testing.assert_array_equal(frames[4].image, recording.speaker.pictures[2])
    assert [int(np.count_nonzero(frame.audio)) for frame in frames] == [640, 360, 0, 0, 0]


@settings(deadline=None)
@given(RATES, st.floats(0, 3, allow_nan=False), st.integers(0, 500))
def test_a_word_is_known_in_the_frame_that_ends_no_earlier_than_it_does(fps: Fraction, end: float, delay: int) -> None:
    frame = Transcript(delay).frame_of(Word("w", 0.0, end), fps)
    known = end + delay / 1000
    assert known <= (frame + 1) / fps + 2e-6
    assert frame == 0 or known > frame / fps - 2e-6


def test_answer_to_frame_i_plays_at_frame_i_plus_1() -> None:
    recording = dialogue(40)
    initial = np.full(64, 0.5, np.float32)
    _, played = play(lambda frame: ListenerFrame(face=frame.face, audio=frame.audio), recording, initial=initial)
    assert [frame.index for frame in played] == list(range(40))
    np.testing.assert_array_equal(played[0].face, initial)
    assert not played[0].audio.any()
    for frame in played[1:]:
        np.testing.assert_array_equal(frame.face, recording.speaker.faces[frame.index - 1])
        np.testing.assert_array_equal(
            frame.audio, recording.speaker.samples[(frame.index - 1) * 640 : frame.index * 640]
        )


def test_windows_play_as_queues_and_gaps_are_late() -> None:
    def window(frame: SpeakerFrame) -> ListenerFrame:
        if frame.index % 8 != 7:
            return ListenerFrame()
        faces = np.full((6, 64), frame.index, np.float32)
        return ListenerFrame(face=faces, audio=np.full(640 * 8, 0.25, np.float32))

    player, played = play(window, dialogue(25))
    values = [float(frame.face[0]) for frame in played]
    assert values == [0.0] * 8 + [7.0] * 8 + [15.0] * 8 + [23.0]
    assert player.lateness.face == 7 + 2 + 2
    assert player.lateness.audio == 7
    assert player.lateness.face_unplayed == 5
    assert all(frame.audio.all() for frame in played[8:])


def test_pictures_that_never_come_are_late_only_where_no_face_is_drawn_instead() -> None:
    """Incident: of studio, whose people are drawn, the human listener without video was late in every frame."""

    def step(frame: SpeakerFrame) -> ListenerFrame:
        return ListenerFrame(face=frame.face, image=PICTURE if frame.index == 20 else None)

    assert play(lambda frame: ListenerFrame(face=frame.face), dialogue(25))[0].lateness.image == 0
    assert play(step, dialogue(25))[0].lateness.image == 23
    pictures_alone = ModelCard("t", "1", "online", ("image",), "")
    assert play(lambda _: ListenerFrame(), dialogue(25), pictures_alone)[0].lateness.image == 24


@settings(deadline=None)
@given(st.lists(st.integers(0, 900), max_size=30), st.lists(st.integers(1, 700), min_size=1, max_size=30))
def test_audio_queue_keeps_every_sample_in_order(pushed: list[int], taken: list[int]) -> None:
    queue, source = AudioQueue(), np.arange(1, sum(pushed) + 1, dtype=np.float32)
    for block in np.split(source, np.cumsum(pushed)[:-1]) if pushed else []:
        queue.push(block)
    out = np.concatenate([queue.play(count) for count in taken])
    kept = min(len(source), len(out))
    np.testing.assert_array_equal(out[:kept], source[:kept])
    assert not out[kept:].any()
    assert len(queue) == len(source) - kept


def test_held_queue_holds_and_counts() -> None:
    queue: HeldQueue[Face] = HeldQueue(np.zeros(1, np.float32))
    queue.push(np.array([[1.0], [2.0]], np.float32))
    assert [float(queue.play()[0]) for _ in range(4)] == [1.0, 2.0, 2.0, 2.0]
    assert queue.late == 2


def test_words_are_kept_to_the_last_step_and_their_delay_counted() -> None:
    def step(frame: SpeakerFrame) -> ListenerFrame:
        return ListenerFrame(words=(Word("now", 0.1, 0.4),) if frame.index == 9 else ())

    player, _ = play(step, dialogue(10), ModelCard("t", "1", "online", ("words",), ""))
    assert player.words == [Word("now", 0.1, 0.4)]
    assert player.lateness.words == 0

    def late(frame: SpeakerFrame) -> ListenerFrame:
        return ListenerFrame(words=(Word("then", 0.1, 0.2),) if frame.index == 9 else ())

    assert play(late, dialogue(10))[0].lateness.words == 5


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "returned NoneType"),
        (ListenerFrame(face=np.zeros(63, np.float32)), r"\(63,\), expected \(64,\)"),
        (ListenerFrame(face=np.zeros((2, 2, 64), np.float32)), r"\(2, 2, 64\)"),
        (ListenerFrame(face=np.full(64, np.nan, np.float32)), "face holds NaN"),
        (ListenerFrame(audio=np.array([np.inf], np.float32)), "audio holds NaN or infinity"),
        (ListenerFrame(audio=np.zeros((640, 2), np.float32)), "one channel"),
        (ListenerFrame(audio=np.zeros(640, np.int16)), "int16, expected float32"),
        (ListenerFrame(image=np.zeros((8, 8), np.uint8)), "expected uint8"),
        (ListenerFrame(image=np.zeros((7, 8, 3), np.uint8)), "even sides"),
        (ListenerFrame(words=(Word("", 0.0, 0.0),)), "with text"),
        (ListenerFrame(words=(Word("soon", 0.0, 0.05),)), "in the future of 0.040 s"),
        (ListenerFrame(words=(Word("odd", 0.03, 0.02),)), "0 <= start <= end"),
        (ListenerFrame(words=(Word("odd", -1.0, 0.02),)), "0 <= start <= end"),
        (ListenerFrame(words=(Word("a", 0.0, 0.03), Word("b", 0.0, 0.02))), "ends at .* before the previous one"),
        (ListenerFrame(words=(Word("a", 0.02, 0.03), Word("b", 0.01, 0.03))), "starts at .* before the previous one"),
    ],
)
def test_invalid_answers_fail_with_their_reason(answer: ListenerFrame, reason: str) -> None:
    with pytest.raises(ModelFailure, match=reason):
        play(lambda _: answer, dialogue(5))


def test_a_part_that_the_card_does_not_list_fails() -> None:
    with pytest.raises(ModelFailure, match="does not list in its outputs"):
        play(
            lambda _: ListenerFrame(audio=np.zeros(3, np.float32)),
            dialogue(5),
            ModelCard("t", "1", "online", ("face",), ""),
        )


def test_a_dialogue_without_frames_is_bad_input() -> None:
    with pytest.raises(InputError, match="no frames"):
        play(lambda _: ListenerFrame(), dialogue(0))


def test_an_exception_in_a_step_is_the_models_failure() -> None:
    def step(frame: SpeakerFrame) -> ListenerFrame:
        raise KeyError("lost")

    with pytest.raises(ModelFailure, match="step 0 raised KeyError: 'lost'"):
        play(step, dialogue(5))
