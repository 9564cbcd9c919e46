"""The same answers give the same archive, and nothing but answers is in it."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import soundfile
from submission_factory import STATEMENT, members_of, run_here, write_run

from leaderboard.archive.contents import left_behind, wrapping_folder
from leaderboard.archive.folders import validate_folder
from leaderboard.archive.listing import list_archive
from leaderboard.archive.packing import collect, pack
from leaderboard.archive.submitting import make_archive
from leaderboard.archive.validation import validate_archive
from leaderboard.entry.limits import DEFAULT_LIMITS
from leaderboard.entry.problems import SubmissionError
from omnibench.errors import InputError
from omnibench.media.audio import write_wav
from omnibench.predictions.folder import Predictions


@pytest.fixture
def run(synthetic: Path, tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", synthetic)


def test_the_same_answers_give_the_same_bytes(run: Path, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        pack(collect(run).files, {"schema_version": 1}, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_what_is_packed_and_what_is_not(run: Path) -> None:
    (run / "scores.json").write_text('{"protocol": "strict"}')
    (run / "samples.jsonl").write_text("")
    (run / "notes.md").write_text("mine")
    (run / ".lock").write_text("")
    found = collect(run)
    assert found.left_out == ["notes.md"]
    assert "samples.strict.jsonl" in found.files
    assert {name.partition("/")[0] for name in found.files} == {
        "text", "audio", "vector", "video", "timing", "run.json", "samples.strict.jsonl"
    }  # fmt: skip


def test_links_are_named_not_followed(run: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    (run / "text" / "z.json").symlink_to(tmp_path / "secret.json")
    (run / "timing" / "more").symlink_to(tmp_path)
    found = collect(run)
    assert [problem.where for problem in found.problems] == ["text/z.json", "timing/more"]
    assert "text/z.json" not in found.files


def test_a_silent_listener_is_no_zip_bomb(run: Path, synthetic: Path, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_wav(run / "audio" / f"{name}.wav", np.zeros(48_000 * 2), 48_000)
    pack(collect(run).files, None, tmp_path / "silent.zip")
    (tmp_path / "work").mkdir()
    data = str(synthetic)
    validate_archive(tmp_path / "silent.zip", tmp_path / "work", data, "test", described=False, runner=run_here)
    with zipfile.ZipFile(tmp_path / "silent.zip") as archive:
        assert archive.getinfo("audio/a.wav").compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("text/a.json").compress_type == zipfile.ZIP_DEFLATED


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_left(
    run: Path, synthetic: Path, tmp_path: Path
) -> None:
    (run / "text" / "a.json").write_text("{")
    np.save(run / "vector" / "b.npy", np.full((50, 64), np.nan, np.float32))
    (run / "audio" / "c.wav").unlink()
    (tmp_path / "work").mkdir()
    statement = type(STATEMENT)({**STATEMENT.fields, "team": "<b>"})
    with pytest.raises(InputError) as refusal:
        make_archive(run, statement, tmp_path / "out.zip", tmp_path / "work", str(synthetic), "test")
    for reason in ("submission.team", "text/a.json", "vector/b.npy", "audio/c"):
        assert reason in str(refusal.value)
    assert not list(tmp_path.glob("*.zip*"))
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("condition", "noise-mid"),
        ("paced", {"pace": "real", "buffer": 1, "machine": "a1b2c3", "source": "0" * 64}),
        ("read_back", {"words": "moonshine", "faces": "mediapipe", "source": "0" * 64}),
    ],
)
def test_answers_under_a_condition_moved_or_read_back_are_refused_here_and_there(
    field: str, value: object, run: Path, synthetic: Path, tmp_path: Path
) -> None:
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | {field: value}))
    (tmp_path / "work").mkdir()
    with pytest.raises(InputError, match=f"{field.replace('_', ' ')}.*rank"):
        make_archive(run, STATEMENT, tmp_path / "out.zip", tmp_path / "work", str(synthetic), "test")
    pack(collect(run).files, None, tmp_path / "by_hand.zip")
    with pytest.raises(SubmissionError, match=f'field "{field}"'):
        validate_archive(
            tmp_path / "by_hand.zip", tmp_path / "work", str(synthetic), "test", described=False, runner=run_here
        )


def test_an_unpacked_archive_packs_again_as_it_was(run: Path, synthetic: Path, tmp_path: Path) -> None:
    pack(collect(run).files, {"schema_version": 1}, tmp_path / "first.zip")
    with zipfile.ZipFile(tmp_path / "first.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    pack(collect(tmp_path / "unpacked").files, None, tmp_path / "second.zip")
    assert members_of(tmp_path / "second.zip") == members_of(tmp_path / "first.zip")


def test_a_submission_packed_inside_one_folder_is_told_so(run: Path, tmp_path: Path, synthetic: Path) -> None:
    """One sentence, and not that 126 files do not belong; what a Mac adds is no folder of the team's."""
    pack(collect(run).files, {"schema_version": 1}, tmp_path / "good.zip")
    members = members_of(tmp_path / "good.zip")
    for prefix in ("mini-test", "runs/omniresponse/mini-test", "texts"):
        with zipfile.ZipFile(tmp_path / "wrapped.zip", "w") as archive:
            for folder in (*(str(path) for path in reversed(PurePosixPath(prefix).parents)), prefix):
                archive.mkdir(folder) if folder != "." else None
            for name, content in members.items():
                archive.writestr(f"{prefix}/{name}", content)
            archive.writestr(f"__MACOSX/{prefix}/text/._a.json", b"")
            archive.writestr(".DS_Store", b"")
        problems, files = list_archive(tmp_path / "wrapped.zip", DEFAULT_LIMITS)
        assert [problem.message.partition(":")[0] for problem in problems] == [f"everything lies in {prefix}/"]
        assert files == {}
    wrapping = tmp_path / "wrapping"
    shutil.copytree(run, wrapping / "mini-test")
    for command in (validate_folder, lambda folder, work, data: make_archive(folder, STATEMENT, None, work, data)):
        with pytest.raises(InputError, match=r"everything lies in mini-test/ below it; name that folder"):
            command(wrapping, tmp_path, str(synthetic))


def test_what_lies_at_the_top_is_not_wrapped() -> None:
    assert wrapping_folder(["text/a.json", "text/b.json"]) is None
    assert wrapping_folder(["x/readme", "x/y/z"]) is None
    assert wrapping_folder(["x/text/a.json", "y/text/a.json"]) is None
    assert wrapping_folder(["x/text/a.json", "run.json"]) is None
    assert wrapping_folder([]) is None
    assert wrapping_folder(["x/text/a.json", "x/notes.md"]) == "x"


def test_answers_of_other_kinds_go_in_as_an_archive_has_them(run: Path, synthetic: Path, tmp_path: Path) -> None:
    before = Predictions(run)
    expected = {name: (before.audio(name), before.vector(name)) for name in before.ids}
    for path in list((run / "audio").iterdir()):
        soundfile.write(path.with_suffix(".FLAC"), *soundfile.read(path), format="FLAC")
        path.unlink()
    for path in list((run / "vector").iterdir()):
        np.savez(path.with_suffix(".npz"), np.load(path))
        path.unlink()
    (run / "text/listener").mkdir()
    for path in list((run / "text").glob("*.json")):
        path.rename(run / "text/listener" / path.name)
    (run / "audio/Thumbs.db").write_bytes(b"x")
    work = tmp_path / "work"
    work.mkdir()
    checked, left_out = validate_folder(run, work, str(synthetic), "test")
    sent = Predictions(checked.predictions)
    for name, ((samples, rate), face) in expected.items():
        assert np.array_equal(sent.audio(name)[0], samples)
        assert sent.audio(name)[1] == rate
        assert np.array_equal(sent.vector(name), face)
        assert sent.text(name) == Predictions(run).text(name)
    assert left_out == []


@pytest.mark.parametrize(
    ("part", "suffix", "said"),
    [("audio", ".mp3", "audio: found a.mp3; expected a.wav"), ("vector", ".pt", "vector: found a.pt; expected a.npy")],
)
def test_answers_that_are_not_read_are_no_part_less(
    run: Path, synthetic: Path, tmp_path: Path, part: str, suffix: str, said: str
) -> None:
    for path in list((run / part).iterdir()):
        path.rename(path.with_suffix(suffix))
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(SubmissionError, match=said):
        validate_folder(run, work, str(synthetic), "test")


def test_what_systems_add_to_an_archive_is_passed_over(run: Path, synthetic: Path, tmp_path: Path) -> None:
    pack(collect(run).files, None, tmp_path / "good.zip")
    with zipfile.ZipFile(tmp_path / "good.zip", "a") as archive:
        for name in ("__MACOSX/text/._a.json", ".DS_Store", "video/Thumbs.db", "desktop.ini"):
            archive.writestr(name, b"x")
    work = tmp_path / "work"
    work.mkdir()
    checked = validate_archive(tmp_path / "good.zip", work, str(synthetic), "test", described=False)
    assert not [p for p in checked.predictions.rglob("*") if left_behind(p.name)]
