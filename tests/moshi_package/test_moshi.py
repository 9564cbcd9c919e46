"""Moshi end to end with tiny random networks of the moshi package's own classes: `tox -e moshi`."""

from __future__ import annotations

import shutil
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from baselines.moshi import entry
from omnibench.cli import main
from omnibench.errors import InputError, MissingError
from omnibench.responder import ModelOptions
from omnibench.types import DialogueContext, SpeakerFrame, Word

pytestmark = pytest.mark.moshi


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny Moshi."""
    from moshi_factory import write_moshi

    return write_moshi(tmp_path_factory.mktemp("moshi") / "tiny")


@pytest.fixture(scope="session")
def responder(tiny: Path):
    return entry.build(ModelOptions(checkpoint=tiny))


def context(dialogue: str = "a", seed: int = 0, fps: Fraction = Fraction(25), rate: int = 16_000) -> DialogueContext:
    return DialogueContext(dialogue, fps, rate, seed)


def frames(about: DialogueContext, count: int, seed: int = 0) -> list[SpeakerFrame]:
    rng = np.random.default_rng(seed)
    lengths = [about.samples_before(i + 1) - about.samples_before(i) for i in range(count)]
    sounds = [0.3 * rng.standard_normal(n).astype(np.float32) for n in lengths]
    return [SpeakerFrame(i, np.zeros(64, np.float32), sound) for i, sound in enumerate(sounds)]


def talk(responder, about: DialogueContext, heard: list[SpeakerFrame]) -> tuple[np.ndarray, list[Word]]:
    session = responder.open(about)
    answers = [session.step(frame) for frame in heard]
    session.close()
    for frame, answer in zip(heard, answers, strict=True):
        assert all(word.end <= (frame.index + 1) / about.fps for word in answer.words)
    return np.concatenate([a.audio for a in answers]), [word for a in answers for word in a.words]


@pytest.mark.parametrize(
    ("fps", "rate"), [(Fraction(25), 16_000), (Fraction(30), 24_000), (Fraction(30000, 1001), 44_100)]
)
def test_sound_and_words_come_out_at_any_frame_rate(responder, fps: Fraction, rate: int) -> None:
    about = context(fps=fps, rate=rate)
    count = round(1.6 * fps)
    sound, words = talk(responder, about, frames(about, count))
    assert len(sound) == about.samples_before(count + 1) - about.samples_before(1)
    assert np.abs(sound).max() <= 1
    begin = np.flatnonzero(sound)[0] / rate
    assert begin < 0.08 + 2 / fps
    assert sound[int((begin + 0.1) * rate) :].std() > 0
    assert words
    assert all(one.end <= other.end for one, other in pairwise(words))


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(responder) -> None:
    heard = frames(context(), 25)
    sound, words = talk(responder, context(), heard)
    again, same = talk(responder, context(), heard)
    assert sound.tobytes() == again.tobytes()
    assert words == same
    for other in (context(seed=1), context(dialogue="b")):
        assert talk(responder, other, heard)[0].tobytes() != sound.tobytes()


def test_what_moshi_hears_matters(responder) -> None:
    one, _ = talk(responder, context(), frames(context(), 25, seed=1))
    other, _ = talk(responder, context(), frames(context(), 25, seed=2))
    assert one.tobytes() != other.tobytes()


def test_dialogues_stepped_in_turns_do_not_touch_each_other(responder) -> None:
    import torch

    heard = {name: frames(context(), 20, seed) for seed, name in enumerate("ab")}
    alone = {name: talk(responder, context(name), heard[name]) for name in "ab"}
    sessions = {name: responder.open(context(name)) for name in "ab"}
    answers: dict[str, list] = {"a": [], "b": []}
    drawn = torch.get_rng_state()
    for step in range(20):
        for name, session in sessions.items():
            answers[name].append(session.step(heard[name][step]))
    assert torch.equal(torch.get_rng_state(), drawn)
    for name in "ab":
        assert np.concatenate([a.audio for a in answers[name]]).tobytes() == alone[name][0].tobytes()
        assert [word for a in answers[name] for word in a.words] == alone[name][1]


def test_the_stream_is_kyutais_own_inference(responder, tiny: Path) -> None:
    """Tokens and sound of moshi 0.2.13's inference loop: the first codes twice, then each once (run_inference.py)."""
    import torch
    from moshi.models import LMGen
    from moshi.utils.compile import no_compile

    from baselines.moshi.loading import load
    from baselines.moshi.settings import Settings
    from baselines.moshi.streams import DialogueStream, Networks

    networks, _ = load(ModelOptions(checkpoint=tiny, settings={"temperature": 0, "temperature_text": 0}))
    chunks = 0.3 * np.random.default_rng(0).standard_normal((6, 1920)).astype(np.float32)
    stream = DialogueStream(Networks(networks.mimi, networks.language_model, networks.settings), 0, "a")
    ours = [stream.step(chunk) for chunk in chunks]
    stream.close()
    settings: Settings = networks.settings
    generate = LMGen(networks.language_model, temp=settings.temperature, temp_text=settings.temperature_text)
    theirs = []
    with torch.no_grad(), no_compile(), networks.mimi.streaming(1), generate.streaming(1):
        for number, chunk in enumerate(torch.from_numpy(chunks)):
            codes = networks.mimi.encode(chunk[None, None])
            if number == 0:
                assert generate.step(codes) is None
            tokens = generate.step(codes)
            theirs.append((int(tokens[0, 0, 0]), networks.mimi.decode(tokens[:, 1:])[0, 0].numpy()))
    assert [token for token, _ in ours] == [token for token, _ in theirs]
    for (_, mine), (_, reference) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, reference)


def test_pieces_are_spelled_as_sentencepiece_spells_them(tiny: Path) -> None:
    import sentencepiece

    from baselines.moshi.monologue import spelled

    tokenizer = sentencepiece.SentencePieceProcessor(str(tiny / "text.model"))
    for text in ("well", "I think the market is good", "my family went home today"):
        ids = tokenizer.encode(text)
        assert spelled([tokenizer.id_to_piece(i) for i in ids]) == tokenizer.decode(ids) == text


def test_the_parameters_of_the_card_are_the_published_moshis() -> None:
    import torch
    from moshi.models import loaders
    from moshi.models.lm import LMModel

    with torch.device("meta"):
        mimi = loaders.get_mimi(None, device="meta")
    model = LMModel(device="meta", dtype=torch.bfloat16, **loaders._lm_kwargs)
    count = sum(p.numel() for part in (mimi, model) for p in part.parameters())
    assert count == entry.card.parameters


def test_a_run_from_the_command_line_writes_sound_and_words(tiny: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", ids=("a", "b"), seconds=1.2)
    common = ["run", "--model", "moshi", "--checkpoint", str(tiny), "--data", str(data), "--workers", "0", "--no-score"]
    for name in ("one", "two"):
        assert main([*common, "--out", str(tmp_path / name)]) == 0
    for kind in ("audio", "text"):
        for path in sorted((tmp_path / "one" / kind).iterdir()):
            assert path.read_bytes() == (tmp_path / "two" / kind / path.name).read_bytes()
    assert not (tmp_path / "one" / "vector").exists() or not any((tmp_path / "one" / "vector").iterdir())
    assert {p.stem for p in (tmp_path / "one" / "audio").iterdir()} == {"a", "b"}


def test_the_causality_audit_passes(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_dataset(tmp_path / "data", ids=("a",), seconds=1.2)
    arguments = ["audit", "causality", "--model", "moshi", "--checkpoint", str(tiny), "--data", str(data)]
    assert main([*arguments, "--dialogues", "1", "--cuts", "1"]) == 0, capsys.readouterr()


def test_files_that_do_not_fit_are_named(tiny: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(tiny, tmp_path / "broken")
    (broken / "mimi.safetensors").write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"mimi\.safetensors: not what moshi expects"):
        entry.build(ModelOptions(checkpoint=broken))
    with pytest.raises(InputError, match=r"config\.json: no such file"):
        entry.build(ModelOptions(checkpoint=tmp_path))


def test_without_a_gpu_the_message_says_so(tiny: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(MissingError, match="finds no GPU here"):
        entry.build(ModelOptions(checkpoint=tiny, device="cuda"))
