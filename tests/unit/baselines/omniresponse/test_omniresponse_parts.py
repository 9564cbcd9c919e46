"""The parts of OmniResponse one by one: layout, schedule, sampling, faces, settings, losses."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from omniresponse_factory import ToneCodec, small_tokenizer

from baselines.omniresponse.config import SamplingSettings, Settings, from_json, load_config, override
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.tempovoice import TempoVoice, token_levels
from baselines.omniresponse.text.layout import (
    HeardWord,
    block_mask,
    is_hop,
    positions,
    segment_start,
    static_prefix,
    turns_before,
)
from baselines.omniresponse.text.sampling import ChronoGrammar, nearest_to_mean
from baselines.shared.codec.network import CodecNetwork
from baselines.shared.codec.source_filter import SourceFilterCodec, build_network
from baselines.shared.faces import FaceScale, playable
from baselines.shared.sampling import dialogue_generator, draw
from baselines.shared.schedule import TokenSchedule
from omnibench.errors import InputError, UsageError
from omnibench.media.face import pack, rotation
from omnibench.types import samples_before

TOKENIZER = small_tokenizer()


def test_omni_attention_as_in_figure_8() -> None:
    """Prefix of 2, two frames of 3: the prefix is causal and seen by all, a frame sees itself and what was before."""
    expected = """
        1 0 0 0 0 0 0 0
        1 1 0 0 0 0 0 0
        1 1 1 1 1 0 0 0
        1 1 1 1 1 0 0 0
        1 1 1 1 1 0 0 0
        1 1 1 1 1 1 1 1
        1 1 1 1 1 1 1 1
        1 1 1 1 1 1 1 1"""
    seen = (block_mask(2, 2, torch.device("cpu"))[0, 0] == 0).int().tolist()
    assert seen == [[int(x) for x in row.split()] for row in expected.strip().splitlines()]


def test_the_tokens_of_a_frame_share_a_position_and_time_is_the_same_at_any_rate() -> None:
    place = positions(2, 0, 6, Fraction(30), 25.0, torch.device("cpu"))[0]
    assert place[:2].tolist() == [-2, -1]
    assert place[2:].view(6, 3).unique(dim=1).shape == (6, 1)
    slow = positions(0, 0, 6, Fraction(25), 25.0, torch.device("cpu"))[0]
    assert place[2 + 3 * 6 - 1] * 30 == pytest.approx(slow[-1] * 25)


@given(st.integers(2, 40), st.data())
def test_segments_hold_at_most_a_window_and_change_only_at_hops(window: int, data: st.DataObject) -> None:
    hop = data.draw(st.integers(1, window - 1))
    starts = [segment_start(i, window, hop) for i in range(200)]
    for step in range(1, 200):
        assert starts[step] % hop == 0
        assert window - hop <= step - starts[step] < window or step < window
        assert is_hop(step, window, hop) == (starts[step] != starts[step - 1])


def test_history_is_chat_cut_from_the_left_at_its_budget() -> None:
    words = [
        HeardWord(3, 3, "speaker", "Well,"),
        HeardWord(5, 9, "listener", "Right."),
        HeardWord(6, 6, "speaker", "I"),
    ]
    words += [HeardWord(20, 20, "speaker", "think"), HeardWord(7, 30, "listener", "so")]
    turns = turns_before(words, 10, 12)
    assert turns == (("speaker", "Well,"), ("listener", "Right."), ("speaker", "I"))
    full = static_prefix("Well.", turns, 100, TOKENIZER)
    head = len(static_prefix("Well.", (), 100, TOKENIZER))
    for budget in range(30):
        cut = static_prefix("Well.", turns, budget, TOKENIZER)
        assert len(cut) <= head + budget
        assert cut[:head] == full[:head]
        if len(cut) > head:
            assert cut[-1] == full[-1]
            assert cut[head] in (TOKENIZER.special("<|user|>"), TOKENIZER.special("<|assistant|>"))


@given(st.sampled_from([Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(24), Fraction(7), Fraction(50)]))
def test_audio_tokens_are_there_before_their_samples_are_needed(fps: Fraction) -> None:
    schedule = TokenSchedule(fps, 50)
    for frame in range(1000):
        ready = schedule.tokens_before(frame + 1) * 320
        needed = samples_before(frame + 1, fps, 16_000)
        assert 0 <= ready - needed <= 320
        count = schedule.tokens_before(frame + 1) - schedule.tokens_before(frame)
        assert count == (frame + 1) * 50 // fps - frame * 50 // fps


def test_nucleus_and_temperature() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05], dtype=np.float32))
    generator = dialogue_generator(0, "d", "text")
    drawn = np.bincount([draw(logits, 1.0, 0.79, generator) for _ in range(4000)], minlength=4) / 4000
    assert drawn == pytest.approx([0.625, 0.375, 0, 0], abs=0.04)
    drawn = np.bincount([draw(logits, 1.0, 1.0, generator) for _ in range(4000)], minlength=4) / 4000
    assert drawn == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.04)
    assert {draw(logits, 0.0, 1.0, generator) for _ in range(20)} == {0}
    forbidden = np.array([-np.inf, 0, -np.inf, -np.inf], dtype=np.float32)
    assert {draw(forbidden, 5.0, 1.0, generator) for _ in range(200)} == {1}


def test_generators_differ_by_dialogue_seed_and_purpose() -> None:
    drawn = {
        dialogue_generator(*k).random() for k in ((0, "a", "text"), (1, "a", "text"), (0, "b", "text"), (0, "a", "v"))
    }
    assert len(drawn) == 4
    assert dialogue_generator(0, "a", "text").random() in drawn


def test_grammar_needs_a_word_before_lasting() -> None:
    grammar = ChronoGrammar(TOKENIZER)
    word = TOKENIZER.encode_word("think")[0]
    piece = int(np.flatnonzero(TOKENIZER.continues_word)[0])
    follows = {
        name: grammar.allowed(token)
        for name, token in (
            ("pause", TOKENIZER.pause),
            ("lasting", TOKENIZER.lasting),
            ("word", word),
            ("piece", piece),
        )
    }
    asked = [TOKENIZER.pause, TOKENIZER.lasting, word, piece, TOKENIZER.special("<|end|>")]
    assert follows["pause"][asked].tolist() == [True, False, True, False, False]
    assert follows["lasting"][asked].tolist() == [True, True, True, False, False]
    assert follows["word"][asked].tolist() == [True, True, True, True, False]
    assert follows["piece"][asked].tolist() == [True, True, True, True, False]


def test_a_nucleus_does_not_silence_a_model_that_is_mostly_silent() -> None:
    """Incident: with one nucleus over all tokens, 5 % of speaking at each frame came out as 0 %."""
    logits = np.full(TOKENIZER.size, -20.0, dtype=np.float32)
    words = [TOKENIZER.encode_word(text)[0] for text in ("think", "market")]
    logits[TOKENIZER.pause], logits[words[0]], logits[words[1]] = np.log([0.95, 0.048, 0.002])
    grammar, generator = ChronoGrammar(TOKENIZER), dialogue_generator(0, "d", "text")
    sampling = SamplingSettings(temperature=1.0, top_p=0.9)
    drawn = [grammar.draw(logits, TOKENIZER.pause, sampling, generator) for _ in range(3000)]
    assert np.mean([token == words[0] for token in drawn]) == pytest.approx(0.05, abs=0.015)
    assert words[1] not in drawn
    quiet = SamplingSettings(pause_bias=5.0)
    drawn = [grammar.draw(logits, TOKENIZER.pause, quiet, generator) for _ in range(1000)]
    assert drawn.count(TOKENIZER.pause) > 980


def test_a_played_face_is_valid_and_a_valid_face_is_played_as_it_is() -> None:
    generator = np.random.default_rng(0)
    turn = np.linalg.qr(generator.normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    face = pack(generator.uniform(0, 1, 52).astype(np.float32), 1.1 * turn, np.array([1.0, 2.0, -40.0]))
    assert playable(face) == pytest.approx(face, abs=1e-5)
    wild = playable((face + generator.normal(0, 0.3, 64)).astype(np.float32))
    assert 0 <= wild[:52].min() <= wild[:52].max() <= 1
    gram = rotation(wild) @ rotation(wild).T
    assert gram == pytest.approx(np.eye(3) * gram[0, 0], abs=1e-4)
    assert np.linalg.det(rotation(wild)) > 0


def test_face_scale_is_undone() -> None:
    scale = FaceScale()
    faces = np.random.default_rng(1).normal(3, 2, (50, 64)).astype(np.float32)
    faces[:, 0] = 0
    scale.fit(faces)
    scores = scale.standardise(torch.from_numpy(faces))
    assert scores.std(dim=0, correction=0)[1:].numpy() == pytest.approx(np.ones(63), abs=1e-3)
    assert scale.restore(scores).numpy() == pytest.approx(faces, abs=1e-4)


def test_tokens_of_a_scalar_quantiser_share_parts() -> None:
    levels = token_levels(SourceFilterCodec(CodecNetwork((3, 2), 8, 1, 8, 1)))
    assert levels.shape == (7, 2)
    assert levels[1:].tolist() == [[-1, -1], [0, -1], [1, -1], [-1, 1], [0, 1], [1, 1]]
    features = TempoVoice(load_config("tiny").voice, 8, levels, 4, 0.0).features
    assert features.shape == (7, 5)
    assert features.sum(dim=1).tolist() == [2] * 7
    assert len(features[1:].unique(dim=0)) == 6
    assert token_levels(ToneCodec()).shape == (16, 0)
    assert TempoVoice(load_config("tiny").voice, 8, token_levels(ToneCodec()), 4, 0.0).features.shape == (16, 0)


def test_the_token_nearest_to_the_expected_levels() -> None:
    """Two neighbours share the probability: the mean lies between them, where cross-entropy's favourite does not."""
    levels = token_levels(SourceFilterCodec(CodecNetwork((5,), 8, 1, 8, 1))).numpy()
    chances = np.array([0.05, 0.4, 0.05, 0.1, 0.2, 0.2])
    assert nearest_to_mean(np.log(chances), levels, 1.0) == 3
    assert nearest_to_mean(np.log(chances), levels, 1e-3) == 1, "near temperature 0 the mean is the favourite"
    assert nearest_to_mean(np.log([0.6, 0.4, 1e-9, 1e-9, 1e-9, 1e-9]), levels, 1.0) == 0, "silence outweighs all"


def test_settings_survive_json_and_name_what_differs() -> None:
    settings = override(load_config("tiny"), {"llm": {"layers": 2}, "codec.levels": [4, 4]})
    assert from_json(settings.to_json()) == settings
    assert set(load_config("tiny").differences(settings)) == {"llm.layers", "codec.levels"}


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"llm.layer": 2}, UsageError, r'Did you mean "llm\.layers"'),
        ({"llm.layers": 2.5}, InputError, "a whole number"),
        ({"llm.dropout": "much"}, InputError, "a number"),
        ({"text.follow_instruction": 1}, InputError, "true or false"),
        ({"window.hop": 500}, InputError, r"window\.hop"),
        ({"llm.hidden": 190}, InputError, "multiple"),
    ],
)
def test_wrong_settings(values: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        override(Settings(), values)


def test_an_unknown_configuration_lists_those_there_are() -> None:
    with pytest.raises(InputError, match="tiny"):
        load_config("huge")


def test_the_tiny_configuration_with_its_codec_fits_eight_megabytes() -> None:
    settings = load_config("tiny")
    codec = SourceFilterCodec(build_network(settings.codec))
    model = OmniResponse(settings, settings.text.vocabulary, token_levels(codec), codec.voiceprint_dim)
    count = sum(p.numel() for part in (model, codec.network) for p in part.parameters())
    assert 2 * count < 7_900_000, "float16, with 0.1 MB left for metadata"
