"""What lies in a folder of answers or recordings: files, what stands in their place, and what other programs leave."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omnibench.errors import InputError
from omnibench.files.disguise import disguise
from omnibench.files.listing import is_left_behind, list_folder

SOUND = (".wav", ".flac", ".ogg")


def put(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"content")
    return folder


def test_suffixes_count_in_any_letters_and_leftovers_not_at_all(tmp_path: Path) -> None:
    names = ("._a.wav", ".DS_Store", "Thumbs.db", "desktop.ini", "a.wav~", "a.wav.bak", "#a.wav#", ".a.wav.swp")
    found = list_folder(put(tmp_path, "a.WAV", "b.flac", "c.Ogg", *names), SOUND)
    assert sorted(found.files) == ["a", "b", "c"]
    assert (found.faults, found.others, found.nothing_read()) == ({}, (), "")
    assert all(map(is_left_behind, names))


def test_two_for_one_are_told(tmp_path: Path) -> None:
    found = list_folder(put(tmp_path, "a.flac", "a.wav", "b.wav", "b.WAV"), SOUND)
    assert found.fault("a") == "a.wav and a.flac are both there; expected one of them"
    assert "b.WAV and b.wav are both there" in found.fault("b")


def test_what_stands_in_a_files_place_is_said(tmp_path: Path) -> None:
    put(tmp_path, "z.wav")
    (tmp_path / "gone.wav").symlink_to("../.git/annex/objects/x/SHA256E-s1--00")
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    found = list_folder(tmp_path, SOUND)
    assert list(found.files) == ["z"]
    assert "is a link to ../.git/annex/objects" in found.fault("gone")
    assert "git annex get" in found.fault("gone")
    assert found.fault("loop") == "loop.wav is a link that leads back to itself"
    assert found.fault("folder") == "folder.wav is a folder; expected a file"
    assert found.fault("pipe") == "pipe.wav is a pipe, socket or device; expected a file"
    assert found.fault("absent") == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.mp3", "found a.mp3; expected a.wav or a.flac or a.ogg (ffmpeg -i a.mp3 a.wav)"),
        ("a.wav.part", "found a.wav.part, a download that was not finished; get it again"),
        ("a.wav.crdownload", "a download that was not finished"),
        ("a.xyz", "found a.xyz; expected a.wav"),
    ],
)
def test_what_was_meant_perhaps_is_said(tmp_path: Path, name: str, said: str) -> None:
    found = list_folder(put(tmp_path, name), SOUND)
    assert said in found.fault("a")
    assert said in found.nothing_read()
    beside = list_folder(put(tmp_path, "b.wav"), SOUND)
    assert said in beside.fault("a")
    assert beside.nothing_read() == ""


def test_a_folder_that_is_none_or_not_there(tmp_path: Path) -> None:
    assert list_folder(tmp_path / "absent", SOUND).nothing_read() == ""
    put(tmp_path, "file")
    with pytest.raises(InputError, match="a file; expected a folder"):
        list_folder(tmp_path / "file", SOUND)
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(InputError, match="is a link to nowhere, which is not there"):
        list_folder(tmp_path / "link", SOUND)
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    assert list_folder(tmp_path / "in", SOUND).nothing_read().startswith("found deeper; expected <id>.wav")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a git-lfs pointer"),
        (b"/annex/objects/SHA256E-s1--00.wav\n", "a git-annex pointer"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><title>Sign in</title>", "a web page"),
        (b"\x1f\x8b\x08\0", "packed by gzip"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b'{"error": "Not found"}', "looks like JSON"),
        (b"\x80\x04\x95", "a Python pickle"),
        (bytes(4096), "nothing but zeros"),
        (b"hello\n", "a text"),
        (b"\xfe\x00\x01", ""),
        (b"RIFF\0\0\0\0", ""),
    ],
)
def test_what_a_file_is_instead(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert (said in disguise(path)) if said else disguise(path) == ""
