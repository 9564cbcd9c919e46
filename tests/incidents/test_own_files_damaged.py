"""Files of our own that a full disk, a broken copy or an editor had damaged ended commands with a traceback.

Somebody's ``scores.json`` had lost a key, a journal's line an id; a ``statistics.npz`` was half there, a ``.npy``
header no Python literal. Every reader says now in one sentence what is wrong with which file, and exits with 4.
"""

from __future__ import annotations

import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnibench.cli import main

Damage = Callable[[Path], object]
Captured = pytest.CaptureFixture[str]


def field(*place: str | int, to: Any = None) -> Damage:
    """Set a field of a JSON file, or of the first line of one with many; None takes it out."""

    def damage(path: Path) -> None:
        first, newline, rest = path.read_text().partition("\n" if path.suffix == ".jsonl" else "\0")
        document = inside = json.loads(first)
        for step in place[:-1]:
            inside = inside[step]
        if to is None:
            del inside[place[-1]]
        else:
            inside[place[-1]] = to
        path.write_text(json.dumps(document) + newline + rest)

    return damage


def content(text: bytes) -> Damage:
    """Another content; a whole line where lines are read."""
    return lambda path: path.write_bytes(text + b"\n")


def cut(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def cut_line(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40] + b"\n")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def rotten(path: Path) -> None:
    """Bytes of the first member's data are others."""
    whole = bytearray(path.read_bytes())
    whole[120:130] = bytes(byte ^ 0xFF for byte in whole[120:130])
    path.write_bytes(whole)


def strange_method(path: Path) -> None:
    """A way of compression that nobody knows, in both of the zip file's lists."""
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0].header_offset
    whole[first + 8 : first + 10] = struct.pack("<H", 77)
    directory = whole.index(b"PK\x01\x02")
    whole[directory + 10 : directory + 12] = struct.pack("<H", 77)
    path.write_bytes(whole)


def header(text: str) -> Damage:
    """An ``.npy`` file whose header is this text."""
    line = text.encode() + b"\n"
    return lambda path: path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(line)) + line + bytes(800))


NOT_JSON: tuple[tuple[str, Damage, str], ...] = (
    ("NaN", content(b'{"a": NaN}'), ""),
    ("not UTF-8", content(b'{"a": "\xff"}'), ""),
    ("half a character", content(b'{"a": "\\ud800"}'), ""),
    ("empty", content(b""), ""),
    ("a list", content(b"[]"), ""),
    ("nested", content(b"[" * 100_000), ""),
    ("a long number", content(b'{"a": ' + b"9" * 5000 + b"}"), ""),
    ("a folder", a_folder, "not readable"),
)
RUN = (
    ("cut", cut, "no complete JSON"),
    ("no card", field("model", to=0.5), 'field "model": 0.5, expected an object'),
    ("no list", field("model", "trained_on", to=1), 'field "model.trained_on": 1, expected a list'),
    ("no number", field("timings", "seconds", to="x"), 'field "timings.seconds"'),
    ("too large", content(b'{"seed": 1e400}'), "the number 1e400 is too large"),
)
JOURNAL = (
    ("no string", field("id", to=[]), 'field "id"'),
    ("no status", field("status", to="done"), 'field "status": "done", expected'),
    ("a count below 0", field("late", "face", to=-1), 'field "late.face"'),
    ("a line cut", cut_line, "journal.jsonl:1: no complete JSON"),
)
SCORES = (
    ("cut", cut, "no complete JSON"),
    ("no data", field("data", to={}), 'field "data.name": missing'),
    ("no interval", field("metrics", "rouge_l", "interval", to=3), "rouge_l.interval"),
    ("no value", field("metrics", "rouge_l", "value", to=[]), 'field "metrics.rouge_l.value"'),
    ("no status", field("metrics", "rouge_l", "value"), 'field "metrics.rouge_l.status": missing'),
    ("a reason that is none", field("metrics", "rouge_l", to={"status": "done", "reason": 1}), "rouge_l.status"),
    ("another version", field("schema_version", to=2), "schema_version"),
    ("infinite", content(b'{"protocol": 1e999}'), "the number 1e999 is too large"),
)
SAMPLES = (
    ("a line cut", cut_line, "samples.jsonl:1: no complete JSON"),
    ("no object", field("metrics", to="x"), 'field "metrics"'),
    ("no id", field("id"), 'field "id": missing'),
    ("no status", field("metrics", "fd", "status"), 'field "metrics.fd.status": missing'),
    ("no numbers", field("metrics", "fd", "statistics", to={"count": "NaN"}), "fd.statistics.count"),
)
ARCHIVES = (
    ("cut", cut, "not readable as .npz"),
    ("empty", content(b""), "not readable as .npz"),
    ("rotten", rotten, "not readable as .npz"),
    ("another method", strange_method, "not readable as .npz"),
    ("a folder", a_folder, "not readable as .npz"),
    ("text", lambda path: np.savez(path, **{"fd/a/count": np.array("x")}), "is not of a dialogue"),
    ("nobody's", lambda path: np.savez(path, **{"fd/nobody/count": np.zeros(3)}), "is not of a dialogue"),
    ("a name alone", lambda path: np.savez(path, fd=np.zeros(3)), "is not of a dialogue"),
)
ARRAYS = (
    ("cut", cut, "not readable as a NumPy array"),
    ("no literal", header("{'descr': <f4}"), "not readable as a NumPy array"),
    ("half a literal", header("{'descr': ('''"), "not readable as a NumPy array"),
    ("a list", header("[1, 2]"), "not readable as a NumPy array"),
    ("nested", header("(" * 3000), "not readable as a NumPy array"),
    ("huge", header("{'descr': '<f4', 'fortran_order': False, 'shape': (10**30, 64)}"), "NumPy array"),
    ("large", header(f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({2**60}, 64), }}"), "NumPy array"),
    ("no floats", lambda path: np.save(path, np.zeros((9, 64), "M8[s]")), "expected (T, 64)"),
    ("a folder", a_folder, "not readable as a NumPy array"),
)


@pytest.fixture(scope="module")
def whole(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scored runs."""
    root = tmp_path_factory.mktemp("whole")
    for model in ("parrot", "frozen"):
        options = ["--data", str(synthetic), "--out", str(root / model), "--workers", "0", "--protocol", "strict"]
        assert main(["run", "--model", model, *options, "--no-score", "--no-video"]) == 0
        assert main(["score", str(root / model), "--metrics", "rouge_l,fd", "--allow-partial"]) == 0
    return root


@pytest.fixture
def answers(runs: Path) -> Path:
    """A folder of files that no journal vouches for, not scored yet."""
    run = runs / "parrot"
    for path in [*run.glob("*.jsonl"), *run.glob("scores*.json")]:
        path.unlink()
    return run


@pytest.fixture
def runs(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "runs"))


def refused(capsys: Captured, file: Path, says: str, *command: str) -> None:
    """Exit 4 with one line that names the file and what is wrong with it."""
    capsys.readouterr()
    assert main(list(command)) == 4, command
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("omnibench: ")
    assert str(file) in said, said
    assert says in said, said
    assert len(said) < 800


def named(*cases: tuple[str, Damage, str]) -> Any:
    return pytest.mark.parametrize(("damage", "says"), [pytest.param(d, s, id=name) for name, d, s in cases])


@named(*RUN, *NOT_JSON)
def test_a_damaged_run_json(runs: Path, damage: Damage, says: str, capsys: Captured, synthetic: Path) -> None:
    run = runs / "parrot"
    damage(run / "run.json")
    options = ["--data", str(synthetic), "--out", str(run), "--workers", "0", "--no-video"]
    for command in (
        ["score", str(run), "--metrics", "rouge_l"],
        ["report", str(run), "--out", str(runs / "report.html"), "--media", "none"],
        ["table", "2", "--runs", str(runs)],
        ["leaderboard", "build", "--runs", str(runs), "--out", str(runs / "site")],
        ["run", "--model", "parrot", *options],
    ):
        refused(capsys, run / "run.json", says, *command)


@named(*JOURNAL, *NOT_JSON)
def test_a_damaged_journal(runs: Path, damage: Damage, says: str, capsys: Captured) -> None:
    run = runs / "parrot"
    damage(run / "journal.jsonl")
    for command in (
        ["score", str(run), "--metrics", "rouge_l"],
        ["report", str(run), "--out", str(runs / "report.html"), "--media", "none"],
    ):
        refused(capsys, run / "journal.jsonl", says, *command)


@named(*SCORES, *NOT_JSON)
def test_damaged_scores(runs: Path, damage: Damage, says: str, capsys: Captured) -> None:
    run = runs / "parrot"
    damage(run / "scores.json")
    for command in (
        ["table", "2", "--runs", str(runs)],
        ["table", "2", "--runs", str(runs), "--format", "csv"],
        ["compare", str(run), str(runs / "frozen")],
        ["leaderboard", "build", "--runs", str(runs), "--out", str(runs / "site")],
    ):
        refused(capsys, run / "scores.json", says, *command)


@named(*SAMPLES, *NOT_JSON)
def test_damaged_samples(runs: Path, damage: Damage, says: str, capsys: Captured) -> None:
    run = runs / "parrot"
    damage(run / "samples.jsonl")
    for command in (
        ["compare", str(run), str(runs / "frozen")],
        ["report", str(run), "--out", str(runs / "report.html"), "--media", "none"],
        ["leaderboard", "build", "--runs", str(runs), "--out", str(runs / "site")],
    ):
        refused(capsys, run / "samples.jsonl", says, *command)


@named(*ARCHIVES)
def test_damaged_statistics(runs: Path, damage: Damage, says: str, capsys: Captured) -> None:
    run = runs / "parrot"
    damage(run / "statistics.npz")
    refused(capsys, run / "statistics.npz", says, "compare", str(run), str(runs / "frozen"))


@named(*ARRAYS)
def test_a_damaged_vector_costs_its_dialogue(answers: Path, damage: Damage, says: str) -> None:
    damage(answers / "vector" / "a.npy")
    assert main(["score", str(answers), "--metrics", "fd"]) == 5
    first = json.loads((answers / "samples.jsonl").read_text().splitlines()[0])
    assert first["status"] in ("metric_failed", "infra_failed")
    if not (answers / "vector" / "a.npy").is_dir():
        assert "a.npy" in first["reason"]
        assert says in first["reason"]


@named(*[case for case in ARCHIVES if "is not of" not in case[2] and case[0] != "a folder"])
def test_a_damaged_timing_costs_its_dialogue(answers: Path, damage: Damage, says: str) -> None:
    damage(answers / "timing" / "a.npz")
    assert main(["score", str(answers), "--metrics", "rtf"]) == 5
    first = json.loads((answers / "samples.jsonl").read_text().splitlines()[0])
    assert "a.npz" in first["reason"]
    assert says in first["reason"]


@pytest.mark.parametrize("words", ["[1]", '[{"text": "a"}]', '[{"text": "a", "start": 1e308, "end": 1e309}]', "{}"])
def test_damaged_words_cost_their_dialogue(answers: Path, words: str) -> None:
    (answers / "text" / "a.json").write_text(f'{{"text": "a", "words": {words}}}')
    assert main(["score", str(answers), "--metrics", "talk_ratio"]) in (0, 5)
    first = json.loads((answers / "samples.jsonl").read_text().splitlines()[0])
    assert words == "{}" or "a.json" in first["reason"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"splits": {"test": [{"id": "a", "fps": Infinity}]}}',
        '{"splits": {"test": [{"id": "a", "fps": 1e400}]}}',
        '{"splits": {"test": [{"id": "a", "fps": "1e999999999"}]}}',
        '{"splits": {"test": [{"id": "\\ud800"}]}}',
        '{"splits": {"test": [{"id": "a\\u0000b"}]}}',
        '{"splits": {"test": [{"id": "a", "sample_rate": 1e9}]}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_manifest_of_a_data_set(synthetic: Path, tmp_path: Path, text: str, capsys: Captured) -> None:
    root = Path(shutil.copytree(synthetic, tmp_path / "data"))
    (root / "manifest.json").write_text(text)
    refused(capsys, root / "manifest.json", "", "data", "stats", str(root))


def test_statistics_that_lack_a_part_are_no_bug_of_ours(runs: Path, capsys: Captured) -> None:
    """Each file is one, and together they do not make a distance."""
    run = runs / "parrot"
    field("metrics", "fd", "statistics", "reference_count")(run / "samples.jsonl")
    refused(capsys, run, "of fd is not what it is made of", "compare", str(run), str(runs / "frozen"))
