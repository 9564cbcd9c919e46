"""What a run measured of a dialogue, as an archive carries it: known arrays of known sizes, and nothing else."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from submission_factory import members_of, pack_run, run_here, write_run

from leaderboard.archive.formats.timing import ARRAYS, timing_faults
from leaderboard.archive.packing import collect, pack
from leaderboard.archive.validation import validate_archive
from leaderboard.entry.limits import DEFAULT_LIMITS

FRAMES = 50
WHOLE: dict[str, Any] = {
    "step_seconds": np.full(FRAMES, 0.01),
    "open_seconds": np.float64(0.5),
    "open_processor": np.float64(0.4),
    "open_waited": np.float64(0.1),
    "processor_seconds": np.full(FRAMES, 0.02),
    "waited_seconds": np.zeros(FRAMES),
    "between_seconds": np.zeros(FRAMES),
    "gap_seconds": np.full(FRAMES, 0.001),
    "ready_seconds": np.arange(FRAMES) / 25,
    "handed_face": np.ones(FRAMES, np.int64),
    "handed_audio": np.full(FRAMES, 640),
    "handed_image": np.zeros(FRAMES, np.int64),
    "word_steps": np.array([3, 3, 50]),
    "load": np.array([0.5, 7.0]),
    "workers": np.int64(1),
    "machine": np.int64(2**32 - 1),
}


def faults(path: Path, frames: int | None = FRAMES, compressed: bool = False, **changes: Any) -> list[str]:
    arrays = {name: value for name, value in {**WHOLE, **changes}.items() if value is not None}
    (np.savez_compressed if compressed else np.savez)(path, **arrays)
    return timing_faults(path, frames, DEFAULT_LIMITS)


def test_what_a_run_writes_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    assert set(WHOLE) == set(ARRAYS)
    assert faults(path) == []
    assert faults(path, compressed=True) == []
    assert faults(path, frames=None) == []
    assert faults(path, word_steps=np.zeros(0, np.int64)) == []
    assert faults(path, load=np.full(2, np.nan)) == []
    for name in set(ARRAYS) - {"step_seconds"}:
        assert faults(path, **{name: None}) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"step_seconds": None}, "expected step_seconds"),
        ({"surprise": np.zeros(1)}, "surprise.npy"),
        ({"step_seconds": np.full(40, 0.01)}, "40 steps, expected 50"),
        ({"step_seconds": np.full(FRAMES, np.nan)}, "finite"),
        ({"step_seconds": np.full(FRAMES, -1.0)}, "from 0 to 3600"),
        ({"step_seconds": np.full((FRAMES, 1), 0.01)}, "shape (50, 1), expected 1 dimension"),
        ({"step_seconds": np.full(FRAMES, 1)}, "type int64, expected floats"),
        ({"processor_seconds": np.full(FRAMES + 1, 0.02)}, "51 steps, step_seconds has 50"),
        ({"processor_seconds": np.full(FRAMES, np.inf)}, "finite"),
        ({"waited_seconds": np.full(FRAMES, -1.0)}, "from 0 to 3600"),
        ({"handed_face": np.ones(FRAMES + 1, np.int64)}, "51 steps, step_seconds has 50"),
        ({"handed_audio": np.full(FRAMES, -1)}, "expected numbers from 0"),
        ({"workers": np.int64(-1)}, "expected numbers from 0"),
        ({"open_seconds": np.zeros(2)}, "expected 0 dimensions"),
        ({"open_seconds": np.float64(-1)}, "from 0 to 3600"),
        ({"word_steps": np.array([0.5])}, "type float64, expected whole numbers"),
        ({"word_steps": np.array([51])}, "expected steps from 0 to 50"),
        ({"word_steps": np.array([-1])}, "expected steps from 0 to 50"),
        ({"word_steps": np.zeros(50_001, np.int64)}, "50001 words, expected at most 50000"),
        ({"word_steps": np.zeros(60_000, np.int64)}, "bytes, expected at most"),
        ({"load": np.zeros(3)}, "expected 2 numbers"),
        ({"load": np.array([0.5, np.inf])}, "expected 2 numbers"),
        ({"open_seconds": np.float64(np.nan)}, "from 0 to 3600"),
        ({"load": np.array(["a", {}], dtype=object)}, "pickled Python objects"),
    ],
)
def test_anything_else_is_refused(changes: dict[str, Any], reason: str, tmp_path: Path) -> None:
    assert reason in " ".join(faults(tmp_path / "a.npz", **changes))


def test_what_is_no_archive_of_arrays_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    assert faults(path) == []
    whole = path.read_bytes()
    for content in (b"", whole[:-1], whole[:-10] + b"\xff" + whole[-9:], whole + b"<html>", b"x" + whole):
        path.write_bytes(content)
        assert "no .npz" in timing_faults(path, FRAMES, DEFAULT_LIMITS)[0]


def test_measurements_travel_byte_for_byte(synthetic: Path, tmp_path: Path) -> None:
    """The journal of a run names their sha256: what is unpacked has to have it."""
    run = write_run(tmp_path / "run", synthetic)
    np.savez(run / "timing" / "a.npz", **WHOLE)
    archive = pack_run(run, synthetic, tmp_path / "sent.zip", tmp_path / "packing")
    expected = hashlib.sha256((run / "timing" / "a.npz").read_bytes()).hexdigest()
    assert hashlib.sha256(members_of(archive)["timing/a.npz"]).hexdigest() == expected
    (tmp_path / "work").mkdir()
    checked = validate_archive(archive, tmp_path / "work", str(synthetic), "test", runner=run_here)
    assert hashlib.sha256((checked.predictions / "timing" / "a.npz").read_bytes()).hexdigest() == expected


def test_step_times_alone_are_accepted_as_earlier_releases_packed_them(synthetic: Path, tmp_path: Path) -> None:
    files = {}
    for name, source in collect(write_run(tmp_path / "run", synthetic)).files.items():
        if name.endswith(".npz"):
            buffer = io.BytesIO()
            np.save(buffer, WHOLE["step_seconds"])
            files[f"{name[:-4]}.npy"] = buffer.getvalue()
        else:
            files[name] = source
    pack(files, None, tmp_path / "old.zip")
    (tmp_path / "work").mkdir()
    checked = validate_archive(
        tmp_path / "old.zip", tmp_path / "work", str(synthetic), "test", described=False, runner=run_here
    )
    assert checked.parts["timing"] == ["a", "b", "c"]
