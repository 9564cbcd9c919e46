"""Dialogues in lock-step: the answers of each alone, nothing from the others, and the codec's rows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
import torch
from omniresponse_factory import ToneCodec, small_model, small_tokenizer, speaker_frames

from baselines.omniresponse.network.attention import DecoderLayer, LayerCache
from baselines.omniresponse.network.model import OmniResponse, Outputs
from baselines.omniresponse.session.lockstep.bands import Band, LayerRows, RowKeys, step_layer
from baselines.omniresponse.session.streaming import StreamingGroup
from baselines.shared.codec.settings import CodecSettings
from baselines.shared.codec.source_filter import SourceFilterCodec, build_network
from omnibench.media.face import neutral_face
from omnibench.responder import LockStep
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

RATES = (Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(25))
LENGTHS = (45, 33, 20, 45)
HISTORY = (("speaker", "Well, I think so."), ("listener", "Right."))


def open_group(rows: Sequence[int], model: OmniResponse | None = None) -> StreamingGroup:
    contexts = [
        DialogueContext(f"d{row}", RATES[row], 16_000, 1, history=HISTORY[: row % 3], initial_face=neutral_face())
        for row in rows
    ]
    voices = [torch.randn(4, generator=torch.Generator().manual_seed(row)) for row in rows]
    return StreamingGroup(model or small_model(), small_tokenizer(), ToneCodec(), contexts, voices)


def inputs(row: int, length: int | None = None, other_from: int | None = None) -> list[SpeakerFrame]:
    length = LENGTHS[row] if length is None else length
    frames = speaker_frames(length, RATES[row], seed=row)
    return frames if other_from is None else frames[:other_from] + speaker_frames(length, RATES[row], 90)[other_from:]


def play(group: StreamingGroup, spoken: Sequence[list[SpeakerFrame]]) -> list[list[ListenerFrame]]:
    answers: list[list[ListenerFrame]] = [[] for _ in spoken]
    for index in range(max(map(len, spoken))):
        given = group.step_batch([frames[index] if index < len(frames) else None for frames in spoken])
        for row, answer in enumerate(given):
            assert (answer is None) == (index >= len(spoken[row]))
            answers[row] += [] if answer is None else [answer]
    return answers


@pytest.mark.parametrize("changes", [{}, {"voice.tempo": False, "text.chrono": False}], ids=["whole", "neither"])
def test_lock_step_answers_as_each_dialogue_alone(changes: dict[str, object]) -> None:
    """Four dialogues of three frame rates, three lengths and three histories, over several hops."""
    model = small_model(**changes)
    group = open_group(range(4), model)
    assert isinstance(group, LockStep)
    seen: list[list[Outputs]] = [[] for _ in group]
    for session, outputs in zip(group, seen, strict=True):
        session.observe = outputs.append
    together = play(group, [inputs(row) for row in range(4)])
    assert [session.hop_steps for session in group] == [3, 2, 0, 3]
    for row in range(4):
        session, alone = open_group([row], model)[0], list[Outputs]()
        session.observe = alone.append
        answers = [session.step(frame) for frame in inputs(row)]
        for name in ("text", "faces", "audio"):
            mine, theirs = (torch.cat([getattr(step, name) for step in run]) for run in (alone, seen[row]))
            assert torch.allclose(mine, theirs, atol=1e-4, rtol=0), (row, name)
        for one, other in zip(answers, together[row], strict=True):
            assert one.words == other.words
            assert one.face is not None
            assert np.abs(one.face - other.face).max() <= 1e-4
            assert np.array_equal(one.audio, other.audio)
    assert sum(len(answer.words) for row in together for answer in row) > 3


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_other_dialogues_change_not_one_bit(precision: str) -> None:
    """The other goes on otherwise from frame 10 on, and is over at frame 30: a hop and rounding must not tell."""
    model = small_model()
    model.llm.prepare(precision)
    one = play(open_group([0, 1], model), [inputs(0), inputs(1, 45)])[0]
    other = play(open_group([0, 1], model), [inputs(0), inputs(1, 30, other_from=10)])[0]
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a.face, b.face)
        assert np.array_equal(a.audio, b.audio)
        assert a.words == b.words


def test_dialogues_at_different_frames_are_refused() -> None:
    group = open_group([0, 3])
    frames = inputs(0, 2)
    group[1].step(frames[0])
    with pytest.raises(ValueError, match="frames \\[0, 1\\]"):
        group.step_batch([frames[0], frames[1]])


def test_a_ring_of_keys_equals_the_whole_sequence() -> None:
    """One decoder layer with memory, over five times its bands; rows of different order."""
    torch.manual_seed(0)
    layer = DecoderLayer(16, 2, 32, band=5, memory_band=3, dropout=0.0).eval()
    own, memory = Band(layer.own), Band(layer.memory, pinned=1)  # type: ignore[arg-type]
    past = LayerRows(RowKeys.empty(2, own, layer.own), RowKeys.empty(2, memory, layer.memory))  # type: ignore[arg-type]
    x, entries = torch.randn(2, 28, 16), torch.randn(2, 29, 16)
    late = np.array([0, 3])  # row 1 begins three positions later
    with torch.inference_mode():
        caches = [LayerCache(), LayerCache()]
        whole = []
        for row, cache in enumerate(caches):
            layer.remember(entries[row, :1], torch.zeros(1, dtype=torch.long), cache)
            past.memory.load(row, cache.memory, memory)  # type: ignore[union-attr]
            layer.remember(entries[row, 1:], torch.arange(28), cache)
            whole.append(layer(x[row], torch.arange(28), cache, memory_order=torch.arange(28)))
        for step in range(28):
            order = step - late
            place = memory.place(order.clip(0))
            at = np.maximum(order, 0)
            past.memory.write(layer.memory.key_value(entries[[0, 1], 1 + at]), place)  # type: ignore[union-attr]
            stepped = step_layer(layer, x[[0, 1], at], past, own.place(at), place)
            for row in range(2):
                if order[row] >= 0:
                    assert torch.allclose(stepped[row], whole[row][order[row]], atol=1e-5), (step, row)


def test_codec_rows_decode_as_streams_do() -> None:
    """Three voices, of which one sits out now and then."""
    torch.manual_seed(3)
    codec = SourceFilterCodec(build_network(CodecSettings(levels=(4, 4), decoder_width=16, decoder_layers=2)))
    voices = torch.stack([codec.voiceprint(torch.randn(8000) * 0.1) for _ in range(3)])
    rows, streams = codec.open_rows(voices), [codec.open(voice) for voice in voices]
    for step in range(12):
        tokens = torch.randint(0, codec.vocabulary, (3, 1 + step % 2))
        active = np.array([True, step % 3 != 1, step > 2])
        sound = rows.push(tokens, active)
        for row in np.flatnonzero(active):
            # Apart by 2e-7; by 6e-5 where the last bit of a pitch decides whether its highest harmonic is there.
            assert torch.allclose(sound[row], streams[row].push(tokens[row]), atol=1e-3, rtol=0)
