"""The strict way from a clip to its lip-sync distances, with scripted faces."""

from __future__ import annotations

import weakref
from fractions import Fraction

import numpy as np
import pytest
from lipsync_factory import RATE, ScriptedNetworks, clip_pictures, clip_sound, memory_clip

from omnibench.features.media import Media
from omnibench.features.store import Arrays
from omnibench.metrics.lips.lipsync.constant_rate import ConstantRate
from omnibench.metrics.lips.lipsync.follow import FaceFollower
from omnibench.metrics.lips.lipsync.mfcc import mfcc
from omnibench.metrics.lips.lipsync.sound import cepstra
from omnibench.metrics.lips.lipsync.stream import LipSyncExtractor

FACE = (60.0, 60.0, 160.0, 160.0)


def extracted(media: Media, networks: ScriptedNetworks) -> Arrays:
    running = LipSyncExtractor(networks).open(media)
    for picture in media.pictures():
        running.push(picture)
    return running.finish()


def test_windows_are_those_of_speech_with_sound_on_both_sides() -> None:
    sound = clip_sound(3.0, quiet=[(1.2, 1.8)])
    made = extracted(memory_clip(clip_pictures(75), sound), ScriptedNetworks(lambda frame: [FACE]))
    frames = made["frames"].tolist()
    # The middle of a window, 2.5 frames on, is never in the silence; 15 windows on either side are in the clip.
    assert frames == sorted(frames)
    assert frames[0] == 15
    assert frames[-1] <= 75 - 5 - 15
    assert not any(1.25 < (frame + 2.5) / 25 < 1.75 for frame in frames)
    assert made["distances"].shape == (len(frames), 31)
    assert (int(made["faces"]), int(made["seen"])) == (75, 75)


def test_the_frame_rate_does_not_move_the_windows() -> None:
    sound = clip_sound(3.0)
    still = clip_pictures(1)[0]
    found = []
    for fps in (Fraction(25), Fraction(30000, 1001), Fraction(12), Fraction(60)):
        media = memory_clip([still] * round(3 * fps), sound, fps)
        found.append(extracted(media, ScriptedNetworks(lambda frame: [FACE])))
    for made in found[1:]:
        assert made["seen"] in (74, 75)
        np.testing.assert_array_equal(made["frames"], found[0]["frames"])
        np.testing.assert_allclose(made["distances"], found[0]["distances"], atol=1e-6)


def test_no_face_leaves_no_distances() -> None:
    made = extracted(memory_clip(clip_pictures(75), clip_sound(3.0)), ScriptedNetworks(lambda frame: []))
    assert made["distances"].shape == (0, 31)
    assert int(made["faces"]) == 0


def test_pieces_of_a_long_sound_join() -> None:
    sound = clip_sound(130.0)
    whole = mfcc(sound.astype(np.float64) * 32768)
    np.testing.assert_allclose(cepstra(memory_clip([], sound)), whole, atol=1e-3)


def test_any_sample_rate_will_do() -> None:
    time = np.arange(2 * 48_000) / 48_000
    tone = (0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    high, low = memory_clip([], tone, rate=48_000), memory_clip([], tone[::3], rate=RATE)
    np.testing.assert_allclose(cepstra(high)[5:-5, :4], cepstra(low)[5:-5, :4], atol=0.5)


def test_a_face_is_followed_through_a_gap_and_not_through_a_cut() -> None:
    pictures = clip_pictures(60)
    follower = FaceFollower(lambda frame: True)
    faces = [np.array([FACE])] * 20 + [np.zeros((0, 4))] * 10 + [np.array([FACE])] * 30
    lips = []
    for frame, (picture, boxes) in enumerate(zip(pictures, faces, strict=True)):
        lips += follower.push(picture, boxes, cut=frame == 40)
    lips += follower.finish()
    assert [part.frame for part in lips] == list(range(60))
    assert [part.track for part in lips] == [0] * 40 + [1] * 20


class Picture(np.ndarray):
    """One that can be counted."""

    __hash__ = object.__hash__


def test_few_pictures_are_held() -> None:
    follower = FaceFollower(lambda frame: True)
    held: weakref.WeakSet[Picture] = weakref.WeakSet()
    for frame in range(200):
        picture = np.zeros((16, 16, 3), dtype=np.uint8).view(Picture)
        held.add(picture)
        list(follower.push(picture, np.array([FACE]) if frame % 30 < 5 else np.zeros((0, 4)), cut=False))
        del picture
        assert len(held) <= 32


def test_a_face_crop_is_taken_whole() -> None:
    picture = clip_pictures(1, side=224)[0]
    follower = FaceFollower(lambda frame: True)
    box = np.array([[20.0, 10.0, 204.0, 215.0]])
    lips = [part for _ in range(8) for part in follower.push(picture, box, cut=False)]
    np.testing.assert_array_equal(lips[0].picture, picture)


@pytest.mark.parametrize(("fps", "count"), [(25, 100), (30, 120), (24, 96), (50, 200), (15, 60)])
def test_a_constant_rate_keeps_the_length(fps: int, count: int) -> None:
    rate, step = ConstantRate(Fraction(25)), 25 / fps
    written = sum(rate.counts(index * step, step)[1] for index in range(count))
    assert abs(written - 100) <= 2
