"""Insertions: what the speaker does once the listener was heard comes at the very frame that the sound says."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset
from test_clock import ArrayTrack, play

import omnibench
from omnibench.audit.causality import audit_causality
from omnibench.audit.request import AuditRequest
from omnibench.datasets.frames import speaker_frames
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.transcript import Transcript
from omnibench.datasets.withheld import NO_LISTENER, Known, write_known
from omnibench.media.audio import read_audio
from omnibench.predictions.folder import Predictions
from omnibench.runner.insertion import Hearing
from omnibench.types import Dialogue, Insertion, ListenerFrame, SpeakerFrame, Word, samples_before

LISTENERS = Path(__file__).parents[2] / "support" / "listeners.py"
RATE, FPS = 16_000, Fraction(30_000, 1001)
LOUD = 10 ** (-44.9 / 20)


def recording(frames: int = 90, fps: Fraction = FPS, heard: float = 0.2, since: float = 0.5, until: float = 2.0,
              words: tuple[Word, ...] = ()) -> Dialogue:  # fmt: skip
    instead = ArrayTrack(60, samples_before(60, fps, RATE), (Word("wait", 0.0, 0.3),))
    insertion = Insertion(instead, heard, -45.0, since, until)
    speaker = ArrayTrack(frames, samples_before(frames, fps, RATE), words)
    return Dialogue("d", fps, RATE, speaker, ArrayTrack(frames, 10), insertion=insertion)


def hears(dialogue: Dialogue, level: float = LOUD, first: int = 0) -> tuple[int | None, list[SpeakerFrame], np.ndarray]:
    """What a listener gets that sounds at one level from a step on; and all that was heard of it."""
    got = []

    def step(frame: SpeakerFrame) -> ListenerFrame:
        got.append(frame)
        audio = np.full(len(frame.audio), level if frame.index >= first else 0.0, np.float32)
        return ListenerFrame(frame.face, audio)

    player, played = play(step, dialogue)
    return player.inserted, got, np.concatenate([frame.audio for frame in played if frame.audio is not None])


@pytest.mark.parametrize("fps", [Fraction(25), FPS, Fraction(30)])
def test_the_speaker_turns_to_the_insertion_in_the_frame_after_the_listener_was_heard(fps: Fraction) -> None:
    dialogue = recording(fps=fps)
    at, got, sound = hears(dialogue)
    assert at is not None
    hearing = Hearing(dialogue.insertion, RATE)
    for index in range(at):
        reached = hearing.play(sound[samples_before(index, fps, RATE) : samples_before(index + 1, fps, RATE)])
        assert reached == (index == at - 1)
    assert at - 2 < Fraction(7, 10) * fps <= at
    before, instead = dialogue.speaker, dialogue.insertion.speaker
    faces = np.concatenate([before.faces[:at], instead.faces[: len(got) - at]])
    np.testing.assert_array_equal(np.stack([frame.face for frame in got])[: at + 60], faces)
    border = samples_before(at, fps, RATE)
    audio = np.concatenate([frame.audio for frame in got])
    assert [len(f.audio) for f in got] == [
        samples_before(i + 1, fps, RATE) - samples_before(i, fps, RATE) for i in range(dialogue.frames)
    ]
    np.testing.assert_array_equal(audio[:border], before.samples[:border])
    rest = audio[border:]
    np.testing.assert_array_equal(rest[: len(instead.samples)], instead.samples[: len(rest)])


@pytest.mark.parametrize(
    ("level", "first", "until"), [(LOUD * 10 ** (-0.2 / 20), 0, 2.0), (LOUD, 0, 0.69), (LOUD, 85, 3.0)]
)
def test_who_is_too_soft_or_too_late_hears_the_recording_to_its_end(level: float, first: int, until: float) -> None:
    dialogue = recording(until=until)
    at, got, _ = hears(dialogue, level, first)
    assert at is None
    expected = speaker_frames(dialogue, Transcript(), images=False)
    assert all((a.face == b.face).all() and (a.audio == b.audio).all() for a, b in zip(got, expected, strict=True))


def test_an_insertion_brings_its_own_words_and_a_late_transcript_keeps_those_that_were_said() -> None:
    said, unsaid = Word("so", 0.3, 0.65), Word("tell", 0.7, 1.9)
    dialogue = recording(words=(said, unsaid))
    for delay in (0, 400):
        frames = list(speaker_frames(dialogue, Transcript(delay), images=False, inserted=22))
        known = {word.text: frame.index for frame in frames for word in frame.words}
        assert known == ({} if delay == 0 else {"so": Transcript(delay).frame_of(said, FPS)}) | {
            "wait": 22 + Transcript(delay).frame_of(Word("wait", 0.0, 0.3), FPS)
        }
        begin = float(22 / FPS)
        assert frames[-1].index == 89
        assert [w for f in frames for w in f.words if w.text == "wait"] == [Word("wait", begin, begin + 0.3)]


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three dialogues without a listener, which talk over who repeats them."""
    root = write_dataset(
        tmp_path_factory.mktemp("events") / "data",
        ids=("a", "b", "c"),
        persons={name: {"speaker": "p01", "listener": "p02"} for name in "abc"},
        modalities=("audio", "vector", "text"),
    )
    content = json.loads((root / "manifest.json").read_text())
    for number, entry in enumerate(content["splits"]["test"]):
        entry["insertion"] = {"heard": 0.2 + 0.1 * number, "level": -45, "since": 0.1, "until": 1.6}
    (root / "manifest.json").write_text(json.dumps({**content, "withheld": {"test": ""}}))
    for folder in (root / "test").iterdir():
        (folder / "listener").rename(folder / "inserted")
    for name in "abc":
        write_known(root / "test", name, Known(initial_face=np.load(root / f"test/vector/speaker/{name}.npy")[0]))
    return root


def test_who_answers_has_a_drawn_portrait_and_the_voice_of_their_other_turns(interrupted: Path) -> None:
    data = open_dataset(str(interrupted))
    assert data.unscored("test") == NO_LISTENER
    portrait = data.portrait("test", "a")
    assert portrait is not None
    assert portrait.shape[2] == 3
    assert data.voice_reference("test", "a") is None  # p02 says nothing anywhere
    frames = speaker_frames(data.dialogue("test", "a"), Transcript(), images=True, inserted=48)
    assert all(frame.image is not None for frame in frames)


def _answers(files: dict[str, str]) -> list[tuple[str, str]]:
    return sorted((name, digest) for name, digest in files.items() if not name.startswith("timing/"))


def test_alone_in_lock_step_and_in_workers_the_same_comes_at_the_same_frame(interrupted: Path, tmp_path: Path) -> None:
    data = open_dataset(str(interrupted))
    found = []
    for name, more in (("one", {"workers": 0}), ("batch", {"batch": 3, "workers": 0}), ("apart", {"workers": 2})):
        result = omnibench.run(
            f"{LISTENERS}:Choir", str(interrupted), out=tmp_path / name, video=False, score=False, **more
        )
        lines = [line for _, line in sorted(result.endings.items())]
        found.append(
            [(line.inserted, sorted((p, h) for p, h in line.files.items() if "timing" not in p)) for line in lines]
        )
    assert found[0] == found[1] == found[2]
    frames = [at for at, _ in found[0]]
    assert None not in frames
    assert frames == sorted(set(frames))
    answers = Predictions(tmp_path / "one")
    for name, at in zip("abc", frames, strict=True):
        dialogue = data.dialogue("test", name)
        hearing, sound = Hearing(dialogue.insertion, dialogue.sample_rate), read_audio(answers.path("audio", name))
        border = samples_before(at, dialogue.fps, dialogue.sample_rate)
        assert hearing.play(sound[:border])  # the file of the answer says as much


def test_the_causality_audit_plays_insertions_and_cuts_after_them(interrupted: Path) -> None:
    request = AuditRequest(f"{LISTENERS}:Choir", str(interrupted), cuts=1, dialogues=1)
    report = audit_causality(request)
    assert not report.findings
    assert len(report.probes) == 1
