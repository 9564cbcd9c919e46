"""What of Moshi needs no package of its own: resampling, scheduling, words, missing pieces, the card."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from baselines.moshi import INSTALL, NAME, ON_A_GPU, entry
from baselines.moshi.files import PUBLISHED, found
from baselines.moshi.memory import machine_memory, needed
from baselines.moshi.monologue import InnerMonologue, spelled
from baselines.moshi.resampling import StreamingResampler
from baselines.moshi.schedule import SAMPLE_RATE, STEP_SAMPLES, FrameSound, playing_delay
from baselines.moshi.settings import Settings, read_settings
from omnibench.assets.table import TABLE
from omnibench.cli import main
from omnibench.errors import InputError, UsageError
from omnibench.responder import MODELS, ModelOptions
from omnibench.tables.paper import TABLE_2
from omnibench.types import samples_before

FRAME_RATES = [Fraction(25), Fraction(30), Fraction(30000, 1001)]


@pytest.mark.parametrize(("source", "target"), [(16_000, 24_000), (24_000, 16_000), (44_100, 24_000), (24_000, 24_000)])
def test_a_stream_is_resampled_as_scipy_resamples_the_whole(source: int, target: int) -> None:
    sound = np.random.default_rng(1).standard_normal(source // 4).astype(np.float32)
    whole = resample_poly(sound, target // 100, source // 100) if source != target else sound
    resampler = StreamingResampler(source, target)
    cuts = np.sort(np.random.default_rng(2).integers(0, len(sound), 9))
    streamed = np.concatenate([resampler.push(block) for block in np.split(sound, cuts)])
    assert streamed.dtype == np.float32
    # The end of the whole is filtered with the silence after it, which a stream has not heard.
    assert 0 <= len(whole) - len(streamed) <= resampler.latency * target + 1
    np.testing.assert_allclose(streamed, whole[: len(streamed)], atol=1e-5)


def test_a_resampled_instant_waits_as_long_as_stated() -> None:
    resampler = StreamingResampler(16_000, 24_000)
    assert resampler.latency == Fraction(10, 16_000)
    ready = sum(len(resampler.push(np.ones(1, np.float32))) for _ in range(1600))
    assert ready == (1600 - 10) * 3 // 2


@hypothesis_settings(max_examples=10)
@given(
    fps=st.one_of(st.sampled_from(FRAME_RATES), st.fractions(5, 120, max_denominator=1001)),
    rate=st.sampled_from([8_000, 16_000, 22_050, 24_000, 48_000]),
)
def test_sound_is_never_short_and_never_more_than_a_frame_early(fps: Fraction, rate: int) -> None:
    there, back = StreamingResampler(rate, SAMPLE_RATE), StreamingResampler(SAMPLE_RATE, rate)
    delay = playing_delay(fps, rate, there.latency + back.latency)
    sound = FrameSound(fps, rate, delay)
    heard, steps, played = 0, 0, []
    for frame in range(30):
        count = samples_before(frame + 1, fps, rate) - samples_before(frame, fps, rate)
        heard += len(there.push(np.zeros(count, np.float32)))
        while heard >= STEP_SAMPLES * (steps + 1):
            sound.push(back.push(np.full(STEP_SAMPLES, 0.5, np.float32)))
            steps += 1
        answer = sound.play(frame + 1)
        assert len(answer) == samples_before(frame + 2, fps, rate) - samples_before(frame + 1, fps, rate)
        played.append(answer)
    whole = np.concatenate([np.zeros(samples_before(1, fps, rate)), *played])
    if len(whole) > delay + rate // 100:
        # Silent until the delay has passed, sound from there on without a hole: the filter's edge is 10 ms at most.
        assert not whole[: delay - rate // 100].any()
        assert (whole[delay + rate // 100 :] > 0.4).all()


def test_moshi_answers_a_frame_and_its_80_ms_after_what_it_heard() -> None:
    latency = Fraction(10, 16_000) * 2
    assert playing_delay(Fraction(25), 16_000, latency) == 16_000 * 0.12 + 20 + 2
    assert playing_delay(Fraction(30), 24_000, Fraction(0)) == 1920 + 800 + 2


def test_pieces_become_words_when_they_have_been_said() -> None:
    monologue = InnerMonologue(Fraction(1, 10))
    for piece in ["▁Hel", "lo", ",", None, None, "▁wor", "ld", "▁I", None]:
        monologue.push(piece)
    assert monologue.spoken(Fraction(33, 100)) == ()
    (hello,) = monologue.spoken(Fraction(34, 100))
    assert (hello.text, hello.start, hello.end) == ("Hello,", pytest.approx(0.1), pytest.approx(0.34))
    rest = monologue.spoken(Fraction(10))
    assert [word.text for word in rest] == ["world", "I"]
    assert [(word.start, word.end) for word in rest] == [pytest.approx((0.5, 0.66)), pytest.approx((0.66, 0.74))]
    assert monologue.spoken(Fraction(20)) == ()


def test_a_word_that_goes_on_is_not_given() -> None:
    monologue = InnerMonologue(Fraction(0))
    monologue.push("▁un")
    assert monologue.spoken(Fraction(9)) == ()
    monologue.push("til")
    monologue.push("▁")
    monologue.push(None)
    assert [word.text for word in monologue.spoken(Fraction(9))] == ["until"]


@hypothesis_settings(max_examples=30)
@given(st.lists(st.sampled_from(["▁a", "b", "▁", "<0xC3>", "<0xA9>", None])), st.fractions(0, 2, max_denominator=100))
def test_words_come_in_order_and_never_before_their_end(pieces: list[str | None], begin: Fraction) -> None:
    monologue, last = InnerMonologue(begin), 0.0
    for step, piece in enumerate(pieces):
        monologue.push(piece)
        now = (step + 1) * Fraction(1, 10)
        for word in monologue.spoken(now):
            assert word.text.strip()
            assert word.start < word.end <= now
            assert word.end >= last
            last = word.end


def test_byte_pieces_are_read_as_utf_8() -> None:
    assert spelled(["▁na", "<0xC3>", "<0xAF>", "ve", "."]) == "naïve."
    assert spelled(["▁", "<0xFF>"]) == "\N{REPLACEMENT CHARACTER}"


def test_the_card_is_the_papers_row_without_a_face() -> None:
    (row,) = (row for row in TABLE_2.rows if row.model == NAME)
    card = MODELS.get(NAME).card
    assert card is entry.card
    assert (card.kind, card.outputs, card.group) == ("online", ("audio", "words"), row.group)
    assert {asset.name for asset in TABLE if asset.group == card.weights[0]} == set(PUBLISHED)


def test_without_the_package_the_run_ends_with_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("baselines.moshi.missing_modules", lambda names: list(names))
    assert main(["run", "--model", NAME, "--out", str(tmp_path / "run")]) == 3
    assert INSTALL in capsys.readouterr().err


def test_without_weights_or_memory_it_says_what_gets_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "assets"))
    monkeypatch.setattr("baselines.moshi.missing_modules", lambda names: [])
    monkeypatch.setattr("baselines.moshi.version", lambda name: "0.2.13")
    monkeypatch.setattr("baselines.moshi.memory.machine_memory", lambda: 16_000_000_000)
    assert entry.missing(ModelOptions()) == ON_A_GPU
    assert main(["run", "--model", NAME, "--out", str(tmp_path / "run")]) == 3
    assert ON_A_GPU in capsys.readouterr().err
    monkeypatch.setattr("baselines.moshi.memory.machine_memory", lambda: 64_000_000_000)
    assert entry.missing(ModelOptions()) == ""
    assert main(["run", "--model", NAME, "--out", str(tmp_path / "run")]) == 3
    assert "omnibench assets fetch moshiko" in capsys.readouterr().err


def test_memory_is_that_of_the_machine_or_of_the_group(tmp_path: Path) -> None:
    meminfo, limit = tmp_path / "meminfo", tmp_path / "memory.max"
    assert machine_memory(meminfo, limit) is None
    meminfo.write_text("MemTotal:       24000000 kB\nMemFree: 1 kB\n")
    limit.write_text("max\n")
    assert machine_memory(meminfo, limit) == 24_576_000_000
    limit.write_text("8000000000\n")
    assert machine_memory(meminfo, limit) == 8_000_000_000
    assert needed(15_400_000_000, Settings()) == 17_900_000_000
    assert needed(100, Settings(precision="float32")) == 400


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"dep_q": 8, "moshi_name": "lm.pt"}, "pickle"),
        ({"dep_q": 8}, "no such file"),
        ({"dep_q": 0}, "speaks"),
        ({"dep_q": 8, "model_type": "hibiki"}, "model_type moshi"),
        ({"dep_q": 8, "lora": True}, "LoRA"),
        ([1], "holds a JSON list, expected a JSON object"),
    ],
)
def test_a_folder_that_is_not_moshis_is_refused(tmp_path: Path, config: object, words: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=words):
        found(tmp_path)


def test_settings_that_do_not_fit_are_refused() -> None:
    assert read_settings({"top_k": "5"}).top_k == 5
    with pytest.raises(UsageError, match="temperature"):
        read_settings({"temperatur": 1})
    with pytest.raises(UsageError, match="bfloat16"):
        read_settings({"precision": "int4"})
    with pytest.raises(UsageError, match="0 or more"):
        read_settings({"top_k_text": -1})
