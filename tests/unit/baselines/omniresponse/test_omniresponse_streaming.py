"""Streaming against the teacher-forced forward, the future, frame rates, and flat memory."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from omniresponse_factory import ToneCodec, small_model, small_tokenizer, speaker_frames

from baselines.omniresponse.network.model import Outputs
from baselines.omniresponse.network.segment import Track, build_segment, own_delay
from baselines.omniresponse.session.streaming import StreamingGroup, StreamingSession
from baselines.omniresponse.text.chrono import SpeakerMarkup
from baselines.omniresponse.text.layout import HeardWord, is_hop, segment_start, static_prefix, turns_before
from baselines.omniresponse.text.pacing import average_pacing
from baselines.omniresponse.text.wordform import WordFormReader
from baselines.shared.schedule import TokenSchedule
from omnibench.errors import InputError
from omnibench.media.face import EYE_COLUMNS
from omnibench.types import DialogueContext, SpeakerFrame, samples_before

RATES = [Fraction(25), Fraction(30), Fraction(30000, 1001)]
NO_CHRONO, NO_TEMPO = {"text.chrono": False, "sampling.word_window": 0.12}, {"voice.tempo": False}
ABLATIONS = {"no-chrono": NO_CHRONO, "no-tempovoice": NO_TEMPO, "neither": NO_CHRONO | NO_TEMPO}
VARIANTS = [pytest.param(fps, {}, id=str(fps)) for fps in RATES]
VARIANTS += [pytest.param(Fraction(25), {"sampling.face_return": 0.5}, id="returning face")]
VARIANTS += [pytest.param(Fraction(30), changes, id=name) for name, changes in ABLATIONS.items()]


def open_session(fps: Fraction, seed: int = 1, **changes: object) -> StreamingSession:
    model, codec = small_model(**changes), ToneCodec()
    context = DialogueContext("d", fps, 16_000, seed, history=(("speaker", "Well, I think so."),))
    voice = codec.voiceprint(torch.from_numpy(np.random.default_rng(3).normal(0, 0.1, 8000).astype(np.float32)))
    return StreamingGroup(model, small_tokenizer(), codec, [context], [voice])[0]


class Recorder:
    """Keeps the raw outputs of each step, and what the session fed back to itself."""

    def __init__(self, session: StreamingSession | None) -> None:
        self.text: list[torch.Tensor] = []
        self.faces: list[torch.Tensor] = []
        self.audio: list[torch.Tensor] = []
        self.words: list[HeardWord] = []
        if session is not None:
            session.observe = self
            self.past = session.side.past
            self.played, self.codes = list(self.past.listener), list(self.past.codes)
            self.own = [form[0] for form in self.past.forms]

    def __call__(self, outputs: Outputs) -> None:
        self.text.append(outputs.text)
        self.faces.append(outputs.faces)
        self.audio.append(outputs.audio)
        self.played.append(self.past.listener[-1])
        self.own.append(self.past.forms[-1][0])
        self.codes.extend(self.past.codes[len(self.past.codes) - len(outputs.audio) :])
        self.words.extend(w for w in self.past.words if w.role == "listener" and w not in self.words)


def full_forward(session: StreamingSession, recorder: Recorder, frames: list[SpeakerFrame]) -> Recorder:
    """Teacher-forced segments of the whole dialogue, of each only the steps that streaming answered from it."""
    model, settings, tokenizer = session.model, session.model.settings, small_tokenizer()
    fps, count = session.side.context.fps, len(frames)
    markup = SpeakerMarkup(tokenizer, settings.text.activity_dbfs)
    heard, words = [], list(recorder.words)
    for frame in frames:
        token, text = markup.push(frame.words, frame.audio)
        heard.append(token)
        if text:
            words.append(HeardWord(frame.index, frame.index, "speaker", text))
    own = np.array(recorder.own)
    track = Track(
        first=0,
        listener=np.stack(recorder.played),
        speaker=np.stack([f.face for f in frames]),
        own=own,
        heard=np.array(heard),
        forms=WordFormReader(tokenizer).read(own),
        pacing=average_pacing(len(own), fps),
        codes=np.array(recorder.codes),
        rest=session.side.past.rest,
    )
    schedule = TokenSchedule(fps, 50)
    result = Recorder(None)
    step = 0
    while step < count:
        start = segment_start(step, settings.window.frames, settings.window.hop)
        stop = step + 1
        while stop < count and not is_hop(stop, settings.window.frames, settings.window.hop):
            stop += 1
        turns = (*session.side.context.history, *turns_before(words, start, step))
        prefix = static_prefix(settings.text.prompt, turns, settings.text.history_tokens, tokenizer)
        segment = build_segment(track, start, stop, schedule, prefix, session.side.voiceprint, own_delay(0.5, fps))
        with torch.inference_mode():
            outputs = model(segment)
        new = schedule.tokens_before(step + 1) - schedule.tokens_before(start + 1)
        result.text.append(outputs.text[step - start :])
        result.faces.append(outputs.faces[step - start :])
        result.audio.append(outputs.audio[new:])
        step = stop
    return result


@pytest.mark.parametrize(("fps", "changes"), VARIANTS)
def test_streaming_equals_the_teacher_forced_forward(fps: Fraction, changes: dict[str, object]) -> None:
    frames = speaker_frames(80, fps)
    session = open_session(fps, **changes)
    recorder = Recorder(session)
    answers = [session.step(frame) for frame in frames]
    full = full_forward(session, recorder, frames)
    assert session.hop_steps == 7  # (80 - 24) / 8
    spoken = [word for answer in answers for word in answer.words]
    assert len(spoken) > 2, "the random model must speak, or the history would not be tested"
    for name in ("text", "faces", "audio"):
        streamed, whole = torch.cat(getattr(recorder, name)), torch.cat(getattr(full, name))
        assert streamed.shape == whole.shape
        assert torch.allclose(streamed, whole, atol=1e-4, rtol=0), name
        assert whole.std() > 1e-2, f"{name} does not depend on anything"


@pytest.mark.parametrize("changes", [{}, *ABLATIONS.values()], ids=["whole", *ABLATIONS])
def test_the_future_changes_nothing(changes: dict[str, object]) -> None:
    """Cuts before, at and after the first hop."""
    fps = Fraction(30)
    frames = speaker_frames(48, fps)
    session = open_session(fps, **changes)
    original = [session.step(f) for f in frames]
    for cut in (5, 24, 40):
        session = open_session(fps, **changes)
        other = [session.step(f) for f in frames[:cut] + speaker_frames(48, fps, seed=9)[cut:]]
        for a, b in zip(original[:cut], other[:cut], strict=True):
            assert np.array_equal(a.face, b.face)
            assert np.array_equal(a.audio, b.audio)
            assert a.words == b.words
        assert not np.array_equal(original[-1].face, other[-1].face)


def test_words_do_not_wait_for_the_listeners_own_mouth() -> None:
    """Incident: recorded mouths open before their words; a model that saw its own newest face waited for ever."""
    model, fps = small_model(), Fraction(25)
    generator = np.random.default_rng(0)
    own = np.full(24, small_tokenizer().pause)
    faces = generator.uniform(0, 1, (2, 24, 64)).astype(np.float32)
    newer = faces[0].copy()
    newer[12:] = generator.uniform(0, 1, (12, 64))
    outputs = []
    for listener in (faces[0], newer):
        track = Track(
            0,
            listener,
            faces[1],
            own,
            own,
            WordFormReader(small_tokenizer()).read(own),
            average_pacing(len(own), fps),
            np.zeros(60, np.int64),
            listener[0],
        )
        segment = build_segment(track, 0, 23, TokenSchedule(fps, 50), (2, 5), torch.zeros(4), own_delay(0.5, fps))
        with torch.inference_mode():
            outputs.append(model(segment))
    assert torch.equal(outputs[0].text, outputs[1].text)
    assert not torch.equal(outputs[0].faces[12:], outputs[1].faces[12:])


def test_same_seed_same_answers_and_another_seed_others() -> None:
    frames = speaker_frames(40, Fraction(25))
    runs = [[s.step(f) for f in frames] for s in (open_session(Fraction(25), seed) for seed in (1, 1, 2))]
    assert all(np.array_equal(a.audio, b.audio) and a.words == b.words for a, b in zip(runs[0], runs[1], strict=True))
    assert any(not np.array_equal(a.audio, b.audio) for a, b in zip(runs[0], runs[2], strict=True))


def test_the_face_goes_back_to_rest_as_fast_as_the_settings_say() -> None:
    """The network's own changes set aside, an offset of the face is down to 1/e after ``sampling.face_return``."""
    for part, column, seconds, kept in (
        ("face", 55, 0.0, 1.0),
        ("face", 55, 2.0, np.exp(-0.5)),
        ("face", 55, 0.5, np.exp(-2.0)),
        ("eyes", EYE_COLUMNS[0], 0.5, np.exp(-2.0)),
    ):
        session = open_session(
            Fraction(25),
            **{"sampling.face_return": 9.0, "sampling.eyes_return": 9.0, f"sampling.{part}_return": seconds},
        )
        rest = session.side.past.rest.copy()
        strayed = rest.copy()
        strayed[column] += 0.5
        session.side.past.listener[-1] = strayed
        for _ in range(25):
            session.side.show(torch.from_numpy(session.side.past.listener[-1]))
        assert session.side.past.listener[-1][column] - rest[column] == pytest.approx(0.5 * kept, rel=1e-4)


@pytest.mark.parametrize("fps", [*RATES, Fraction(24), Fraction(50), Fraction(12)])
def test_each_answer_has_the_samples_of_its_frame_and_words_of_the_past(fps: Fraction) -> None:
    session = open_session(fps)
    for frame in speaker_frames(50, fps):
        answer = session.step(frame)
        expected = samples_before(frame.index + 2, fps, 16_000) - samples_before(frame.index + 1, fps, 16_000)
        assert answer.audio is not None
        assert answer.face is not None
        assert answer.audio.shape == (expected,)
        assert answer.face.shape == (64,)
        assert np.isfinite(answer.face).all()
        assert all(word.start < word.end <= (frame.index + 1) / fps + 1e-9 for word in answer.words)


def test_what_a_session_keeps_is_bounded() -> None:
    session = open_session(Fraction(25))
    sizes = []
    for frame in speaker_frames(200, Fraction(25)):
        session.step(frame)
        past = session.side.past
        sizes.append(max(len(past.listener), len(past.codes) // 2, len(past.words)))
    assert max(sizes[100:]) <= max(sizes[:100])
    assert max(sizes) <= 24 + 12 + 24  # window, history words, words inside the window


def test_more_frames_than_audio_tokens_is_refused() -> None:
    with pytest.raises(InputError, match="60 frames a second"):
        open_session(Fraction(60))


def test_another_sample_rate_is_refused() -> None:
    codec = ToneCodec()
    context = DialogueContext("d", Fraction(25), 44_100, 0)
    with pytest.raises(InputError, match="44100"):
        StreamingGroup(small_model(), small_tokenizer(), codec, [context], [torch.zeros(4)])
