"""The parts of Table 3's ablations: words with predicted times, the voice without TempoVoice, and a shared codec."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from omniresponse_factory import ToneCodec, small_model, small_tokenizer
from safetensors.torch import save_file

from baselines.omniresponse.config import SamplingSettings, load_config
from baselines.omniresponse.network.packing import pack, unpack
from baselines.omniresponse.network.segment import Segment, Track, build_segment
from baselines.omniresponse.network.shared_codec import codec_hash, find_codec, read_codec
from baselines.omniresponse.text.pacing import average_pacing
from baselines.omniresponse.text.timestamps import TimestampedWords, Timestamps, average_length
from baselines.omniresponse.text.tokens import SYMBOLS
from baselines.omniresponse.text.wordform import WordFormReader
from baselines.omniresponse.training.corpus import Notation
from baselines.shared.sampling import dialogue_generator
from baselines.shared.schedule import TokenSchedule
from omnibench.errors import InputError, MissingError
from omnibench.types import Word

TOKENIZER = small_tokenizer()
PAUSE, LASTING = TOKENIZER.markers
SECONDS = np.full(SYMBOLS, 0.1, dtype=np.float32)
HOME, THINK = TOKENIZER.encode_word("home")[0], TOKENIZER.encode_word("think")[0]


def segment_of(own: list[int], heard: list[int]) -> Segment:
    """A segment over random faces; the last of ``own`` is the last answer."""
    generator, frames = np.random.default_rng(0), len(own)
    faces = generator.uniform(0, 1, (2, frames, 64)).astype(np.float32)
    tokens = np.array(own)
    forms, pacing = WordFormReader(TOKENIZER).read(tokens), average_pacing(frames, Fraction(25))
    codes = generator.integers(0, 16, 3 * frames)
    track = Track(0, faces[0], faces[1], tokens, np.array(heard), forms, pacing, codes, faces[0][0])
    return build_segment(track, 0, frames - 1, TokenSchedule(Fraction(25), 50), (2, 5), torch.zeros(4), 3)


def test_a_configuration_differs_from_tiny_in_the_ablated_part_alone() -> None:
    tiny = load_config("tiny")
    parts = {"tiny-no-chrono": {"text.chrono"}, "tiny-no-tempovoice": {"voice.tempo"}}
    parts["tiny-neither"] = {"text.chrono", "voice.tempo"}
    for name, expected in parts.items():
        assert set(load_config(name).differences(tiny)) == {"name", *expected}


def test_losses_are_those_of_the_next_word_and_its_time() -> None:
    """By hand: vocabulary of 4 with uniform words, time logits that make bin b exp(b) times as likely as bin 0."""
    times = Timestamps(pause=0, lasting=1, bins=4)  # 0, 40, 80 ms, later
    tokens = torch.tensor([0, 1, 0, 2, 1, 0, 0])
    logits = torch.cat([torch.zeros(7, 4), torch.arange(4.0).expand(7, 4)], dim=1)
    found = times.losses(logits, tokens, Fraction(25))
    total = np.log(sum(np.exp(b) for b in range(4)))
    word = np.log(4.0) / 3  # three frames await it within the horizon
    behind = [total - np.log(sum(np.exp(b) for b in range(first, 4))) for first in (3, 2, 1)]
    expected = [total - 3, word + total - 2, word + total - 1, word + total - 0, *behind]
    assert found.tolist() == pytest.approx(expected, abs=1e-5)


def test_each_word_counts_once() -> None:
    times = Timestamps(pause=0, lasting=1, bins=26)
    tokens = torch.tensor([0] * 10 + [2, 1, 1, 3, 0, 0])
    logits = torch.zeros(len(tokens), 30)
    logits[:, 4:] = torch.randn(26, generator=torch.Generator().manual_seed(0))
    surer = logits.clone()
    surer[:, 2:4] += 3.0
    change = times.losses(logits, tokens, Fraction(25)) - times.losses(surer, tokens, Fraction(25))
    once = torch.log(torch.tensor(4.0)) - torch.log(2 + 2 * torch.exp(torch.tensor(3.0))) + 3.0
    assert float(change.sum()) == pytest.approx(2 * float(once), abs=1e-4)


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30)])
def test_the_time_of_a_word_is_in_seconds(fps: Fraction) -> None:
    times = Timestamps(pause=0, lasting=1, bins=26)
    tokens = torch.tensor([0] * 20 + [2])
    for frame in (0, 5, 20):
        logits = torch.zeros(21, 30)
        logits[frame, 4 + int((20 - frame) / float(fps) / 0.04 + 1e-6)] = 30.0
        logits[frame, 2] = 30.0
        assert float(times.losses(logits, tokens, fps)[frame]) < 1e-3


def draws(words: TimestampedWords, logits: np.ndarray, count: int, previous: int, **sampling: float) -> list[int]:
    generator, settings = dialogue_generator(0, "d", "text"), SamplingSettings(**sampling)
    found = []
    for _ in range(count):
        previous = words.draw(logits, previous, settings, generator)
        found.append(previous)
    return found


def test_a_word_outside_the_window_is_discarded() -> None:
    logits = np.full(TOKENIZER.size + 4, -50.0)
    logits[HOME], logits[TOKENIZER.size + 2] = 0.0, 0.0  # "home", in 80 ms
    words = TimestampedWords(TOKENIZER, SECONDS, Fraction(25), 4)
    assert draws(words, logits, 5, PAUSE) == [PAUSE] * 5
    assert draws(words, logits, 2, PAUSE, word_window=0.08) == [HOME] * 2


def test_a_word_lasts_as_long_as_its_symbols_do_on_average() -> None:
    fps, bins = Fraction(25), 4
    words = TimestampedWords(TOKENIZER, SECONDS, fps, bins)
    now, later = (np.full(TOKENIZER.size + bins, -50.0) for _ in range(2))
    now[HOME], now[TOKENIZER.size] = 0.0, 0.0
    later[HOME], later[-1] = 0.0, 0.0
    settings, generator = SamplingSettings(), dialogue_generator(0, "d", "text")
    said = [words.draw(now, PAUSE, settings, generator)]
    for _ in range(30):
        said.append(words.draw(later, said[-1], settings, generator))
    frames = int(np.ceil(0.5 + 25 * 0.1 * len(TOKENIZER.spelling[HOME])))
    assert said == [HOME] + [LASTING] * (frames - 1) + [PAUSE] * (31 - frames)


def test_a_bias_makes_words_rarer() -> None:
    logits = np.zeros(TOKENIZER.size + 4)
    share = {}
    for bias in (-2.0, 2.0):
        words = TimestampedWords(TOKENIZER, SECONDS, Fraction(25), 4)
        found = draws(words, logits, 400, PAUSE, pause_bias=bias)
        share[bias] = np.mean([token not in TOKENIZER.markers for token in found])
    # Bin 0 of 4: odds of 1 to 3, times e^-bias.
    assert share[-2.0] == pytest.approx(1 / (1 + 3 * np.exp(-2)), abs=0.08)
    assert share[2.0] == pytest.approx(1 / (1 + 3 * np.exp(2)), abs=0.04)


def test_pieces_only_go_on_with_a_word() -> None:
    logits = np.zeros(TOKENIZER.size + 1)
    words = TimestampedWords(TOKENIZER, SECONDS, Fraction(25), 1)
    after_pause = {draws(words, logits, 1, PAUSE, temperature=5.0, top_p=1.0)[0] for _ in range(3)}
    assert all(TOKENIZER.starts_word[token] for token in after_pause)
    chain = draws(words, logits, 200, HOME, temperature=5.0, top_p=1.0)
    assert any(TOKENIZER.continues_word[token] for token in chain)
    assert not any(token in TOKENIZER.markers for token in chain)


def test_recorded_words_lose_their_ends() -> None:
    settings = small_model(**{"text.chrono": False}).settings
    spoken = [Word("home", 0.2, 0.4), Word("think", 1.0, 2.9)]
    notation = Notation(TOKENIZER, ToneCodec(), settings, SECONDS, Path())
    said = notation.say(spoken, 75, Fraction(25), np.zeros(150, np.int64))
    for word, token in zip(spoken, (HOME, THINK), strict=True):
        begin = int(word.start * 25)
        until = int(np.ceil((word.start + average_length(word.text, SECONDS, TOKENIZER)) * 25 - 1e-6))
        assert said.tokens[begin] == token
        assert (said.tokens[begin + 1 : until] == LASTING).all()
        assert said.tokens[until] == PAUSE
    # How fast it was said is still known of a recording: sound is aligned with letters by it.
    assert said.pacing.pace[5] == pytest.approx(0.5, abs=1e-6)
    assert said.pacing.pace[25] > 1.0


def test_without_the_markup_the_model_reads_words_only() -> None:
    words = [PAUSE, HOME, LASTING, PAUSE, PAUSE, THINK, LASTING, LASTING, PAUSE, PAUSE]
    swap = {PAUSE: LASTING, LASTING: PAUSE}
    other = [swap.get(token, token) for token in words]
    for chrono in (True, False):
        model = small_model(**{"text.chrono": chrono})
        model.llm.subjects[list(TOKENIZER.markers)] = 0.0  # as in a trained model (meaning.py): markers have no subject
        with torch.inference_mode():
            one, two = (model.listen(s.inputs, s.fps, s.prefix, None) for s in (segment_of(words, words),
                                                                                segment_of(other, other)))  # fmt: skip
        assert torch.equal(one.text, two.text) is not chrono
    moved = [PAUSE, PAUSE, HOME, *words[3:]]
    with torch.inference_mode():
        third = model.listen(segment_of(moved, words).inputs, Fraction(25), torch.tensor([2, 5]), None)
    assert not torch.equal(one.text, third.text), "words themselves are read"


def test_without_tempovoice_a_frames_sound_is_its_hidden_state() -> None:
    model = small_model(**{"voice.tempo": False})
    words = [PAUSE, HOME, LASTING, PAUSE, PAUSE, THINK, LASTING, LASTING, PAUSE, PAUSE]
    segment = segment_of(words, words)
    silent = replace(segment, codes=replace(segment.codes, previous=torch.zeros_like(segment.codes.previous)))
    with torch.inference_mode():
        audio, again = model(segment).audio, model(silent).audio
    assert torch.equal(audio[0::2], audio[1::2]), "the state is repeated for each audio token of its frame"
    assert torch.equal(audio, again), "no audio token depends on the ones before"
    assert float(audio[0::2].std(dim=0).mean()) > 1e-2


def test_packed_weights_are_close_and_a_third_of_the_size() -> None:
    state = {"a": torch.randn(64, 200), "b": torch.randn(7), "c": torch.randn(8, 3, 5), "zero": torch.zeros(4, 4)}
    packed = pack(state)
    assert packed["a"].dtype == packed["c"].dtype == torch.int8
    back = unpack(packed)
    assert back.keys() == state.keys()
    for name, value in state.items():
        rows = value.abs().flatten(1).amax(1) if value.ndim > 1 else value.abs()
        allowed = (rows / 250).view(-1, *[1] * (value.ndim - 1)) if value.ndim > 1 else 0 * rows
        assert bool(((back[name] - value).abs() <= allowed + 1e-4).all()), name


def test_a_codec_is_found_by_its_hash(tmp_path: Path) -> None:
    state = {"layer.weight": torch.randn(4, 4), "levels": torch.arange(4)}
    halved = {"layer.weight": state["layer.weight"].half(), "levels": state["levels"]}
    assert codec_hash(state) == codec_hash(halved)
    checkpoint = tmp_path / "model.safetensors"
    (tmp_path / "codec").mkdir()
    save_file(state, tmp_path / "codec" / "codec.safetensors")
    found = find_codec(codec_hash(state), checkpoint)
    assert torch.equal(found["layer.weight"], halved["layer.weight"])
    with pytest.raises(InputError, match="which it does not hold"):
        find_codec("0" * 64, checkpoint)


def test_a_codec_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no codec there"):
        read_codec(tmp_path)
    other = tmp_path / "other.safetensors"
    save_file({"model.x": torch.zeros(2)}, other)
    with pytest.raises(InputError, match="no codec in it"):
        read_codec(other)
    other.write_bytes(other.read_bytes()[:-1])
    with pytest.raises(InputError, match="not a whole safetensors file"):
        read_codec(other)
