from __future__ import annotations

import json
from pathlib import Path

import pytest
from data_factory import write_dataset, write_words

from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.datasets.stats import as_json, as_text, durations, frequent_words, gather, topics
from omnibench.datasets.stats_plots import write_plots
from omnibench.types import Word


def said(path: Path, text: str) -> None:
    write_words(path, [Word(word, 0.1 * i, 0.1 * i + 0.1) for i, word in enumerate(text.split())])


@pytest.fixture
def data(tmp_path: Path) -> ResponseNetFolder:
    people = {i: {"speaker": "p", "listener": "q"} for i in ("a", "b")}
    root = write_dataset(tmp_path, "test", ids=("a",), seconds=2, persons=people)
    write_dataset(tmp_path, "train", ids=("b",), seconds=4, persons=people)
    said(root / "test/text/speaker/a.json", "The market, the market!")
    said(root / "test/text/listener/a.json", "")
    said(root / "train/text/speaker/b.json", "My Family's school market")
    said(root / "train/text/listener/b.json", "Mm-hm. School?")
    return ResponseNetFolder(root)


def test_lengths_and_words_are_counted_by_split_and_role(data: ResponseNetFolder) -> None:
    train, test = gather(data, data.splits(), lambda _: None)
    assert (train.name, train.dialogues, train.seconds) == ("train", 1, [4.0])
    assert (test.name, test.seconds) == ("test", [2.0])
    assert (test.words["speaker"].total, test.words["speaker"].counts) == (4, {"the": 2, "market": 2})
    assert (test.words["listener"].total, test.words["listener"].dialogues) == (0, 0)
    assert frequent_words([train, test], 3) == [("market", 3), ("school", 2), ("family's", 1)]


def test_durations_are_mean_median_min_max_and_hours() -> None:
    assert durations([1.0, 2.0, 9.0]) == {"mean": 4.0, "median": 2.0, "min": 1.0, "max": 9.0, "hours": 12 / 3600}
    assert durations([]) == {}


def test_a_length_nobody_knows_is_named_and_leaves_no_number(tmp_path: Path) -> None:
    data = ResponseNetFolder(write_dataset(tmp_path, ids=("x",), modalities=("text", "vector")))
    (split,) = gather(data, ("test",), lambda _: None)
    assert split.seconds == []
    assert "x: no video" in split.unknown["x"]
    content = as_json("n", "v", [split])
    assert content["seconds"] == {}
    assert list(content["splits"][0]["length_unknown"]) == ["x"]
    assert "length unknown: Dialogue x" in as_text("n", "v", [split])


def test_the_papers_table_5_stands_beside_ours(data: ResponseNetFolder) -> None:
    text = as_text("mine", "v1", gather(data, data.splits(), lambda _: None))
    lines = [line.split() for line in text.splitlines()]
    assert lines_of(lines, "train")[:6] == ["ResponseNet", "(paper)", "train", "417", "59.9", "%"]
    assert lines_of(lines, "val")[:6] == ["ResponseNet", "(paper)", "val", "139", "20.0", "%"]
    assert lines_of(lines, "test")[:6] == ["ResponseNet", "(paper)", "test", "140", "20.1", "%"]
    whole = lines_of(lines, "all")
    assert whole == ["ResponseNet", "(paper)", "all", "696", "100.0", "%", "14.2", "73.39", "55.66", "27.13", "863.13"]


def lines_of(lines: list[list[str]], split: str) -> list[str]:
    return next(line for line in lines if line[:3] == ["ResponseNet", "(paper)", split])


def test_topics_come_from_the_manifest(data: ResponseNetFolder) -> None:
    splits = gather(data, data.splits(), lambda _: None)
    assert topics(splits) == []
    splits[0].topics.update(["teaching", "news", "teaching"])
    assert topics(splits) == [("teaching", 2), ("news", 1)]


def test_turns_are_counted_by_hand(data: ResponseNetFolder) -> None:
    def turn(start: float, end: float, text: str, kind: str = "turn") -> dict[str, object]:
        return {"start": start, "end": end, "kind": kind, "text": text}

    sides = {
        "speaker": [turn(0, 1, "Did you see the market?"), turn(2.0, 3.5, "Did you see that, really?")],
        "listener": [turn(0.5, 0.75, "Mm-hm.", "backchannel"), turn(1.5, 2.5, "No."), turn(3, 3.1, "[nod]", "nod")],
    }
    assert data.root is not None
    for role, turns in sides.items():
        path = data.root / "train/text" / role / "b.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "turns": turns}))
    manifest = data.root / "manifest.json"
    listed = json.loads(manifest.read_text())
    listed["splits"]["train"][0]["difficulty"] = {"overlap": 0.1, "level": "hard"}
    manifest.write_text(json.dumps(listed))
    again = ResponseNetFolder(data.root)
    splits = gather(again, again.splits(), lambda _: None)
    assert splits[0].turns.document() == {
        "dialogues": 1,
        "turns_a_minute": 3 / (4 / 60),
        "backchannels_a_minute": 1 / (4 / 60),
        "nods_a_minute": 1 / (4 / 60),
        "both_talk": 0.75 / 4,
        "gap_median_s": 0.0,
        "transfers_overlapped": 0.5,
        "openings_repeated": 1.0,
        "phrases_repeated": 0.0,
    }
    assert splits[1].turns.document() == {}
    content = as_json("n", "v", splits)["splits"][0]
    assert (content["people"], content["difficulty"]) == ({"all": 2, "speaker": 1, "listener": 1}, {"hard": 1})
    assert "hard 1" in as_text("n", "v", splits)


def test_the_cards_topics_stand_below_ours(data: ResponseNetFolder) -> None:
    splits = gather(data, data.splits(), lambda _: None)
    splits[0].topics.update(["teaching"])
    assert "economic_interview 61.6 %, intimate_conversation 29.0 %, others 9.4 %" in as_text("n", "v", splits)


def test_plots_are_png_and_the_same_every_time(data: ResponseNetFolder, tmp_path: Path) -> None:
    splits = gather(data, data.splits(), lambda _: None)
    splits[0].topics.update(["teaching"])
    first = write_plots(tmp_path / "one", "mine", splits)
    second = write_plots(tmp_path / "two", "mine", splits)
    assert [path.name for path in first] == ["durations.png", "topics.png", "words.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in first)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
