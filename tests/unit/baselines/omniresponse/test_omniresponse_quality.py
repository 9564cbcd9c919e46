"""The quality report: ranking under a small model, figures that exist or say why, and the folder it writes."""

import json
import shutil
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from data_factory import write_dataset
from omniresponse_factory import ToneCodec, small_model, small_tokenizer

from baselines.omniresponse.network.checkpoint import Checkpoint, Provenance
from baselines.omniresponse.quality.__main__ import quality
from baselines.omniresponse.quality.behaviour import METRICS, HumanListener, behaviour
from baselines.omniresponse.quality.document import to_json, to_markdown
from baselines.omniresponse.quality.figures import Figure, resampled
from baselines.omniresponse.quality.gather import gather, speed
from baselines.omniresponse.quality.hearing import round_trip
from baselines.omniresponse.quality.ranking import (
    Mute,
    Place,
    Reply,
    ReplyScorer,
    distractors_of,
    place_of_first,
    rank_replies,
    ranking,
    replies_of,
)
from baselines.omniresponse.training.corpus import Notation, Side, load_sides
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.metrics.base import Parameters
from omnibench.predictions.folder import Predictions
from omnibench.system.command_line import run_command
from omnibench.types import Word

PARAMETERS = Parameters(
    "strict",
    {
        "pause": 0.5,
        "backchannel_seconds": 0.2,
        "backchannel_words": 1,
        "longest": 5.0,
        "lead": 1.0,
        "within": 2.0,
        "hesitation": 0.15,
        "shifts": 50,
        "patience": 2.0,
        "least_speech": 0.3,
    },
)
BEHAVIOUR = {metric.spec.name: PARAMETERS for metric in METRICS}


@pytest.fixture(scope="module")
def dozen(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Twelve 3 s dialogues; the speaker talks in the first half, the listener answers in the second."""
    ids = [f"d{i:02d}" for i in range(12)]
    root = write_dataset(
        tmp_path_factory.mktemp("dozen"),
        split="val",
        ids=ids,
        seconds=3,
        modalities=("audio", "vector", "text", "video"),
    )
    return open_dataset(str(root))


@pytest.fixture(scope="module")
def sides(dozen: DataSet, tmp_path_factory: pytest.TempPathFactory) -> list[Side]:
    model, cache = small_model(), tmp_path_factory.mktemp("sounds")
    seconds = model.articulation.seconds.numpy()
    return load_sides(dozen, "val", Notation(small_tokenizer(), ToneCodec(), model.settings, seconds, cache))


@pytest.fixture(scope="module")
def replies(dozen: DataSet) -> list[Reply]:
    return [reply for name in dozen.ids("val") for reply in replies_of(dozen.dialogue("val", name), PARAMETERS)]


def test_replies_are_the_turns_that_answer_and_are_timed_from_their_own_start(
    dozen: DataSet, replies: list[Reply]
) -> None:
    assert [reply.dialogue for reply in replies] == list(dozen.ids("val"))
    for reply in replies:
        listener = dozen.dialogue("val", reply.dialogue).listener
        assert reply.words[0].start == 0.0
        assert reply.text == listener.text
        assert reply.start + reply.words[-1].end == pytest.approx(listener.words[-1].end)


def test_distractors_are_all_replies_of_other_dialogues_with_other_words(replies: list[Reply]) -> None:
    for true in range(len(replies)):
        others = distractors_of(replies, true)
        texts = [replies[i].text.lower() for i in (true, *others)]
        assert len(texts) == len(set(texts)) == len(replies)
        assert replies[true].dialogue not in {replies[i].dialogue for i in others}
    twice = [*replies, replace(replies[0], dialogue="copy"), replace(replies[3], dialogue="copy")]
    assert distractors_of(twice, 0) == list(range(1, len(replies)))


def test_places_are_reproducible_and_lie_between_first_and_last(sides: list[Side], replies: list[Reply]) -> None:
    scorer = ReplyScorer(small_model(), small_tokenizer(), sides, ToneCodec.token_rate)
    fps = {side.dialogue: side.fps for side in sides}
    first, again = (rank_replies(scorer, replies, fps) for _ in range(2))
    assert first == again
    assert len(first) == len(replies)
    assert all(1 <= place.rank <= 10 and 0 <= place.first <= 1 for p in first for place in (p.likelihood, p.gain))
    figures = {figure.name: figure for figure in ranking(first)}
    assert figures["true reply ranks first, by likelihood"].chance == 0.1
    assert figures["mean rank of the true reply, by gain over the lead-in"].count == len(replies)


def test_a_score_reads_nothing_of_the_dialogue_from_the_reply_on(sides: list[Side], replies: list[Reply]) -> None:
    reply, side = replies[0], sides[0]
    assert side.role == "listener"
    frame = int(reply.start * side.fps)
    track = side.track
    changed = {name: getattr(track, name).copy() for name in ("listener", "speaker", "own", "heard")}
    for values in changed.values():
        values[frame:] = values[:1]
    later = replace(side, track=replace(track, **changed))
    scores = []
    for variant in (side, later):
        scorer = ReplyScorer(small_model(), small_tokenizer(), [variant], ToneCodec.token_rate)
        context = scorer.contexts(reply.dialogue, reply.start)
        assert context is not None
        scores.append(scorer.score(context[0], scorer.tokens(reply, side.fps)))
    assert scores[0] == scores[1]


def test_the_model_prefers_the_word_that_it_would_say_itself(sides: list[Side], replies: list[Reply]) -> None:
    tokenizer, model = small_tokenizer(), small_model()
    scorer = ReplyScorer(model, tokenizer, sides, ToneCodec.token_rate)
    context = scorer.contexts(replies[0].dialogue, replies[0].start)
    assert context is not None
    with torch.no_grad():
        hidden = model.listen(context[0].inputs, context[0].fps, context[0].prefix, None)
        logits = model.word_logits(hidden)[-1]
    logits[[tokenizer.pause, tokenizer.lasting]] = -torch.inf
    order = logits.argsort(descending=True).numpy()
    best, worst = (scorer.score(context[0], np.array([token])) for token in (order[0], order[-3]))
    # Two passes through the network, in float32: up to 4.4e-7 apart, as the processor has it.
    assert best == pytest.approx(float(torch.log_softmax(logits.double(), 0).max()), abs=1e-5)
    assert worst < best


def test_timing_tokens_do_not_enter_the_likelihood(sides: list[Side], replies: list[Reply]) -> None:
    tokenizer = small_tokenizer()
    scorer = ReplyScorer(small_model(), tokenizer, sides, ToneCodec.token_rate)
    tokens = scorer.tokens(Reply("x", 0.0, (Word("market", 0.0, 1.0), Word("good", 1.0, 1.4))), Fraction(25))
    assert tokenizer.lasting in tokens
    assert tokens[-1] not in (tokenizer.pause, tokenizer.lasting)


def test_the_place_is_the_mean_over_every_choice_of_distractors() -> None:
    scores = np.array([0.0, 3.0, -1.0, -2.0, 0.0, -4.0, 1.0])
    ranks, firsts = [], []
    for chosen in combinations(scores[1:], 3):
        better, tied = sum(c > 0 for c in chosen), sum(c == 0 for c in chosen)
        ranks.append(1 + better + tied / 2)
        firsts.append(0.0 if better else 1 / (1 + tied))
    place = place_of_first(scores, distractors=3)
    assert place.rank == pytest.approx(np.mean(ranks))
    assert place.first == pytest.approx(np.mean(firsts))


def test_the_best_score_is_always_first_and_equal_ones_are_at_chance() -> None:
    assert place_of_first(np.array([1.0, *[0.0] * 20])) == Place(1.0, 1.0)
    assert place_of_first(np.array([0.0, *[1.0] * 20])) == Place(0.0, 10.0)
    assert place_of_first(np.zeros(21)).rank == 5.5


def test_the_mute_codec_gives_the_same_text_and_faces(dozen: DataSet, sides: list[Side], tmp_path: Path) -> None:
    model = small_model()
    seconds = model.articulation.seconds.numpy()
    notation = Notation(small_tokenizer(), Mute(16_000, 50), model.settings, seconds, tmp_path)
    mute = load_sides(dozen, "val", notation)
    for heard, unheard in zip(sides, mute, strict=True):
        assert heard.words == unheard.words
        for name in ("listener", "speaker", "own", "heard"):
            assert np.array_equal(getattr(heard.track, name), getattr(unheard.track, name))


def test_too_few_dialogues_give_a_reason_instead_of_a_number(sides: list[Side], replies: list[Reply]) -> None:
    scorer = ReplyScorer(small_model(), small_tokenizer(), sides, ToneCodec.token_rate)
    found = rank_replies(scorer, replies[:4], {side.dialogue: side.fps for side in sides})
    (figure,) = ranking(found)
    assert figure.value is None
    assert "distractors" in figure.note
    assert figure.as_json()["status"] == "unavailable"


def test_the_human_listener_as_its_own_prediction_is_perfect(dozen: DataSet) -> None:
    dialogues = [dozen.dialogue("val", name) for name in dozen.ids("val")]
    figures = {f.name: f for f in behaviour([(HumanListener(d), d) for d in dialogues], BEHAVIOUR)}
    assert figures["talk_ratio"].value == 1.0
    assert figures["answered_2s"].value == figures["answered_2s"].human
    assert figures["false_speech"].value == 0.0
    assert figures["talk ratio by sound"].value == 1.0
    opening = figures["lips in speech against silence"].value
    assert opening is not None
    assert opening > 2
    for figure in figures.values():
        assert figure.human == pytest.approx(figure.value)


def test_a_round_trip_keeps_length_and_silence() -> None:
    audio = np.zeros(8_000, np.float32)
    audio[2_000:5_000] = 0.2 * np.sin(0.3 * np.arange(3_000))
    back = round_trip(audio, ToneCodec())
    assert back.shape == audio.shape
    assert np.abs(back[:1_600]).max() == 0
    assert np.abs(back[2_560:4_480]).max() > 0.05


def test_resampling_gives_no_interval_where_the_statistic_mostly_does_not_exist() -> None:
    assert resampled([1.0, 2.0], np.mean) is None
    assert resampled([0.0] * 9 + [1.0], lambda some: 1 / sum(some)) is None
    interval = resampled([1.0, 2.0, 3.0, 4.0], np.mean)
    assert interval is not None
    assert interval.low < 2.5 < interval.high


def test_the_documents_hold_no_null_and_say_why_a_number_is_missing() -> None:
    figures = [Figure("a", 0.5, "s", interval=resampled([0.0, 1.0, 2.0], np.mean)), Figure("b", None, note="because")]
    document = json.loads(to_json({"split": "val"}, figures))
    assert document["figures"]["b"] == {"status": "unavailable", "note": "because"}
    assert "null" not in to_json({"split": "val"}, figures)
    assert "| b | – |" in to_markdown({"split": "val"}, figures)


def test_speed_pools_the_steps_of_all_timed_dialogues() -> None:
    figures = {f.name: f.value for f in speed([np.full(50, 0.01), None, np.full(150, 0.03)], [2.0, 9.0, 6.0])}
    assert figures == pytest.approx({"step p50": 30.0, "step p99": 30.0, "real-time factor": 5.0 / 8.0})
    assert speed([None], [1.0])[0].value is None


def test_a_run_is_gathered_whole(dozen: DataSet, tmp_path: Path) -> None:
    assert dozen.root is not None
    for part in ("text", "audio", "vector"):
        shutil.copytree(dozen.root / "val" / part / "listener", tmp_path / part)
    checkpoint = Checkpoint(small_model(), small_tokenizer(), ToneCodec(), Provenance("synthetic", "", "", "", 0))
    figures = gather(Predictions(tmp_path), dozen, "val", checkpoint, BEHAVIOUR)
    values = {figure.name: figure.value for figure in figures}
    assert values["talk_ratio"] == pytest.approx(1.0)
    assert values["mean rank of the true reply, by likelihood"] is not None
    assert values["step p50"] is None


def test_an_unknown_part_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(quality, "quality", ["--parts", "behaviour,beauty"]) == 2
    assert "hearing" in capsys.readouterr().err


def test_a_missing_run_is_named_and_exits_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_dataset(tmp_path / "data", split="val", modalities=("text", "vector"))
    arguments = ["--data", str(root), "--runs", str(tmp_path / "nothing")]
    assert run_command(quality, "quality", arguments) == 4
    assert "nothing" in capsys.readouterr().err
