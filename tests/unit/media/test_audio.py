from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from omnibench.errors import InputError
from omnibench.media.audio import AudioReader, audio_info, read_audio, to_pcm16, write_wav


def noise(samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, samples).astype(np.float32)


@given(arrays(np.int16, st.integers(0, 300)))
def test_sixteen_bit_audio_comes_back_bit_for_bit(samples: np.ndarray) -> None:
    assert np.array_equal(to_pcm16(samples.astype(np.float32) / 32768), samples)


def test_louder_than_full_scale_is_clipped_not_wrapped() -> None:
    assert to_pcm16([1.0, 7.5, -1.0, -3.0, 0.5]).tolist() == [32767, 32767, -32768, -32768, 16384]


def test_written_wav_is_what_libsndfile_reads(tmp_path: Path) -> None:
    samples = noise(1234)
    write_wav(tmp_path / "new" / "a.wav", samples, 16_000)
    found, rate = soundfile.read(str(tmp_path / "new" / "a.wav"), dtype="float32")
    assert rate == 16_000
    assert np.abs(found - samples).max() <= 0.5 / 32768
    info = audio_info(tmp_path / "new" / "a.wav")
    assert (info.samples, info.sample_rate, info.encoding) == (1234, 16_000, "PCM_16")
    assert info.duration == 1234 / 16_000


def test_wav_header_is_the_canonical_44_bytes(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.array([0.5], np.float32), 16_000)
    expected = struct.pack(
        "<4sI4s4sIHHIIHH4sIh", b"RIFF", 38, b"WAVE", b"fmt ", 16, 1, 1, 16_000, 32_000, 2, 16, b"data", 2, 16384
    )
    assert (tmp_path / "a.wav").read_bytes() == expected


@pytest.mark.parametrize("bad", [np.zeros((4, 2)), np.array([0.0, np.nan]), np.array([np.inf])])
def test_write_refuses_what_is_no_mono_signal_and_leaves_nothing(tmp_path: Path, bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"shape|finite"):
        write_wav(tmp_path / "a.wav", bad, 16_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("suffix", "subtype"), [(".wav", "PCM_16"), (".flac", "PCM_16"), (".ogg", "VORBIS"), (".ogg", "OPUS")]
)
@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(0, 7_000), st.integers(0, 7_000)), min_size=1, max_size=6))
def test_any_order_of_slices_equals_the_whole(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, subtype: str, cuts: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("audio") / f"a{suffix}"
    soundfile.write(str(path), noise(6_000), 16_000, subtype=subtype)
    whole = read_audio(path)
    with AudioReader(path) as reader:
        for start, stop in cuts:
            assert np.array_equal(reader.read(start, stop), whole[start:stop])


def test_past_the_end_is_shorter_and_negative_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", noise(100), 8_000)
    assert len(read_audio(tmp_path / "a.wav", 90, 500)) == 10
    assert len(read_audio(tmp_path / "a.wav", 100)) == 0
    with pytest.raises(ValueError, match="negative"):
        read_audio(tmp_path / "a.wav", -1)


def test_two_channels_are_refused_with_the_way_out(tmp_path: Path) -> None:
    soundfile.write(str(tmp_path / "a.wav"), np.zeros((10, 2), np.float32), 16_000)
    with pytest.raises(InputError, match=r"a\.wav: 2 channels, expected 1.*ffmpeg"):
        audio_info(tmp_path / "a.wav")


def test_missing_file_and_no_audio_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.wav: no such file"):
        read_audio(tmp_path / "gone.wav")
    (tmp_path / "a.wav").write_text("hello")
    with pytest.raises(InputError, match=r"a\.wav: not readable as audio"):
        read_audio(tmp_path / "a.wav")


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_truncated_audio_is_never_quietly_shorter(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(str(path), noise(24_000), 16_000, subtype="PCM_16")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match=path.name):
        read_audio(path)
