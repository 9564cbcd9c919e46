"""Metrics called on strings, arrays and files: the score stage's numbers, and messages that say what was expected."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError, MetricError, UsageError
from omnibench.features.media import listener_media
from omnibench.metrics.direct import metric
from omnibench.metrics.signature import SEPARATOR
from omnibench.predictions.folder import Predictions
from omnibench.scoring.measuring import score_predictions
from omnibench.types import Dialogue, Word

PARTS = {"text": "text", "audio": "audio", "vector": "vector", "video": "video"}
FACE = np.random.default_rng(0).normal(size=(50, 64))


@pytest.fixture(scope="module")
def answers(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everybody answers what the next human listener does."""
    folder = tmp_path_factory.mktemp("answers")
    for part in PARTS:
        (folder / part).mkdir()
        for mine, other in zip("abc", "bca", strict=True):
            (source,) = (synthetic / "test" / part / "listener").glob(f"{other}.*")
            shutil.copy(source, folder / part / f"{mine}{source.suffix}")
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def whole(folder: Path, reference: Dialogue) -> dict[str, Any]:
    return {
        "text": folder / "text" / f"{reference.id}.json",
        "words": folder / "text" / f"{reference.id}.json",
        "face": folder / "vector" / f"{reference.id}.npy",
        "audio": folder / "audio" / f"{reference.id}.wav",
        "video": folder / "video" / f"{reference.id}.mp4",
    }


def arrays(folder: Path, reference: Dialogue) -> dict[str, Any]:
    answer = Predictions(folder).sample(reference.id)
    return {"text": answer.text, "words": answer.words, "face": answer.face, "audio": answer.audio,
            "video": str(folder / "video" / f"{reference.id}.mp4")}  # fmt: skip


def told(reference: Dialogue) -> dict[str, Any]:
    listener, speaker = reference.listener, reference.speaker
    return {
        "text": listener.text,
        "words": list(listener.words),
        "face": listener.face(),
        "audio": (listener.audio(), reference.sample_rate),
        "video": listener_media(reference).video_path,
        "speaker": {"words": list(speaker.words)},
        "seconds": reference.duration,
    }


MEASURED = (
    *("meteor", "rouge_l", "distinct_2", "bertscore_minilm", "fd", "fd_delta", "nod_rate", "lip_lag", "dnsmos"),
    *("talk_ratio", "answered_2s", "floor_transfer_offset", "false_speech", "gap_rate", "fvd_mini", "lse_d_mini"),
)


@pytest.mark.parametrize("given", [whole, arrays])
@pytest.mark.parametrize("asked", [lambda reference: reference, told], ids=["data set", "told"])
def test_the_number_is_that_of_the_score_stage(
    answers: Path,
    synthetic: Path,
    given: Callable[[Path, Dialogue], Any],
    asked: Callable[[Dialogue], Any],
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMNIBENCH_CACHE", str(cache))
    data = open_dataset(str(synthetic))
    scores = score_predictions(answers, data, "test", "offline", MEASURED, write=False)
    references = [data.dialogue("test", name) for name in data.ids("test")]
    compared = 0
    for name in MEASURED:
        entry = scores.metrics[name]
        call = metric(name, "offline")
        pairs = [given(answers, one) for one in references], [asked(one) for one in references]
        if not hasattr(entry, "value"):
            with pytest.raises((MetricError, InputError)):
                call(*pairs, fps=25)
            continue
        found = call(*pairs, fps=25)
        if name == "fvd_mini" and asked is told:
            # Its windows are drawn from the dialogues' names, which nobody told.
            assert found.value > 0
            continue
        assert found.value == pytest.approx(entry.value, rel=1e-9), name
        own, theirs = ({*one.split(SEPARATOR)[0].split("|")} for one in (found.signature, entry.signature))
        assert own - theirs == {"data:none"}
        compared += 1
    assert compared >= 10


def test_strings_score_and_say_that_there_is_no_data_set() -> None:
    found = metric("meteor")(["the cat sat on the mat", ""], ["on the mat sat the cat", "yes"])
    assert found.values == (pytest.approx(0.5), 0.0)
    assert float(found) == found.value == pytest.approx(0.25)
    assert found.signature.startswith("METEOR|proto:strict|alpha:0.9|")
    assert "|data:none || cov:2/2|v:" in found.signature
    assert str(found) == "METEOR = 0.25 (2 pairs)"
    assert metric("meteor", "paper")(["the cat", ""], ["the cat", "yes"]).values[1] is None


def test_one_string_is_one_answer_and_silence_of_the_human_is_left_out() -> None:
    assert metric("rouge_l")("testing one", "testing one two").value == pytest.approx(0.8)
    found = metric("rouge_l")(["testing one", "hm"], ["testing one two", " "])
    assert found.values == (pytest.approx(0.8), None)
    assert "cov:1/2" in found.signature
    with pytest.raises(MetricError, match="says nothing in any of these pairs"):
        metric("rouge_l")("hm", "")


def test_some_metrics_look_at_answers_alone() -> None:
    assert metric("distinct_2")(["a b a b"]).value == pytest.approx(2 / 3)
    assert metric("nod_rate")(FACE, fps=25).value >= 0
    assert metric("step_p50")([np.full(9, 0.01)]).value == pytest.approx(10, rel=0.02)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: metric("meteorr"), UsageError, 'Did you mean "meteor"'),
        (lambda: metric("dnsmos", "strict"), UsageError, "does not hold dnsmos; these do: offline"),
        (lambda: metric("meteor")(["a"], ["b", "c"]), UsageError, "1 answers and 2 references; expected as many"),
        (lambda: metric("meteor")([], []), UsageError, "one at least"),
        (lambda: metric("meteor")(3, 4), InputError, "of the type int; expected a list"),
        (lambda: metric("meteor")([3], ["b"]), InputError, "answer 0: of the type int; expected text: a string"),
        (lambda: metric("meteor")(["a"]), InputError, "reference 0: no text; expected a string"),
        (lambda: metric("meteor")([Path("no.txt")], ["b"]), InputError, "answer 0: no.txt: no such file"),
        (
            lambda: metric("fd")([FACE[:, :5]], [FACE]),
            InputError,
            r"answer 0: float64 of shape \(50, 5\); expected floats",
        ),
        (lambda: metric("fd")([FACE], ["words"]), InputError, r"reference 0: no face; expected an array \(T, 64\)"),
        (lambda: metric("fd")([FACE[:1]], [FACE]), InputError, "pair 0: prediction: 1 face frames, at least 2"),
        (lambda: metric("nod_rate")([FACE]), InputError, "say them with fps=25"),
        (lambda: metric("dnsmos")([(np.zeros(9, np.int16), 9)], ["a"]), InputError, "int16 of shape .* floats in"),
        (lambda: metric("lip_lag")([{"face": FACE}], ["a"], fps=25), InputError, "holds face; expected audio"),
        (lambda: metric("fd")([{"faces": FACE}], [FACE]), InputError, 'no part is called "faces"'),
        (
            lambda: metric("fd")([{"face": [Word("a", 0, 1)]}], [FACE]),
            InputError,
            "face: holds words; expected an array",
        ),
        (lambda: metric("gap_rate")([[Word("a", 0, 1)]], [{"words": []}], fps=25), InputError, "speaker: no words"),
        (lambda: metric("late_frames")([np.full(9, 0.1)]), MetricError, "no journal.jsonl says"),
    ],
)
def test_a_mistake_says_what_was_expected(call: Callable[[], object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        call()
