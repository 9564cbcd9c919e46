"""An upload unpacked over the server's own files; a clip of 100 MB took a decoder's whole machine; a page ran what a
team's name said. None of it happens here: every archive below is refused, with the reason, and nothing is written
outside the working folder.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile_archives import ATTACKS, Attack
from submission_factory import members_of, pack_run, run_here, write_run

from leaderboard.archive.validation import Runner, validate_archive
from leaderboard.cage.child import run_job
from leaderboard.entry.problems import SubmissionError

# One of each kind goes the whole way through a process of its own; `bench_hostile_archives.py` takes all of them there.
CONFINED = {"zip bomb", "traversal", "HTML in every text field", "an array of 64 TB", "pictures of 16000 x 16000"}


@pytest.fixture(scope="module")
def good(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("good")
    run = write_run(folder / "run", synthetic)
    return members_of(pack_run(run, synthetic, folder / "good.zip", folder / "work"))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_refused_with_the_reason(attack: Attack, good: dict[str, bytes], synthetic: Path, tmp_path: Path) -> None:
    _refused(attack, good, synthetic, tmp_path, run_here)


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.name in CONFINED], ids=lambda attack: attack.name)
def test_refused_by_the_confined_process(
    attack: Attack, good: dict[str, bytes], synthetic: Path, tmp_path: Path
) -> None:
    _refused(attack, good, synthetic, tmp_path, run_job)


def _refused(attack: Attack, good: dict[str, bytes], data: Path, folder: Path, runner: Runner) -> None:
    archive, work = folder / "hostile.zip", folder / "work"
    work.mkdir()
    attack.write(good, archive)
    with pytest.raises(SubmissionError) as refusal:
        validate_archive(archive, work, str(data), "test", runner=runner)
    assert attack.reason in str(refusal.value)
    assert refusal.value.exit_code == 4
    assert all(character.isprintable() or character == "\n" for character in str(refusal.value))
    assert {path.name for path in folder.iterdir()} == {"hostile.zip", "work"}


def test_there_are_enough_of_them() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 40
    assert {attack.name for attack in ATTACKS} >= CONFINED
