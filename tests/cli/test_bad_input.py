"""A user's mistake: one clear message, the documented exit code, no traceback, and nothing already written is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.files.journal import Journal

LISTENERS = Path(__file__).parents[1] / "support" / "listeners.py"
IDS = ("a", "b", "c")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "data", ids=IDS, seconds=0.6, modalities=("audio", "vector", "text"))


def run(data: Path | str, out: Path, *more: str, model: str = f"{LISTENERS}:Echo") -> int:
    arguments = ["--data", str(data), "--out", str(out), "--workers", "0", "--no-score", *more]
    return main(["run", "--model", model, *arguments])


@pytest.mark.parametrize(
    ("model", "code", "expected"),
    [
        ("silense", 2, 'Did you mean "silence"?'),
        ("none.py:Echo", 4, "none.py: no such file"),
        (f"{LISTENERS}:Ecco", 4, 'no class "Ecco"'),
        (f"{LISTENERS}:Unmarked", 4, "expected a class attribute `card"),
        (f"{LISTENERS}:Needy", 2, "could not be built (TypeError"),
    ],
)
def test_unknown_models(
    data: Path, tmp_path: Path, model: str, code: int, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tmp_path / "out", model=model) == code
    message = capsys.readouterr().err
    assert expected in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        (("--split", "tset"), 2, 'no split "tset"; it has test'),
        (("--ids", "a,z"), 2, '"z" is not in'),
        (("--transcript", "delayed"), 2, "delayed:MS"),
        (("--set", "sleep"), 2, "expected key=value"),
        (("--set", "speed=3"), 2, "could not be built"),
        (("--config", "none.toml"), 4, "none.toml: no such file"),
        (("--checkpoint", "none.pt"), 4, "none.pt: no such checkpoint"),
        (("--data", "minni"), 2, 'Did you mean "mini"?'),
        (("--data", "./nowhere"), 4, "no such folder"),
        (("--limit", "0"), 2, "limit"),
    ],
)
def test_wrong_words(
    data: Path, tmp_path: Path, options: tuple[str, ...], code: int, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tmp_path / "out", *options) == code
    message = capsys.readouterr().err
    assert expected in message
    assert "Traceback" not in message


def test_an_unknown_protocol_is_told_before_hours_of_running(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["run", "--model", "silence", "--data", str(data), "--out", str(out), "--protocol", "papre"]) == 2
    assert not out.exists()


def lose_audio(split: Path) -> None:
    (split / "audio" / "speaker" / "b.wav").unlink()


def cut_audio(split: Path) -> None:
    path = split / "audio" / "speaker" / "b.wav"
    path.write_bytes(path.read_bytes()[:3000])


def narrow_vectors(split: Path) -> None:
    np.save(split / "vector" / "speaker" / "b.npy", np.zeros((15, 63)))


def tear_text(split: Path) -> None:
    path = split / "text" / "speaker" / "b.json"
    path.write_bytes(path.read_bytes()[:-9])


def change_rate(split: Path) -> None:
    soundfile.write(split / "audio" / "speaker" / "b.wav", np.zeros(28_800), 48_000)


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lose_audio, "b.wav"),
        (cut_audio, "truncated"),
        (narrow_vectors, "(15, 63)"),
        (tear_text, "b.json"),
        (change_rate, "48000"),
    ],
)
def test_one_bad_recording_exits_4_and_keeps_the_rest(
    data: Path, tmp_path: Path, damage: Callable[[Path], None], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(data / "test")
    out = tmp_path / "out"
    assert run(data, out) == 4
    message = capsys.readouterr().err
    assert "1 of 3 dialogues have no answer. b: infra_failed" in message
    assert named in message
    assert "Traceback" not in message
    entries = Journal(out / "journal.jsonl").entries()
    assert [entries[name].status for name in IDS] == ["ok", "infra_failed", "ok"]
    assert (out / "vector" / "c.npy").is_file()


def test_an_empty_transcript_is_no_mistake(data: Path, tmp_path: Path) -> None:
    (data / "test" / "text" / "speaker" / "b.json").write_text('{"text": "", "words": []}')
    assert run(data, tmp_path / "out") == 0
    assert json.loads((tmp_path / "out" / "text" / "b.json").read_text()) == {"text": "", "words": []}


def test_a_worker_that_dies_takes_only_its_dialogue_with_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, tmp_path / "out", "--workers", "1", model=f"{LISTENERS}:Doomed") == 5
    entries = Journal(tmp_path / "out" / "journal.jsonl").entries()
    assert [entries[name].status for name in IDS] == ["infra_failed"] * 3
    assert "signal SIGKILL" in capsys.readouterr().err


def test_a_model_that_ends_its_own_process_is_named_as_the_reason(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No worker ever said that it was ready, and the run ended in an IndexError."""
    assert run(data, tmp_path / "out", "--workers", "1", model=f"{LISTENERS}:Quitter") == 4
    assert "the worker process ended (exit code 3): its own code did that" in capsys.readouterr().err


def test_a_file_in_the_way(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").write_text("mine")
    assert run(data, tmp_path / "out") == 4
    assert "expects a folder" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


def on_a_small_disk(data: Path, folder: Path, kilobytes: int, script: str) -> subprocess.CompletedProcess[str]:
    """Run ``script`` in a process that has ``folder`` on a file system of its own, of that size. Skips where not
    allowed.
    """
    folder.mkdir()
    prelude = f"""
        import ctypes, json, os, sys
        from pathlib import Path
        from omnibench.runner.seclusion import seclude
        folder, data = Path({str(folder)!r}), {str(data)!r}
        (folder.parent / "empty").mkdir()
        if not seclude([], [], {{folder.parent / "empty": folder}}):
            sys.exit(77)
        libc = ctypes.CDLL(None)
        def mount(flags, options):
            assert libc.mount(b"tmpfs", bytes(folder), b"tmpfs", flags, options) == 0
        mount(0, b"size={kilobytes}k")
        from omnibench.cli import main
        from omnibench.files.journal import Journal
        def run():
            return main(["run", "--model", {f"{LISTENERS}:Echo"!r}, "--data", data, "--out", str(folder / "out"),
                         "--workers", "0", "--no-score"])
    """
    code = textwrap.dedent(prelude) + textwrap.dedent(script)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == 77:
        pytest.skip("this system grants no mount namespace")
    return done


def test_a_full_disk_loses_nothing_and_the_same_command_goes_on(data: Path, tmp_path: Path) -> None:
    script = """
        ballast = folder / "ballast"
        codes, free = [], 8
        while free < 2000:
            room = os.statvfs(folder)
            available = room.f_bavail * room.f_frsize
            held = ballast.stat().st_size if ballast.exists() else 0
            with ballast.open("ab") as handle:
                handle.truncate(max(0, held + available - free * 1024))
            with ballast.open("r+b") as handle:
                handle.write(bytes(ballast.stat().st_size))
            before = set(Journal(folder / "out" / "journal.jsonl").entries())
            codes.append(run())
            after = Journal(folder / "out" / "journal.jsonl").entries()
            assert before <= set(after), (before, after)
            assert all(entry.status == "ok" for entry in after.values()), after
            for entry in after.values():
                assert all((folder / "out" / name).stat().st_size for name in entry.files)
            free += 12
            if codes[-1] == 0:
                break
        print(json.dumps(codes))
    """
    done = on_a_small_disk(data, tmp_path / "disk", 4000, script)
    assert done.returncode == 0, done.stderr
    codes = json.loads(done.stdout)
    assert codes[-1] == 0
    assert len(codes) > 2
    assert set(codes[:-1]) == {4}
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_read_only_folder(data: Path, tmp_path: Path) -> None:
    script = """
        assert run() == 0
        content = (folder / "out" / "journal.jsonl").read_bytes()
        mount(1 | 32, None)
        assert run() == 4
        assert (folder / "out" / "journal.jsonl").read_bytes() == content
    """
    done = on_a_small_disk(data, tmp_path / "disk", 4000, script)
    assert done.returncode == 0, done.stderr
    assert "not writable" in done.stderr
    assert "Traceback" not in done.stderr
