"""A data set of 124 dialogues could not be scored where a process may open 512 files.

Each of a dialogue's two sound files stayed open from its first sample to the end of the command, and those of other
people's turns were opened once more: the board's scoring ended with "Too many open files", and so would have `omnibench
score` with some 500 dialogues on most systems.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.datasets.tracks import FileTrack
from omnibench.media.audio import write_wav

FILES, LIMIT = 250, 256


@pytest.fixture
def tracks(tmp_path: Path) -> list[FileTrack]:
    """More files than a process may have open, each of numbers of its own."""
    made = []
    for number in range(FILES):
        sound, face = tmp_path / f"{number}.wav", tmp_path / f"{number}.npy"
        write_wav(sound, np.arange(1280) * number / 2**18, 16_000)
        np.save(face, np.full((2, 64), number + 1, np.float32))
        made.append(FileTrack({"audio": sound, "vector": face}, lambda: Fraction(25)))
    return made


def test_each_reads_on_where_it_was(tracks: list[FileTrack]) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT + 64, before[1]))
    try:
        for start in (0, 100, 50):
            for number, track in enumerate(tracks):
                expected = np.arange(start, start + 50) * number / 2**18
                np.testing.assert_allclose(track.audio(start, start + 50), expected, atol=2**-16)
                assert (track.face(0, 2) == number + 1).all()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files where the system lists them")
def test_a_command_over_more_dialogues_than_files_may_be_open(tmp_path: Path) -> None:
    ids = tuple(f"d{number}" for number in range(FILES))
    data = write_dataset(tmp_path / "data", ids=ids, modalities=("text", "audio", "vector"), seconds=2)
    people = data / "test"
    for part in ("text", "audio", "vector"):
        (tmp_path / "run").mkdir(exist_ok=True)
        (tmp_path / "run" / part).symlink_to(people / part / "listener")
    code = (
        "import resource, sys; from omnibench.cli import main; "
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({LIMIT}, {LIMIT})); sys.exit(main(sys.argv[1:]))"
    )
    given = [
        "score",
        str(tmp_path / "run"),
        "--data",
        str(data),
        "--metrics",
        "talk_ratio,heard_talk_ratio,fd,relevance",
    ]
    found = subprocess.run(
        [sys.executable, "-P", "-c", code, *given, "--protocol", "strict"], capture_output=True, text=True, check=False
    )
    assert "Too many open files" not in found.stdout + found.stderr
    assert found.returncode == 0, found.stderr
