"""Ends of runs on clusters' disks: an fsync of a folder that SMB and FUSE refuse, a rename onto a file that is there,
a folder on another disk, full quotas; each was a traceback, or said that "a file is in the way".

What can be done without is, and said once; what cannot is a sentence and exit code 4. The bytes are those of elsewhere.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from machines import answers_in, mounted, mounts, omnibench, one_dialogue, refusing, silence_on

from omnibench.files.atomic import LONGEST_NAME, atomic_path, move, write_text


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_dialogue(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def elsewhere(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("elsewhere") / "out"
    assert omnibench(*silence_on(data, out)).returncode == 0
    return answers_in(out)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ("fsync_folder:EINVAL", "cannot wait for the disk (Invalid argument)"),
        ("fsync_folder:EIO", "cannot wait for the disk (Input/output error)"),
        ("fsync:ENOSYS", "cannot wait for the disk (Function not implemented)"),
        ("fsync_reading:EBADF", "cannot wait for the disk (Bad file descriptor)"),
        ("across:EXDEV", ""),
        ("onto:EEXIST", ""),
        ("onto:EACCES", ""),
        ("symlink:EPERM", ""),
        ("chmod:EPERM", ""),
        ("maps:ENODEV", ""),
    ],
)
def test_a_run_does_without(refused: str, said: str, data: Path, elsewhere: dict[str, bytes], tmp_path: Path) -> None:
    env, out = refusing(tmp_path, refused), tmp_path / "out"
    for more in ((), ("--fresh",)):
        done = omnibench(*silence_on(data, out, *more), env=env)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("cannot wait") == bool(said)
        assert said in done.stderr
        assert answers_in(out) == elsewhere
    assert not list(out.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ("fsync:EIO", "the file system fails (Input/output error)"),
        ("fsync:EDQUOT", "the quota is used up"),
        ("flock:EIO", "the file system fails (Input/output error)"),
    ],
)
def test_what_cannot_be_done_without_is_a_sentence(refused: str, said: str, data: Path, tmp_path: Path) -> None:
    done = omnibench(*silence_on(data, tmp_path / "out"), env=refusing(tmp_path, refused))
    assert done.returncode == 4
    assert said in done.stderr
    assert str(tmp_path / "out") in done.stderr
    assert "Traceback" not in done.stderr


@mounts
def test_a_part_on_another_disk(data: Path, elsewhere: dict[str, bytes], tmp_path: Path) -> None:
    out, kept = tmp_path / "out", tmp_path / "kept"
    kept.mkdir()
    assert omnibench(*silence_on(data, out)).returncode == 0
    # The mount goes with the command, so that what was written there is copied out before.
    script = f'mount -t tmpfs none {out}/audio && "$@" && cp {out}/audio/* {kept}'
    done = omnibench(*silence_on(data, out, "--fresh"), prefix=["unshare", "-m", "sh", "-c", script, "sh"])
    assert done.returncode == 0, done.stderr
    assert (kept / "a.wav").read_bytes() == elsewhere["audio/a.wav"]


@mounts
@pytest.mark.parametrize("mount", ["size=16k", "nr_inodes=6", "ro"])
def test_a_disk_without_room(mount: str, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    done = omnibench(*silence_on(data, out), prefix=mounted(f"mount -t tmpfs -o {mount} none {out}"))
    assert done.returncode == 4, done.stderr
    assert ("not writable" if mount == "ro" else "the disk is full") in done.stderr
    assert "Traceback" not in done.stderr
    found = omnibench("doctor", "--out", out, prefix=mounted(f"mount -t tmpfs -o {mount} none {out}"))
    assert f"  {out}: " in found.stdout


def test_a_limit_of_file_sizes(data: Path, tmp_path: Path) -> None:
    limited = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh"]
    done = omnibench(*silence_on(data, tmp_path / "out"), prefix=limited)
    assert done.returncode == 4
    assert "no file may be larger (ulimit -f" in done.stderr
    assert "Traceback" not in done.stderr
    assert "ulimit -f unlimited" in omnibench("doctor", prefix=limited).stdout


@pytest.mark.parametrize(
    ("refused", "line"),
    [
        ("flock:ENOLCK", "no file locks (No locks available)"),
        ("fsync:EINVAL", "nobody can wait for the disk (Invalid argument)"),
        ("across:EXDEV", "files cannot be renamed freely (Invalid cross-device link)"),
        ("link:EPERM", "no links (Operation not permitted)"),
    ],
)
def test_doctor_knows_beforehand(refused: str, line: str, tmp_path: Path) -> None:
    out = tmp_path / "not" / "there"
    done = omnibench("doctor", "--out", out, env=refusing(tmp_path, refused))
    assert done.returncode == 0
    assert [f"  {out}: {line}" in printed for printed in done.stdout.splitlines()].count(True) == 1
    assert not list(tmp_path.glob(".omnibench-*"))


def test_doctor_finds_nothing_here(tmp_path: Path) -> None:
    machine = omnibench("doctor", "--out", tmp_path).stdout.partition("Machine:")[2]
    assert str(tmp_path) not in machine


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".json")
    write_text(path, "{}")
    with atomic_path(path, writer="1" * 32) as temporary:
        assert len(os.fsencode(temporary.name)) <= LONGEST_NAME
        temporary.write_text("[]")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["[]"]


def test_the_first_is_kept_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    for content in ("first", "second"):
        with atomic_path(tmp_path / "kept", writer=content, keep_first=True) as temporary:
            temporary.write_text(content)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["first"]


def test_what_steps_aside_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("old")
    new.write_text("new")
    real = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if Path(target).exists() or path == new:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        move(new, old)
    assert old.read_text() == "old"
