"""The sound of a WAV is found whatever its header promises, or the file is refused with the reason."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from leaderboard.archive.formats.wav import wav_faults
from leaderboard.entry.limits import DEFAULT_LIMITS
from omnibench.errors import InputError
from omnibench.media.audio import AudioReader, audio_info, read_audio

RATE = 16_000
WAVE = np.concatenate([np.zeros(4000), 0.3 * np.sin(np.arange(28_000) / 20)]).astype(np.float32)
PCM = np.rint(WAVE * 32768).astype("<i2")
NOTE = b"LIST" + struct.pack("<I", 26) + b"INFOISFT" + struct.pack("<I", 14) + b"Lavf61.7.100\0\0"
SIZE = PCM.nbytes


@dataclass(frozen=True)
class Header:
    """A WAV header, right unless told otherwise."""

    riff: int | None = None
    data: int | None = None
    before: bytes = b""
    behind: bytes = b""
    kind: int = 1
    bits: int = 16
    channels: int = 1
    width: int | None = None
    rate: int = RATE
    tag: bytes = b"RIFF"

    def write(self, path: Path, sound: bytes = PCM.tobytes()) -> Path:
        """The file."""
        end = ">" if self.tag == b"RIFX" else "<"
        width = self.channels * self.bits // 8 if self.width is None else self.width
        form = struct.pack(
            f"{end}HHIIHH", self.kind, self.channels, self.rate, self.rate * width % 2**32, width, self.bits
        )
        size = len(sound) if self.data is None else self.data
        body = b"WAVEfmt " + struct.pack(f"{end}I", 16) + form + self.before
        body += b"data" + struct.pack(f"{end}I", size) + sound + self.behind
        path.write_bytes(self.tag + struct.pack(f"{end}I", len(body) if self.riff is None else self.riff) + body)
        return path


@pytest.mark.parametrize(
    "header",
    [
        Header(),
        Header(0xFFFFFFFF, 0xFFFFFFFF, NOTE),
        Header(0x7FFFFFFF - 8 + 36, 0x7FFFFFFF - 8),
        Header(0x7FFFF024, 0x7FFFF000),
        Header(0x80000024, 0x80000000),
        Header(0, 0),
        Header(36, 0),
        Header(None, 0),
        Header(None, 0xFFFFFFFF),
        Header(0),
        Header(10**6),
        Header(100),
        Header(before=NOTE),
        Header(behind=NOTE),
        Header(behind=b"TAG" + bytes(125)),
        Header(behind=bytes(64)),
        Header(behind=b"id3 " + struct.pack("<I", 4) + b"ID3\3"),
    ],
)
def test_the_sound_is_whole_whatever_sizes_the_header_has(tmp_path: Path, header: Header) -> None:
    path = header.write(tmp_path / "a.wav")
    assert audio_info(path).samples == len(WAVE)
    assert np.array_equal(read_audio(path), PCM / np.float32(32768))
    with AudioReader(path) as reader:
        assert np.array_equal(reader.read(9000, 9100), PCM[9000:9100] / np.float32(32768))
        assert np.array_equal(reader.read(5000, 5100), PCM[5000:5100] / np.float32(32768))
    if header.behind[:4] != b"id3 ":
        assert wav_faults(path, 50, Fraction(25), DEFAULT_LIMITS) == []


@pytest.mark.parametrize(
    ("kind", "bits", "sound"),
    [
        (1, 8, (np.rint(WAVE * 128) + 128).astype("u1")),
        (1, 24, np.rint(WAVE * 2**23).astype("<i4").view("u1").reshape(-1, 4)[:, :3]),
        (1, 32, np.rint(WAVE * 2.0**31).astype("<i4")),
        (3, 32, WAVE.astype("<f4")),
        (3, 64, WAVE.astype("<f8")),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_every_encoding_is_read(tmp_path: Path, kind: int, bits: int, sound: np.ndarray, streamed: bool) -> None:
    sizes = (0, 0) if streamed else (None, None)
    path = Header(*sizes, kind=kind, bits=bits).write(tmp_path / "a.wav", np.ascontiguousarray(sound).tobytes())
    assert np.abs(read_audio(path) - WAVE).max() <= 1 / 128
    assert wav_faults(path, 50, Fraction(25), DEFAULT_LIMITS) == []


@pytest.mark.parametrize("law", ["ALAW", "ULAW"])
def test_law_coded_sound_of_a_pipe_is_read(tmp_path: Path, law: str) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(str(path), WAVE, RATE, subtype=law)
    content = bytearray(path.read_bytes())
    at = content.index(b"data")
    content[4:8] = content[at + 4 : at + 8] = bytes(4)
    path.write_bytes(bytes(content))
    assert np.abs(read_audio(path) - WAVE).max() < 0.01


def test_other_byte_order_and_long_files_are_read(tmp_path: Path) -> None:
    path = Header(tag=b"RIFX").write(tmp_path / "a.wav", PCM.astype(">i2").tobytes())
    assert np.array_equal(read_audio(path), PCM / np.float32(32768))
    soundfile.write(str(path), PCM, RATE, format="RF64")
    path.write_bytes(b"BW64" + path.read_bytes()[4:])
    assert np.array_equal(read_audio(path), PCM / np.float32(32768))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (Header(data=2 * SIZE), f"its header promises {2 * SIZE} bytes of sound, the file has {SIZE}"),
        (Header(data=SIZE // 2), f"promises {SIZE // 2} bytes of sound, and {SIZE // 2} more follow"),
        (Header(36 + SIZE // 2, SIZE // 2), "more follow that are nothing else"),
        (Header(rate=0), "0 samples per second; expected 1000 to 768000"),
        (Header(rate=1), "1 samples per second"),
        (Header(rate=4_000_000_000), "4000000000 samples per second"),
        (Header(channels=0, width=2), "not readable as audio"),
        (Header(channels=2), "2 channels, expected 1"),
        (Header(0, 0, channels=6), "6 channels, expected 1"),
        (Header(width=4), "its header contradicts itself: 1 channel of 16 bits in 4 bytes; expected 2"),
        (Header(width=1), "its header contradicts itself"),
    ],
)
def test_headers_that_contradict_the_file_are_refused_everywhere(tmp_path: Path, header: Header, reason: str) -> None:
    path = header.write(tmp_path / "a.wav")
    with pytest.raises(InputError) as caught:
        read_audio(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)
    assert wav_faults(path, 50, Fraction(25), DEFAULT_LIMITS) != []


@pytest.mark.parametrize(
    ("factor", "odd", "reason"),
    [
        (1, np.nan, "NaN or infinity in sample 100; every sample has to be finite"),
        (1, -np.inf, "NaN or infinity in sample 100"),
        (32768, 0.0, "floats on the scale of integers; expected -1 to 1"),
    ],
)
def test_what_is_no_sound_is_refused(tmp_path: Path, factor: float, odd: float, reason: str) -> None:
    sound = (WAVE * factor).astype("<f4")
    sound[100] = odd
    path = Header(kind=3, bits=32).write(tmp_path / "a.wav", sound.tobytes())
    with pytest.raises(InputError, match=reason):
        read_audio(path)
    assert reason in wav_faults(path, 50, Fraction(25), DEFAULT_LIMITS)[0]


def test_a_flac_that_does_not_say_how_long_it_is_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(str(path), PCM, RATE)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(bytes(content))
    assert audio_info(path).samples == len(PCM)
    with AudioReader(path) as reader:
        assert np.array_equal(reader.read(20_000, 20_100), PCM[20_000:20_100] / np.float32(32768))
        assert np.array_equal(reader.read(0, 100), PCM[:100] / np.float32(32768))
    assert np.array_equal(read_audio(path), PCM / np.float32(32768))


def test_a_promise_beyond_any_memory_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(str(path), PCM, RATE)
    content = bytearray(path.read_bytes())
    content[21] |= 0x0F
    content[22:26] = b"\xff" * 4
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match=r"a\.flac: (damaged|truncated)"):
        read_audio(path)


def test_an_ogg_of_two_recordings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    soundfile.write(str(path), WAVE, RATE)
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(InputError, match="2 recordings in one OGG"):
        audio_info(path)


def test_mp3_inside_a_wav_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with av.open(str(path), "w", format="wav") as out:
        stream = out.add_stream("libmp3lame", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(WAVE[None], format="fltp", layout="mono")
        frame.sample_rate = RATE
        out.mux([*stream.encode(frame), *stream.encode(None)])
    with pytest.raises(InputError, match="MP3 inside a WAV"):
        audio_info(path)
