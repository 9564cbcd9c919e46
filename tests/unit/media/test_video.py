from __future__ import annotations

import hashlib
import tracemalloc
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.errors import InputError
from omnibench.media.rates import USUAL_RATES, nearest_usual_rate
from omnibench.media.video import (
    VideoWriter,
    decoded_notes,
    read_frames,
    video_info,
)

NTSC = Fraction(30000, 1001)


def pictures(count: int, size: int = 64) -> list[np.ndarray]:
    down, across = np.mgrid[:size, :size]
    return [
        np.stack([(across * 3) % 256, (down * 3) % 256, np.full_like(across, 5 * i % 256)], axis=-1).astype(np.uint8)
        for i in range(count)
    ]


def write(path: Path, frames: list[np.ndarray], fps: Fraction = Fraction(25), crf: int = 23) -> Path:
    height, width = frames[0].shape[:2]
    with VideoWriter(path, fps, (width, height), crf) as writer:
        for frame in frames:
            writer.write(frame)
    return path


def write_and_stop(path: Path) -> None:
    with VideoWriter(path, Fraction(25), (64, 64)) as writer:
        writer.write(pictures(1)[0])
        raise RuntimeError("stop")


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), NTSC, Fraction(24000, 1001)])
@pytest.mark.parametrize("count", [1, 2, 37])
def test_rate_and_frame_count_come_back_exactly(tmp_path: Path, fps: Fraction, count: int) -> None:
    path = write(tmp_path / "a.mp4", pictures(count), fps)
    info = video_info(path)
    assert (info.frames, info.fps, info.width, info.height) == (count, fps, 64, 64)
    assert len(list(read_frames(path))) == count == decoded_notes(path)[0]


def test_colours_survive(tmp_path: Path) -> None:
    patches = np.zeros((64, 64, 3), np.uint8)
    patches[:32, :32], patches[:32, 32:], patches[32:, :32], patches[32:, 32:] = (
        (200, 40, 40),
        (40, 180, 60),
        (50, 60, 210),
        128,
    )
    (found,) = read_frames(write(tmp_path / "a.mp4", [patches], crf=10))
    for rows, columns in ((16, 16), (16, 48), (48, 16), (48, 48)):
        assert np.abs(found[rows, columns].astype(int) - patches[rows, columns]).max() <= 8


def test_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    digests = {
        hashlib.sha256(write(tmp_path / n, pictures(20), NTSC).read_bytes()).hexdigest() for n in ("a.mp4", "b.mp4")
    }
    assert len(digests) == 1


def test_the_file_is_h264_with_420_colour_and_the_index_in_front(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", pictures(5))
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_an_error_in_the_block_leaves_the_old_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", pictures(3))
    before = path.read_bytes()
    with pytest.raises(RuntimeError, match="stop"):
        write_and_stop(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_odd_sizes_and_wrong_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even"):
        VideoWriter(tmp_path / "a.mp4", Fraction(25), (63, 64))
    with pytest.raises(ValueError, match="expected a uint8 frame"):
        write(tmp_path / "a.mp4", [np.zeros((64, 64, 3), np.float32)])
    assert list(tmp_path.iterdir()) == []


def test_frames_are_read_one_at_a_time(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", pictures(120, 128))
    tracemalloc.start()
    for _ in read_frames(path):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 128 * 128 * 3


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.97])
def test_truncated_video_names_the_file(tmp_path: Path, share: float) -> None:
    path = write(tmp_path / "a.mp4", pictures(50))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match=r"a\.mp4: "):
        list(read_frames(path))
    with pytest.raises(InputError, match=r"a\.mp4: "):
        decoded_notes(path)


def test_no_cut_anywhere_is_a_crash(tmp_path: Path) -> None:
    content = write(tmp_path / "whole.mp4", pictures(20)).read_bytes()
    path = tmp_path / "a.mp4"
    for length in range(0, len(content) - 50, 29):
        path.write_bytes(content[:length])
        for read in (decoded_notes, lambda p: list(read_frames(p))):
            with pytest.raises(InputError, match=r"a\.mp4: "):
                read(path)


def test_missing_and_foreign_files_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.mp4: no such file"):
        video_info(tmp_path / "gone.mp4")
    (tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(InputError, match=r"a\.mp4: not readable as video"):
        video_info(tmp_path / "a.mp4")
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=16_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2048), np.float32), format="fltp", layout="mono")
        frame.rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(InputError, match=r"sound\.mp4: no video stream"):
        video_info(tmp_path / "sound.mp4")


@given(st.sampled_from(USUAL_RATES), st.integers(500, 26_000))
def test_a_rate_measured_to_a_tenth_of_a_frame_is_recognised(rate: Fraction, frames: int) -> None:
    measured = Fraction(frames) / ((frames + Fraction(1, 10)) / rate)
    assert nearest_usual_rate(measured) == rate


def test_unusual_rates_stay_what_they_are() -> None:
    assert nearest_usual_rate(Fraction(29)) is None
    assert nearest_usual_rate(Fraction(27), Fraction(1, 50)) is None
