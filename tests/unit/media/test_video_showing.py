"""Videos are shown as their container says, on a constant grid, or refused with the reason."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from odd_videos import COUNT, Kind, beside, index_of, one_after_the_other, picture, with_durations, with_edits, write

from omnibench.errors import InputError
from omnibench.media.opencv_reader import opencv_frames
from omnibench.media.video import decoded_notes, read_frames, shown_as_coded, video_info

MEBI = 1 << 20


def order(path: Path) -> list[int]:
    """The pictures that are shown, by index; all readers agree on how many."""
    shown = [index_of(image) for image in read_frames(path)]
    assert len(shown) == video_info(path).frames == decoded_notes(path)[0]
    return shown


def refused(path: Path) -> str:
    """Why no reader takes the file: all with the same words."""
    reasons = set()
    for read in (video_info, lambda p: list(read_frames(p)), decoded_notes):
        with pytest.raises(InputError) as caught:
            read(path)
        reasons.add(str(caught.value))
    (reason,) = reasons
    assert reason.startswith(f"{path}: ")
    return reason


@pytest.mark.parametrize(
    "kind",
    [
        Kind(),
        Kind(options={"bf": "3"}),
        Kind(options={"x264-params": "open-gop=1:keyint=10"}),
        Kind(muxer={"movflags": "frag_keyframe+empty_moov"}),
        Kind(codec="mpeg4"),
        Kind(codec="libvpx", container="webm", muxer={"live": "1"}),
        Kind(codec="libvpx-vp9", container="webm"),
        Kind(container="matroska"),
        Kind(container="mpegts"),
    ],
    ids=["plain", "bidirectional", "open", "fragments", "mpeg4", "recorder", "vp9", "matroska", "transport"],
)
def test_every_picture_is_shown_once(tmp_path: Path, kind: Kind) -> None:
    path = write(tmp_path / "a.mp4", kind)
    assert video_info(path).fps == 25
    shown = order(path)
    assert len(shown) == COUNT
    assert np.abs(np.diff(shown) - 1).max() <= 1


@pytest.mark.parametrize("pixels", ["yuv422p", "yuv444p", "yuv420p10le", "gray", "yuvj420p"])
def test_other_pixels_are_the_same_pictures(tmp_path: Path, pixels: str) -> None:
    path = write(tmp_path / "a.mp4", Kind(pixels=pixels, options={"crf": "8"}), count=3)
    shown = next(read_frames(path)).astype(int)
    expected = picture(0).astype(int)
    if pixels == "gray":
        expected = np.repeat((expected @ [0.299, 0.587, 0.114])[..., None], 3, axis=2)
    assert np.abs(shown - expected)[4:28, 4:-4].mean() < 12


@pytest.mark.parametrize(
    ("edits", "first", "last"),
    [
        ([(2, 0, 1)], 0, 49),
        ([(1, 1, 1)], 25, 49),
        ([(1, 0, 1)], 0, 24),
        ([(9, 0, 1)], 0, 49),
        ([(0.04, -1, 1), (2, 0, 1)], 0, 49),
    ],
    ids=["whole", "cut in front", "cut behind", "longer than it is", "a frame late"],
)
def test_what_an_edit_list_hides_is_not_shown(
    tmp_path: Path, edits: list[tuple[float, float, float]], first: int, last: int
) -> None:
    path = with_edits(write(tmp_path / "a.mp4"), edits)
    shown = order(path)
    assert (shown[0], shown[-1], len(shown)) == (first, last, last - first + 1)
    assert shown_as_coded(path) == (len(shown) == COUNT)


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ([(0.5, -1, 1), (2, 0, 1)], "first picture is shown 0.500 s after the file begins"),
        ([(1, 0, 1), (0.5, -1, 1), (1, 1, 1)], "shows nothing in the middle"),
        ([(1, 0, 2)], "pictures at 2 times their speed"),
        ([(4, 0, 0.5)], "pictures at 0.5 times their speed"),
        ([(1, 0, 1), (1, 1, 0)], "pictures at 0 times their speed"),
        ([(1, 0, 1)] * 2000, "an edit list of 2000 parts"),
        ([(0, 0, 1)], "no picture in it is ever shown"),
    ],
)
def test_edit_lists_that_no_clip_has_are_refused(
    tmp_path: Path, edits: list[tuple[float, float, float]], reason: str
) -> None:
    assert reason in refused(with_edits(write(tmp_path / "a.mp4"), edits))


def test_a_repeated_part_is_shown_again_or_refused(tmp_path: Path) -> None:
    path = with_edits(write(tmp_path / "a.mp4", Kind(options={"bf": "0", "g": "1"})), [(1, 0, 1), (1, 0, 1)])
    assert order(path) == [*range(25), *range(25)]


def test_a_picture_that_a_camera_dropped_is_the_one_before_it(tmp_path: Path) -> None:
    kept = [i for i in range(60) if i not in (20, 21, 40)]
    path = write(tmp_path / "a.mp4", Kind(times=[3000 * i for i in kept]))
    assert video_info(path).fps == 30
    shown = order(path)
    assert len(shown) == 60
    assert shown[19] == shown[20] == shown[21] == shown[22] - 1
    assert not shown_as_coded(path)


def test_a_trembling_clock_is_a_constant_rate(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(-700, 700, 60)
    path = write(tmp_path / "a.mp4", Kind(times=[3000 * i + int(n) + 1000 for i, n in enumerate(noise)]))
    assert (video_info(path).fps, len(order(path))) == (30, 60)


@pytest.mark.parametrize(
    "times",
    [
        [3000 * i + 40 * i * i for i in range(60)],
        [int(t) for t in np.cumsum(np.random.default_rng(1).integers(900, 9000, 60))],
    ],
    ids=["ever slower", "any"],
)
def test_a_rate_that_varies_is_refused(tmp_path: Path, times: list[int]) -> None:
    reason = refused(write(tmp_path / "a.mp4", Kind(times=times)))
    assert "variable frame rate" in reason
    assert "ffmpeg -i a.mp4 -vf fps=" in reason


def test_a_second_without_a_picture_is_refused(tmp_path: Path) -> None:
    times = [3000 * (i if i < 30 else i + 60) for i in range(90)]
    assert "no picture between 0.967 and 3.000 s" in refused(write(tmp_path / "a.mp4", Kind(times=times)))


@pytest.mark.parametrize(("rate", "step"), [(240, 375), (15, 6000), (Fraction(30000, 1001), 3003), (1000, 90)])
def test_unusual_rates_are_exact(tmp_path: Path, rate: Fraction, step: int) -> None:
    path = write(tmp_path / "a.mp4", Kind(times=[step * i for i in range(120)], options={"bf": "0"}))
    assert (video_info(path).fps, video_info(path).frames) == (rate, 120)


def test_the_pictures_outweigh_a_wrong_average_in_the_header(tmp_path: Path) -> None:
    path = with_durations(write(tmp_path / "a.mp4"), [(49, 512), (1, 12_800)])
    assert (video_info(path).fps, len(order(path))) == (25, COUNT)


def test_two_pictures_at_once_are_refused(tmp_path: Path) -> None:
    path = with_durations(write(tmp_path / "a.mp4", Kind(options={"bf": "0"})), [(20, 512), (1, 0), (29, 512)])
    assert "two pictures are shown at 0.800 s" in refused(path)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_pictures_come_upright(tmp_path: Path, turned: int, mirrored: bool) -> None:
    path = write(tmp_path / "a.mp4", Kind(turned=turned, mirrored=mirrored, options={"crf": "8"}), count=2)
    plain = next(read_frames(write(tmp_path / "plain.mp4", Kind(options={"crf": "8"}), count=2)))
    shown, info = next(read_frames(path)), video_info(path)
    assert shown.shape == (info.height, info.width, 3)
    expected = np.rot90(plain[:, ::-1] if mirrored else plain, turned // 90)
    alternative = np.rot90(plain, turned // 90)[:, ::-1] if mirrored else expected
    assert np.array_equal(shown, expected) or np.array_equal(shown, alternative)
    if not mirrored:
        assert np.abs(next(opencv_frames(path)).astype(int) - shown).mean() < 4
    assert shown_as_coded(path) == (not turned and not mirrored)


def test_a_slanted_picture_is_refused(tmp_path: Path) -> None:
    assert "slanted or stretched" in refused(write(tmp_path / "a.mp4", Kind(turned=30), count=2))


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", Kind(pixel=Fraction(3, 2)), count=2)
    assert (video_info(path).width, next(read_frames(path)).shape) == (144, (64, 144, 3))


@pytest.mark.parametrize("first", [False, True])
def test_a_cover_picture_is_not_the_video(tmp_path: Path, first: bool) -> None:
    cover = write(tmp_path / "cover.mp4", Kind(codec="mjpeg", pixels="yuvj420p", size=(32, 32)), count=1)
    path = beside(write(tmp_path / "a.mp4"), [cover], first)
    assert len(order(path)) == COUNT
    assert sum(1 for _ in opencv_frames(path)) == COUNT


def test_of_two_videos_the_one_that_is_shown_counts(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a.mp4"), write(tmp_path / "b.mp4", count=20)
    assert len(order(beside(a, [b]))) == COUNT
    assert "2 video streams (96x64, 96x64), and nothing says which" in refused(beside(a, [b], both_shown=True))


@pytest.mark.parametrize(
    "content",
    [b"#EXTM3U\n#EXTINF:2,\nother.mp4\n", b"ffconcat version 1.0\nfile 'other.mp4'\n", b"<!doctype html>", b"GIF89a"],
)
def test_nothing_else_is_opened_in_its_place(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "other.mp4")
    (tmp_path / "a.mp4").write_bytes(content)
    assert "not readable as video" in refused(tmp_path / "a.mp4")


def test_a_change_of_size_is_refused(tmp_path: Path) -> None:
    parts = [write(tmp_path / f"{w}.mp4", Kind(codec="mjpeg", pixels="yuvj420p", size=(w, 64)), 25) for w in (96, 128)]
    path = one_after_the_other(tmp_path / "a.mp4", parts)
    for read in (lambda p: list(read_frames(p)), decoded_notes):
        with pytest.raises(InputError, match="128x64 pixels from frame 25 on, 96x64 before"):
            read(path)


def test_pictures_too_small_and_counts_too_large_are_refused_at_once(tmp_path: Path) -> None:
    assert "pictures of 2x2 pixels" in refused(write(tmp_path / "a.mp4", Kind(size=(2, 2)), 2))
    path = write(tmp_path / "b.mp4")
    content = bytearray(path.read_bytes())
    at = content.index(b"stsz")
    content[at + 8 : at + 16] = (1).to_bytes(4, "big") + (10**9).to_bytes(4, "big")
    path.write_bytes(bytes(content))
    begin = time.perf_counter()
    assert "b.mp4: truncated" in refused(path)
    assert time.perf_counter() - begin < 10
