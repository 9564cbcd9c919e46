"""Every parser of the project, each with the valid files that mutations start from and what reads them.

A parser is named by what it reads. Its ``read`` takes the path of a mutated file, which lies where the valid one lay:
among its fellows, since a file is read beside others.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, redirect_stdout, suppress
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
from board_parsers import board_parsers
from data_factory import write_dataset
from parser import Parser, Read
from submission_factory import write_run

from leaderboard.site.boards import board_json, boards_of, row_json
from leaderboard.site.sources import local_row
from omnibench.cli import main
from omnibench.datasets.manifest import read_manifest
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.tracks import open_vector, read_text, read_words
from omnibench.datasets.transcript import parse_transcript
from omnibench.datasets.verify import verify
from omnibench.errors import ModelFailure, OmnibenchError
from omnibench.features.store import FeatureStore
from omnibench.files.journal import Journal
from omnibench.files.names import chosen_of, name_fault, printable
from omnibench.files.settings import resolve_settings
from omnibench.media.audio import audio_info, read_audio
from omnibench.media.video import decoded_notes, read_frames, video_info
from omnibench.metrics.protocol import load_protocol
from omnibench.predictions.folder import Predictions
from omnibench.predictions.timings import described, summary
from omnibench.responder import ModelCard
from omnibench.runner.folder import RunFolder
from omnibench.runner.wire import (
    Cost,
    Opened,
    ReadFile,
    Ready,
    Refused,
    Unhappy,
    card_from_json,
    card_json,
    checked,
    pack,
    pack_answers,
    unpack,
    unpack_answers,
)
from omnibench.scoring.comparison import compare_runs
from omnibench.scoring.scores import read_samples, read_statistics
from omnibench.studio.script import SCRIPTS, parse_scripts
from omnibench.tables.paper_tables import find_runs, long_frame, text_table
from omnibench.tables.run_table import format_scores
from omnibench.types import ListenerFrame, Word


def parsers(root: Path) -> list[Parser]:
    """All of them, with their valid files below ``root``, which is made."""
    data = write_dataset(root / "data", ids=("a", "b"))
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for model in ("parrot", "frozen"):
            options = [
                "--data",
                str(data),
                "--out",
                str(root / "runs" / model),
                "--workers",
                "0",
                "--no-score",
                "--no-video",
            ]
            assert main(["run", "--model", model, "--protocol", "strict", *options]) == 0
            score = ["score", str(root / "runs" / model), "--metrics", "rouge_l,fd,talk_ratio", "--allow-partial"]
            assert main(score) == 0
    found = [*_run_files(root), *_data_files(root / "data"), *_settings(root), *_wire(root), *_weights(root)]
    return [*found, *board_parsers(root, data), *_endpoint(root)]


def _run_files(root: Path) -> Iterator[Parser]:
    runs = root / "runs"
    run, answers = runs / "parrot", root / "answers"
    write_run(answers, root / "data")

    def run_json(_: Path) -> None:
        folder = Predictions(run)
        described(folder.ran.timings)
        RunFolder(run).manifest()
        text_table(2, find_runs(run))
        row_json(local_row(run, "parrot"))

    def scores(_: Path) -> None:
        found = find_runs(run)
        text_table(2, found)
        long_frame(2, found)
        format_scores(found[0].scores)
        for board in boards_of([local_row(run, "parrot")]):
            json.dumps(board_json(board), allow_nan=False).encode()

    def journal(path: Path) -> None:
        found = Journal(path)
        found.account()
        answers = Predictions(run)
        for name in found.entries():
            answers.status(name)

    def times(_: Path) -> None:
        found = Predictions(answers)
        for name in ("a", "b"):
            found.timing(name)
            found.word_steps(name)
        summary(found, ["a", "b"], 1.0)

    def words(_: Path) -> None:
        sample = Predictions(answers).sample("a", Fraction(25))
        _ = sample.words
        _ = sample.timed_words(0.5)
        _ = sample.text

    yield Parser("run.json", "json", run / "run.json", run_json)
    yield Parser("journal", "jsonl", run / "journal.jsonl", journal)
    yield Parser("scores", "json", run / "scores.json", scores)
    yield Parser("samples", "jsonl", run / "samples.jsonl", lambda _: read_samples(run))
    yield Parser("statistics", "npz", run / "statistics.npz", lambda _: read_statistics(run))
    for name, kind, weight in (("samples.jsonl", "jsonl", 0.05), ("statistics.npz", "npz", 0.05)):
        both: Read = lambda _: compare_runs(run, runs / "frozen", metrics=["rouge_l", "fd"])  # noqa: E731
        yield Parser(f"compared {name}", kind, run / name, both, weight=weight)  # type: ignore[arg-type]
    yield Parser("timing", "npz", answers / "timing" / "a.npz", times)
    store, media = FeatureStore(root / "features"), Predictions(answers).sample("a").media
    store.computed(media, "x", lambda: {"a": np.zeros(3, np.float32)})
    (features,) = (root / "features").rglob("*.npz")
    again: Read = lambda _: store.computed(media, "x", lambda: {"a": np.zeros(3, np.float32)})  # noqa: E731
    yield Parser("features", "npz", features, again)
    yield Parser("vector", "npy", answers / "vector" / "a.npy", lambda _: Predictions(answers).vector("a"))
    yield Parser("text", "json", answers / "text" / "a.json", words)


def _data_files(data: Path) -> Iterator[Parser]:
    part = data / "test"
    flac = part / "audio" / "listener" / "a.flac"
    import soundfile

    wave, rate = soundfile.read(part / "audio" / "listener" / "a.wav")
    flac.parent.joinpath("kept").mkdir()
    flac = flac.parent / "kept" / "a.flac"
    soundfile.write(flac, wave, rate)
    entry = {"id": "a", "fps": "25/1", "sample_rate": 16000, "topic": "x", "persons": {"speaker": "x"}}
    manifest = {"name": "x", "version": "1", "default_protocol": "strict", "splits": {"test": [entry, {"id": "b"}]}}

    (data / "manifest.json").write_text(json.dumps(manifest))

    def read_data(path: Path) -> None:
        read_manifest(path)
        with closing(open_dataset(str(data))) as dataset:
            for split in dataset.splits():
                dataset.manifest_hash(split)
                for name in dataset.ids(split)[:2]:
                    _ = dataset.dialogue(split, name).fps

    def sound(path: Path) -> None:
        audio_info(path)
        read_audio(path, 100, 4000)
        read_audio(path)

    def pictures(path: Path) -> None:
        video_info(path)
        decoded_notes(path)
        for _ in islice(read_frames(path), 3):
            pass

    def text(path: Path) -> None:
        for read in (read_words, read_text):
            _quietly(read, path)

    yield Parser("manifest", "json", data / "manifest.json", read_data)
    yield Parser("verified text", "json", part / "text/listener/a.json", lambda _: _verified(data), weight=0.1)
    yield Parser("track text", "json", part / "text" / "speaker" / "a.json", text)
    yield Parser("track vector", "npy", part / "vector" / "listener" / "a.npy", open_vector)
    yield Parser("wav", "bytes", part / "audio" / "listener" / "b.wav", sound)
    yield Parser("flac", "bytes", flac, sound)
    yield Parser("mp4", "bytes", part / "video" / "listener" / "a.mp4", pictures, weight=0.5)


def _verified(data: Path) -> None:
    with closing(open_dataset(str(data))) as dataset:
        verify(dataset, dataset.splits(), lambda _: None)  # type: ignore[arg-type]


def _settings(root: Path) -> Iterator[Parser]:
    from baselines.lstm.config import Settings as LstmSettings
    from baselines.omniresponse.config import Settings as OmniResponseSettings
    from baselines.shared.configuration import load_config, override

    place = root / "settings"
    place.mkdir()

    def kept(name: str, text: str) -> Path:
        (place / name).write_text(text)
        return place / name

    protocol = 'extends = "strict"\nabsent = "worst"\n\n[metrics.rouge_l]\nimplementation = "rouge-score"\n'
    settings = "[network]\nwords = 64\ndropout = 0.5\n\n[loss]\nface = 1.0\nsilence = 0.1\n"

    def config(path: Path) -> None:
        values = resolve_settings(path, [])
        override(LstmSettings(), values, "lstm")

    def assignment(path: Path) -> None:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        values = resolve_settings(None, text.splitlines())
        json.dumps(values, allow_nan=False)
        for default, model in ((LstmSettings(), "lstm"), (OmniResponseSettings(), "omniresponse")):
            with suppress(OmnibenchError):
                override(default, values, model).to_json()

    yield Parser("protocol", "text", kept("mine.toml", protocol), lambda path: load_protocol(str(path)), weight=0.05)
    yield Parser("--config", "text", kept("a.toml", settings), config)
    lstm: Read = lambda path: load_config(LstmSettings(), place, str(path), "lstm")  # noqa: E731
    yield Parser("model configuration", "text", kept("b.toml", settings), lstm)
    more = (b"sampling.top_p=0.9\nsampling.greedy=true", b"network.words=3\nloss={face=1}", b"a.b.c=[1, 2]\na.b=3")
    yield Parser("--set", "text", kept("set", "network.dropout=0.2\nloss.face=2"), assignment, more)
    transcript: Read = lambda path: parse_transcript(path.read_bytes().decode("utf-8", "replace"))  # noqa: E731
    yield Parser("--transcript", "text", kept("transcript", "delayed:300"), transcript, (b"oracle",))
    script = next((SCRIPTS / "test").glob("*.txt")).read_text(encoding="utf-8")
    scripts: Read = lambda path: parse_scripts(path.read_bytes().decode("utf-8", "replace"), "test", "x")  # noqa: E731

    def names(path: Path) -> None:
        given = path.read_bytes().decode("utf-8", "surrogateescape").splitlines() or [""]
        shown = [printable(name) for name in given if not name_fault(name)]
        assert "".join(shown).encode() is not None
        chosen_of(given[:1], given[1:], "here")

    some = (b'a,b\n"a,b",c\na,b\nc', b"caf\xe9\ncafe\xcc\x81\ncaf\xc3\xa9", b"A\na\n a")
    yield Parser("names and --ids", "text", kept("names", "a,one,two\na\none,two"), names, some)
    yield Parser("script", "text", kept("script.txt", script[:3000]), scripts)


def _wire(root: Path) -> Iterator[Parser]:
    card = ModelCard("m", "1", "online", ("face", "audio", "words"), "x")
    frame = ListenerFrame(np.zeros(64, np.float32), np.zeros(640, np.float32), (Word("a", 0.0, 0.1),))
    answers = pack_answers([frame, None], card, [5, None])
    place = root / "message"

    def message(path: Path) -> None:
        header, content = unpack(path.read_bytes())
        unpack_answers(header, content)

    def told(path: Path) -> None:
        header, _ = unpack(path.read_bytes())
        for kind in (Opened, Refused, Cost, Unhappy):
            with suppress(ModelFailure):
                checked(kind, header)
        card_from_json(checked(ReadFile if "source" in header else Ready, header).card)

    place.write_bytes(answers)
    yield Parser("answers of a process", "header", place, message)
    ready = {"card": card_json(card), "together": False, "needs_oracle": False, "hidden": True}
    messages = (
        {"card": card_json(card), "modified": {"m.py": 1}, "source": "ab"},
        {"first": 0, "count": 2, "together": True},
        {"incidents": [["file", "x", "step"]]},
        {"account": {"requests": 2.0}},
        {"type": "ValueError", "text": "x", "verdict": "failed", "trace": "Traceback"},
    )
    beginning = root / "ready"
    beginning.write_bytes(pack(ready))
    yield Parser("words of a process", "header", beginning, told, tuple(map(pack, messages)))


def _weights(root: Path) -> Iterator[Parser]:
    from torch import nn

    from baselines.lstm.config import Settings
    from baselines.omniresponse.network.checkpoint import load_checkpoint as load_omniresponse
    from baselines.shared.checkpoints import Provenance, load_checkpoint, save_checkpoint
    from baselines.shared.codec.trained import SHIPPED, load_codec

    path = root / "weights" / "lstm.safetensors"
    save_checkpoint(path, "lstm", nn.Linear(2, 2), Settings(), Provenance("mini"), notes={"codec": "x"})
    yield Parser("checkpoint", "header", path, lambda file: load_checkpoint(file, "lstm", Settings(), {}, ()))
    codec = root / "weights" / "codec.safetensors"
    codec.write_bytes(Path(SHIPPED).read_bytes())
    yield Parser("codec", "header", codec, load_codec, weight=0.1)
    whole: Read = lambda file: load_omniresponse(file, {})  # noqa: E731
    yield Parser("OmniResponse checkpoint", "header", codec, whole, weight=0.02)


def _endpoint(root: Path) -> Iterator[Parser]:
    try:
        import httpx2  # noqa: F401
    except ImportError:
        return
    from baselines.gpt.cache import Answer, AnswerCache
    from baselines.gpt.endpoint import read_completion
    from baselines.gpt.ledger import Ledger

    ledger = root / "ledger.json"
    ledger.write_text('{"spent": 0.25, "next": 0.0}')
    yield Parser("ledger", "json", ledger, lambda path: Ledger(path, 1.0, 60.0).spent)
    body = {"model": "x", "messages": []}
    cache = AnswerCache(root / "gpt", "https://example.org")
    cache.keep(body, Answer("Right.", "stop", 3, 1))
    (file,) = (path for path in (root / "gpt").rglob("*") if path.is_file())
    yield Parser("cached answer", "json", file, lambda _: cache.get(body))
    message = {"role": "assistant", "content": "Right.", "refusal": None}
    usage = {"prompt_tokens": 3, "completion_tokens": 1}
    reply = root / "reply.json"
    reply.write_text(json.dumps({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}))
    yield Parser("completion", "json", reply, lambda path: read_completion(path.read_bytes()))


def _quietly(read: Read, path: Path) -> None:
    """Read, whatever is wrong with it: the next reader is asked as well."""
    with suppress(OmnibenchError):
        read(path)
