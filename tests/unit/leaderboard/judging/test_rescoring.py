"""What a re-scored entry says of others: of what was sent, of the human listeners, of entries that are the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from entry_factory import MANIFEST, entry_document, write_entry_folder

from leaderboard.entry.entries import Stored
from leaderboard.entry.schema import Entry, ProtocolScores
from leaderboard.judging.cautions import better_than_ground_truth, differing, duplicate_flags, unconfirmed
from leaderboard.judging.fingerprints import fingerprint
from leaderboard.judging.rescoring import reproduced
from omnibench.errors import MismatchError

INTERVAL = {"low": 1.2, "high": 1.8, "method": "of the tests"}
SAID = "well I think we should go home now"


def scores(value: float | None, **more: Any) -> dict[Any, ProtocolScores]:
    """Scores under strict with one metric, without a value where it is None."""
    document = entry_document()["scores"]["strict"]
    metric = {**document["metrics"]["fd"], "value": value, **more}
    if value is None:
        metric = {"status": "unavailable", "reason": "no network"}
    return {"strict": ProtocolScores.model_validate({**document, "scored_by": "project", "metrics": {"fd": metric}})}


def rescored() -> Entry:
    document = entry_document(badge="re-scored")
    document["scores"] = {"strict": scores(1.5, interval=INTERVAL)["strict"].model_dump(mode="json")}
    document["verification"] = {"by": "a", "date": "2026-11-23", "omnibench": "0", "checks": {}, "confinement": []}
    return Entry.model_validate(document)


def test_answers_made_again_within_the_interval_reproduce() -> None:
    entry = reproduced(rescored(), scores(1.79), "12" * 32)
    assert entry.badge == "reproduced"
    assert entry.verification is not None
    assert entry.verification.reproduction_sha256 == "12" * 32


@pytest.mark.parametrize(("again", "said"), [(1.9, "fd is 1.9, expected 1.2 to 1.8"), (None, "fd has no value")])
def test_others_do_not(again: float | None, said: str) -> None:
    with pytest.raises(MismatchError, match=said):
        reproduced(rescored(), scores(again), "12" * 32)


def test_sent_numbers_are_compared() -> None:
    assert differing(scores(1.5), scores(1.5000001)) == []
    found = differing(scores(1.5), scores(1.6))
    assert [(item.metric, item.sent, item.found) for item in found] == [("fd", 1.5, 1.6)]
    assert unconfirmed(scores(1.5), scores(None)) == ["fd under strict"]
    assert unconfirmed(scores(None), scores(1.5)) == []


def control(folder: Path, name: str = "fd", **more: Any) -> Stored:
    document = rescored().model_dump(mode="json")
    document["model"] |= {"name": "ground_truth", "kind": "control"}
    metrics = document["scores"]["strict"]["metrics"]
    metrics[name] = metrics.pop("fd") | more
    return Stored(folder, Entry.model_validate(document))


def test_nobody_is_better_than_the_human_listeners_unnoticed(tmp_path: Path) -> None:
    flags, said = better_than_ground_truth(scores(1.1), [control(tmp_path)])
    assert (len(flags), said) == (1, "checked")
    assert "fd under strict is 1.1, the human listeners' 1.5" in flags[0].message
    assert better_than_ground_truth(scores(1.3), [control(tmp_path)]) == ([], "checked")
    flags, said = better_than_ground_truth(scores(1.1), [])
    assert flags == []
    assert said.startswith("no scores of the control")
    other = control(tmp_path, signature=f"FD|proto:strict|root:other|data:x-test@{MANIFEST[:8]}")
    assert better_than_ground_truth(scores(1.1), [other])[1].startswith("no scores of the control")


def test_a_recording_has_no_step_time_to_beat(tmp_path: Path) -> None:
    (mine,) = scores(1.1).values()
    quick = {"strict": mine.model_copy(update={"metrics": {"rtf": mine.metrics["fd"]}})}
    assert better_than_ground_truth(quick, [control(tmp_path, "rtf")])[0] == []


def prints(*texts: str) -> dict[str, Any]:
    rng = np.random.default_rng(sum(map(len, texts)))
    dialogues = {f"d{i}": fingerprint(text, None, rng.normal(size=(5, 64))) for i, text in enumerate(texts)}
    return {"schema_version": 1, "manifest": MANIFEST, "dialogues": dialogues}


def test_the_same_words_in_half_of_the_dialogues_are_a_duplicate(tmp_path: Path) -> None:
    folder = write_entry_folder(tmp_path, entry_document(id="2026-11-22_other"))
    (folder / "fingerprints.json").write_text(json.dumps(prints(SAID, "something else than all the others said", "x")))
    others = [Stored(folder, Entry.model_validate(entry_document(id="2026-11-22_other")))]
    mine = prints(SAID.upper(), "nothing of this was ever heard before by us")
    flags = duplicate_flags("2026-11-22_mine", mine, others)
    assert [(flag.kind, flag.dialogues) for flag in flags] == [("duplicate_entry", ["d0"])]
    assert "2026-11-22_other in 1 of 2 dialogues" in flags[0].message
    assert duplicate_flags("2026-11-22_other", mine, others) == []
    assert duplicate_flags("2026-11-22_mine", prints("a b c d e f", "no", "yes I do"), others) == []
