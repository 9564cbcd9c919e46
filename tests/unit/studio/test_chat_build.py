"""Chat as a data set: its order, its people, what is found to leak, and a folder that is built further."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from omnibench.errors import UsageError
from omnibench.studio.chat.building import build_chat, make, split_of
from omnibench.studio.chat.filters import Counts
from omnibench.studio.chat.leaks import held_out_grams, leaks_of, main
from omnibench.studio.chat.order import Dialogue, dialogues
from omnibench.studio.chat.people import cast, held_out_voices, leaks, people, voice_of
from omnibench.studio.events.lines import all_lines
from omnibench.studio.people import PEOPLE, STUDIO_PEOPLE, Person
from omnibench.studio.script import SCRIPTS, Line, Script, read_scripts

pytestmark = pytest.mark.needs("studio")

VERSION = "chat-v2-seed-3"


def test_nobody_who_is_scored_is_heard() -> None:
    scored = [*PEOPLE["val"], *PEOPLE["test"], *STUDIO_PEOPLE["val"], *STUDIO_PEOPLE["test"]]
    assert all(map(leaks, scored))
    assert leaks(Person("x", "af_bella+bf_emma", 1.0)), "a parent is scored"
    assert leaks(Person("x", "bf_emma+jm_kumo", 1.0)), "the same mixture the other way round"
    assert not any(map(leaks, people()))
    assert not held_out_voices() & set(map(voice_of, people()))
    assert voice_of(Person("x", "af_bella+af_sky", 0.9)) == voice_of(Person("y", "af_sky+af_bella", 1.1))
    assert len({person.id for person in people()}) == len(people()) > 50


def test_dialogues_depend_on_the_seed_and_on_nothing_else() -> None:
    counts = Counts()
    first = list(islice(dialogues(7, held_out_grams(), counts), 12))
    assert [dialogue.id for dialogue in first] == [f"chat-{number:06d}" for number in range(1, 13)]
    assert first[0].script.slug == "7-0-eco-wages-07-0", "frozen: who builds further must get the same"
    assert first[1].script.slug == "7-0-6e0e8778-ea5-0"
    assert counts.conversations["seen"] >= 2
    assert cast("7", "0", "a") == cast("7", "0", "a") != cast("7", "1", "a")
    text = "\n".join(line.text for dialogue in first for line in dialogue.script.lines)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "e145fb00c79198ee", (
        "other text needs another RECIPE (and KEPT)"
    )


def _folder(out: Path, text: str, speaker: str = "p01") -> Path:
    for role in ("speaker", "listener"):
        path = out / "train" / "text" / role / "chat-000001.json"
        path.parent.mkdir(parents=True)
        turns = [{"start": 0.5, "end": 2.0, "mood": "happy", "kind": "turn", "text": text}]
        path.write_text(json.dumps({"text": text, "words": [], "turns": turns if role == "speaker" else []}))
    entry = {
        "id": "chat-000001",
        "duration": 3600.0,
        "persons": {"speaker": speaker, "listener": "p02"},
        "sha256": {f"text/{role}/chat-000001.json": "0" * 64 for role in ("speaker", "listener")},
    }
    manifest = {"name": "chat", "version": VERSION, "splits": {"train": [entry]}}
    (out / "manifest.json").write_text(json.dumps(manifest))
    return out


SCORED = {
    "mini's val": read_scripts(splits=("val",))[0].lines[0].text,
    "mini's test": read_scripts(splits=("test",))[-1].lines[0].text,
    "studio's val": read_scripts(SCRIPTS / "studio", ("val",))[0].lines[0].text,
    "studio's test": read_scripts(SCRIPTS / "studio", ("test",))[-1].lines[0].text,
    "another answer of studio's test": "And what do they say back? Mine would only complain about the watering.",
    "a situation": max(all_lines()["answer_question"], key=len),
}


@pytest.mark.parametrize("where", SCORED)
def test_words_that_are_scored_are_found(tmp_path: Path, where: str) -> None:
    (first, *_) = leaks_of(_folder(tmp_path, f"Well, {SCORED[where]}"))
    assert "is in a held-out script" in first


def test_the_guard_says_what_was_planted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = _folder(tmp_path / "clean", "Nothing here was ever written by them.")
    leaky = _folder(tmp_path / "leaky", "Nothing here was ever written by them.", speaker="p13")
    monkeypatch.setattr("sys.argv", ["leaks", str(clean)])
    assert main() == 0
    monkeypatch.setattr("sys.argv", ["leaks", str(leaky)])
    assert main() == 6
    assert "chat-000001 speaker: p13 speaks with no voice of chat" in capsys.readouterr().out


def test_a_folder_that_holds_enough_is_left_and_what_is_not_listed_goes(tmp_path: Path) -> None:
    out = _folder(tmp_path / "chat", "Hello.")
    stray = out / "train" / "audio" / "speaker" / "chat-000002.ogg"
    stray.parent.mkdir(parents=True)
    stray.touch()
    assert build_chat(out, hours=1.0, seed=3).dialogues == 1
    assert not stray.exists()
    assert (out / "train" / "text" / "speaker" / "chat-000001.json").exists()
    with pytest.raises(UsageError, match="chat-v2-seed-3, expected chat-v2-seed-4"):
        build_chat(out, hours=1.0, seed=4)
    with pytest.raises(UsageError, match="something else"):
        build_chat(tmp_path, hours=1.0, seed=3)


def test_a_training_has_something_to_watch() -> None:
    assert [number for number in range(1, 45) if split_of(f"chat-{number:06d}") == "val"] == [2, 22, 42]


def test_targets_are_the_plan_of_each_line(tmp_path: Path) -> None:
    from omnibench.studio.chat.targets import read_targets

    lines = (Line("speaker", "happy", "Hello there, friend."), Line("listener", "neutral", "[nod]", after_word=2))
    script = Script("slug", "talk", "happy", "train", lines)
    entry = make(Dialogue("chat-000001", script, cast("a")), tmp_path, targets_only=True)
    assert set(entry["sha256"]) == {
        "text/speaker/chat-000001.json", "text/listener/chat-000001.json", "targets/both/chat-000001.npz",
    }  # fmt: skip
    (line,) = read_targets(tmp_path / "chat-000001" / "targets" / "both" / "chat-000001.npz")
    assert (line["role"], line["text"]) == ("speaker", "Hello there, friend.")
    assert len(line["frames"]) == len(line["phonemes"]) + 2
    assert len(line["pitch"]) == len(line["energy"]) == 2 * line["frames"].sum()
    assert 60 < np.max(line["pitch"]) < 500
