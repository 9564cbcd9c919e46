"""Archives that a stranger might send to do harm or to win unfairly, each from a good one with one thing changed.

    good = good_members(dataset_root, folder)       # name → content, as `omnibench submit` packs them
    for attack in ATTACKS: attack.write(good, path)  # the hostile archive; refused for attack.reason

``reason`` is a part of the message with which the archive has to be refused.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hostile_media import (
    mp4_of_giant_pictures,
    mp4_with_false_size,
    pickled_npy,
    promising_npy,
    video,
    wav,
)
from hostile_zip import (
    Member,
    case_twins,
    hours_of_silence,
    masses_of_members,
    overlapping,
    raw_zip,
    with_gap,
)

Members = dict[str, bytes]
HTML = "<img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class Attack:
    """``write`` makes the archive from a good one's members; ``reason`` is in the refusal."""

    name: str
    reason: str
    write: Callable[[Members, Path], None]


def seal(members: Members) -> Members:
    """The members with a SHA256SUMS that fits them, so that only the attack itself can be noticed."""
    from hashlib import sha256

    others = {name: content for name, content in members.items() if name != "SHA256SUMS"}
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(others.items()))
    return {**others, "SHA256SUMS": sums.encode()}


def _replacing(change: Callable[[Members], Members]) -> Callable[[Members, Path], None]:
    def write(good: Members, path: Path) -> None:
        # Stored, so that no attack on a reader of media is stopped by the ratio of its zeros.
        raw_zip(path, [Member(n, c, method=0) for n, c in seal(change(dict(good))).items()])

    return write


def _with(name: str, content: bytes | Callable[[bytes], bytes]) -> Callable[[Members, Path], None]:
    def change(members: Members) -> Members:
        members[name] = content(members[name]) if callable(content) else content
        return members

    return _replacing(change)


def _metadata(change: Callable[[dict], None]) -> Callable[[Members, Path], None]:
    return _with("metadata.json", lambda old: _edited(old, change))


def _edited(old: bytes, change: Callable[[dict], None]) -> bytes:
    content = json.loads(old)
    change(content)
    return json.dumps(content).encode()


def _member(member: Member) -> Callable[[Members, Path], None]:
    def write(good: Members, path: Path) -> None:
        raw_zip(path, [*(Member(n, c) for n, c in good.items()), member])

    return write


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Members, Path], None]:
    def write(good: Members, path: Path) -> None:
        raw_zip(path, [Member(n, c) for n, c in good.items()])
        path.write_bytes(change(path.read_bytes()))

    return write


def _changed_first(**changes: object) -> Callable[[Members, Path], None]:
    def write(good: Members, path: Path) -> None:
        raw_zip(path, [Member(n, c, **(changes if n == "text/a.json" else {})) for n, c in good.items()])

    return write


def _without(name: str) -> Callable[[Members, Path], None]:
    def write(good: Members, path: Path) -> None:
        raw_zip(path, [Member(n, c) for n, c in good.items() if n != name])

    return write


def _html_everywhere(content: dict) -> None:
    for fields in (content["submission"], content["model"]):
        for key in ("team", "contact", "notes", "bibtex", "summary", "licence", "citation", "group"):
            if key in fields:
                fields[key] = HTML


def _model(**fields: object) -> Callable[[Members, Path], None]:
    def change(members: Members) -> Members:
        members["metadata.json"] = _edited(members["metadata.json"], lambda c: c["model"].update(fields))
        members["run.json"] = _edited(members["run.json"], lambda c: c["model"].update(fields))
        return members

    return _replacing(change)


def _words(*words: dict, text: str | None = None) -> bytes:
    spoken = " ".join(str(word["text"]) for word in words)
    return json.dumps({"text": spoken if text is None else text, "words": list(words)}).encode()


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


FACE = np.zeros((50, 64), np.float32)
SILENCE = np.zeros(32_000, np.float32)
NAN = np.where(np.arange(50)[:, None] == 7, np.nan, FACE).astype(np.float32)
FORGED = json.dumps(
    {
        "protocol": "strict",
        "data": {"name": "x", "split": "test", "manifest": "0" * 64, "dialogues": 3},
        "metrics": {"fd": {"value": 0.0, "direction": "lower", "n_scored": 3, "n_expected": 3,
                           "signature": "FD|proto:paper|data:x-test@00000000"}},
    }
).encode()  # fmt: skip
LONG = 36_000 * 32_000

ATTACKS = [
    # The archive itself.
    Attack("zip bomb", "times its size", _member(Member("audio/z.wav", bytes(30 << 20)))),
    Attack("zip bomb of overlapping members", "shares bytes", overlapping),
    Attack("archive in an archive", "does not belong", _member(Member("text/inner.zip", b"PK\x05\x06" + bytes(18)))),
    Attack("20 001 members", "20000", masses_of_members),
    Attack("4 GiB declared", "times its size", _changed_first(declared=1 << 32)),
    Attack("traversal", 'leads out of the archive by ".."', _member(Member("../evil.json", b"{}"))),
    Attack("traversal deeper in", 'by ".."', _member(Member("text/../../evil.json", b"{}"))),
    Attack("absolute path", "absolute path", _member(Member("/etc/evil.json", b"{}"))),
    Attack("drive letter", "absolute path", _member(Member("C:/evil.json", b"{}"))),
    Attack("backslashes", 'by ".."', _member(Member("text\\..\\..\\evil.json", b"{}"))),
    Attack("NUL in a name", "control character", _member(Member("text/z.json\0.exe", b"{}"))),
    Attack("escape sequence in a name", "control character", _member(Member("text/\x1b[2Jz.json", b"{}"))),
    Attack("symbolic link", "symbolic link", _member(Member("text/z.json", b"/etc/passwd", mode=0o120777))),
    Attack("device", "device", _member(Member("text/z.json", b"", mode=0o020666))),
    Attack("hidden file", "does not belong", _member(Member(".git/hooks/post-checkout", b"#!/bin/sh"))),
    Attack("program", "does not belong", _member(Member("setup.py", b"import os"))),
    Attack("pickle", "does not belong", _member(Member("model.pkl", b"\x80\x04."))),
    Attack("encrypted", "encrypted", _changed_first(flags=0x1)),
    Attack("unusual compression", "method 14", _changed_first(method=14)),
    Attack("two names for one member", "another name in its local header", _changed_first(local_name="text/q.json")),
    Attack("same name twice", "is there 2 times", _member(Member("text/a.json", b"{}"))),
    Attack("same name but for case", "is there 2 times", case_twins),
    Attack("page in front of the archive", "does not start as a zip", _bytes(lambda zipped: b"<html></html>" + zipped)),
    Attack("page behind the archive", "stands behind its end", _bytes(lambda zipped: zipped + b"<html></html>")),
    Attack("bytes of no file", "of no file", with_gap),
    Attack("half an archive", "cut short", _bytes(lambda zipped: zipped[: len(zipped) // 2])),
    Attack("empty file", "does not start as a zip", _bytes(lambda zipped: b"")),
    Attack("a tar named zip", "does not start as a zip", _bytes(lambda zipped: b"ustar" * 200)),
    Attack("flipped byte in a member", "text/a.json", _changed_first(corrupt=True)),
    Attack("member longer than declared", "audio/a.wav", lambda good, path: raw_zip(
        path, [Member(n, c, declared=len(c) - 100 if n == "audio/a.wav" else None) for n, c in good.items()])),
    # Sums and metadata.
    Attack("another file than SHA256SUMS says", "SHA256SUMS says", lambda good, path: raw_zip(
        path, [Member(n, c + b" " if n == "text/a.json" else c) for n, c in good.items()])),
    Attack("no SHA256SUMS", "SHA256SUMS: not in the archive", _without("SHA256SUMS")),
    Attack("no metadata", "metadata.json: not in the archive", _without("metadata.json")),
    Attack("metadata with an unknown field", "Extra inputs", _metadata(lambda c: c.update(badge="reproduced"))),
    Attack("HTML in every text field", "holds markup", _metadata(_html_everywhere)),
    Attack("a script as the paper's address", "no web address",
           _metadata(lambda c: c["submission"].update(paper="javascript:alert(1)"))),
    Attack("a name that reads backwards", "invisible character",
           _metadata(lambda c: c["submission"].update(team="Lab \u202egnp.exe"))),
    Attack("endless notes", "at most 4000", _metadata(lambda c: c["submission"].update(notes="a" * 5000))),
    Attack("JSON 100 000 levels deep", "nested too deeply", _with("metadata.json", b"[" * 100_000)),
    Attack("a key twice", "is there twice", _with("metadata.json", b'{"name": "a", "name": "b"}')),
    Attack("answers to other data", "data.manifest", _metadata(lambda c: c["data"].update(manifest="0" * 64))),
    Attack("a control", "is a control", _model(kind="control")),
    Attack("a control by another kind", "is a control", _model(name="ground_truth")),
    Attack("a forged signature", "transcript", _with(
        "run.json", lambda old: _edited(old, lambda c: c.update(transcript="oracle|data:ResponseNet-test@00000000")))),
    Attack("a forged score", "proto:strict", _with("scores.strict.json", FORGED)),
    # The set of dialogues.
    Attack("wrong ids", "no dialogue of this split", _with("text/zebra.json", _words())),
    Attack("only the best dialogues", "missing: every dialogue", _replacing(
        lambda members: {n: c for n, c in members.items() if "/b." not in n})),
    Attack("failures that are nobody's", "outside the model", _with(
        "journal.jsonl", b'{"id": "a", "status": "infra_failed"}\n')),
    Attack("failed everywhere", "failed on every dialogue", _with(
        "journal.jsonl", b"".join(b'{"id": "%c", "status": "model_failed"}\n' % c for c in b"abc"))),
    # Text.
    Attack("HTML in a transcript", "holds markup", _with("text/a.json", _words(text=HTML))),
    Attack("NaN as a time", "holds NaN", _with("text/a.json", b'{"text": "a", "words": [{"text": "a", "start": NaN, '
           b'"end": 1}]}')),
    Attack("a word after the end", "the clip ends", _with("text/a.json", _words({"text": "a", "start": 1, "end": 9}))),
    Attack("a text that nobody says", "not what the words say", _with(
        "text/a.json", _words({"text": "no", "start": 0.5, "end": 1}, text="a much better answer"))),
    Attack("3 MB of text", "expected at most", _with("text/a.json", json.dumps({"text": "ab " * 1_000_000}).encode())),
    # Sound.
    Attack("10 h of silence", "times its size", hours_of_silence),
    Attack("a minute instead of 2 s", "lasts 60.000 s", _with("audio/a.wav", wav(np.tile(SILENCE, 30)))),
    Attack("a WAV that promises 10 h", "its header promises", _with("audio/a.wav", wav(SILENCE, promised=LONG))),
    Attack("NaN in the sound", "NaN or infinity", _with("audio/a.wav", wav(SILENCE * np.nan, kind=3))),
    Attack("stereo", "2 channels", _with("audio/a.wav", wav(SILENCE, channels=2))),
    Attack("4 GHz", "samples per second", _with("audio/a.wav", wav(SILENCE, rate=4_000_000_000))),
    Attack("a page behind the sound", "its header promises", _with("audio/a.wav", wav(SILENCE) + b"<html></html>")),
    Attack("a page inside the sound", "holds a chunk", _with(
        "audio/a.wav", wav(SILENCE, extra=b"<html></html>" * 900))),
    Attack("half a WAV", "its header promises", _with("audio/a.wav", lambda old: old[: len(old) // 2])),
    Attack("an OGG named WAV", "no WAV file", _with("audio/a.wav", b"OggS" + bytes(100))),
    # Faces and times.
    Attack("pickled objects", "pickled Python objects", _with("vector/a.npy", pickled_npy())),
    Attack("an array of 64 TB", "its header promises", _with("vector/a.npy", promising_npy((1 << 38, 64)))),
    Attack("NaN in a face", "NaN or infinity in frame 7", _with("vector/a.npy", _npy(NAN))),
    Attack("faces of 63 numbers", "expected (T, 64)", _with("vector/a.npy", _npy(FACE[:, :63]))),
    Attack("faces for 40 of 50 frames", "40 frames, expected 50", _with("vector/a.npy", _npy(FACE[:40]))),
    Attack("whole numbers", "expected floats", _with("vector/a.npy", _npy(FACE.astype(np.int32)))),
    Attack("an archive of arrays", "no readable .npy header", _with("vector/a.npy", _npz(face=FACE))),
    Attack("a page behind the faces", "its header promises", _with("vector/a.npy", _npy(FACE) + b"<html></html>")),
    Attack("steps of negative time", "-1 s in step 0", _with("timing/a.npz", _npz(step_seconds=np.full(50, -1.0)))),
    Attack("measurements twice", "expected one of the two", _with("timing/a.npy", _npy(np.full(50, 0.01)))),
    Attack("an array of its own in the measurements", "holds step_seconds.npy, face.npy", _with(
        "timing/a.npz", _npz(step_seconds=np.full(50, 0.01), face=FACE))),
    Attack("pickled measurements", "pickled Python objects", _with(
        "timing/a.npz", _npz(step_seconds=np.array([{}], dtype=object)))),
    Attack("measurements that contradict themselves", "no .npz", _with(
        "timing/a.npz", lambda old: old[:-14] + bytes([255] * 4) + old[-10:])),
    # Pictures.
    Attack("pictures of 16000 x 16000", "16000x16000", _with("video/a.mp4", mp4_of_giant_pictures)),
    Attack("pictures larger than announced", "its header says", _with("video/a.mp4", mp4_with_false_size)),
    Attack("30 frames a second instead of 25", "frames per second", _with("video/a.mp4", video(50, 30))),
    Attack("10 frames instead of 50", "10 frames, expected 50", _with("video/a.mp4", video(10, 25))),
    Attack("half a video", "video/a.mp4", _with("video/a.mp4", lambda old: old[: len(old) // 2])),
    Attack("a playlist named MP4", "does not start with a box ftyp", _with(
        "video/a.mp4", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")),
    Attack("a page behind the video", "box", _with("video/a.mp4", lambda old: old + b"<html></html>")),
    Attack("a box of its own in the video", "holds a box", _with(
        "video/a.mp4", lambda old: old + struct.pack(">I4s", 24, b"uuid") + bytes(16))),
]  # fmt: skip
"""Every attack, in the order of the table that ``bench_hostile_archives.py`` prints."""
