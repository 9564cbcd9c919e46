"""``omnibench submit`` refused the project's own main job: ``run.json`` described its sampling in 217 characters, 200
were allowed, and the message said "pattern". The same would have met a model that fails once (its traceback holds
``<module>``, which looks like markup), Moshi (its weights' names hold a slash), a checkpoint that is a folder, a killed
run's half line, and reasons that list every dialogue. A limit on what our own commands write comes from what they can
write, and a refusal says what there is and what is allowed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from data_factory import write_dataset
from entry_factory import entry_document
from pydantic import ValidationError
from submission_factory import write_run

from baselines.omniresponse import entry as omniresponse
from baselines.omniresponse.config import SamplingSettings
from leaderboard.archive.sending import as_sent
from leaderboard.entry.problems import schema_problems
from leaderboard.entry.records import JournalLine, RunManifest
from leaderboard.entry.schema import (
    ORIGIN_VALUE_LENGTH,
    ORIGINS,
    SIGNATURE_LENGTH,
    Entry,
    Model,
    ProtocolName,
    SampleMetric,
)
from leaderboard.entry.strict_json import markup_fault
from leaderboard.judging.composing import scores_of
from omnibench.cli import main
from omnibench.files import records, score_records
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import PROTOCOLS, load_protocol
from omnibench.metrics.signature import signature
from omnibench.responder import MODELS, ModelOptions
from omnibench.system.provenance import git_state, hardware, packages

LONGEST = 0.12345678901234568
FAILING = """
from listeners import Failing, FailingSession, card

class Broken(FailingSession):
    def step(self, frame):
        return (lambda: [].pop(type(frame)))() if frame.index == self.at else super().step(frame)

class Model(Failing):
    card = card("broken", "words")
    def open(self, context):
        self.opened += 1
        return Broken(20 if self.opened == 2 else None)
"""


def _run(**changes: Any) -> dict[str, Any]:
    card = {**asdict(omniresponse.card), "transferred": False}
    data = {"name": "mini", "version": "mini-v1", "split": "test", "manifest": "ab" * 32}
    return {"model": card, "data": data, "packages": packages(), "hardware": hardware(), "git": git_state(), **changes}


def test_every_status_that_is_written_is_known() -> None:
    for written, known in (
        (score_records.Status, SampleMetric.model_fields["status"].annotation),
        (records.Status, JournalLine.model_fields["status"].annotation),
        (Literal["online", "offline", "control"], Model.model_fields["kind"].annotation),
    ):
        assert set(get_args(written)) == set(get_args(known))
    assert set(PROTOCOLS) == set(get_args(ProtocolName))


def test_every_sampling_that_can_be_set_can_be_sent() -> None:
    longest = {"bool": False, "int": 10**9, "float": LONGEST, "str": "draw"}
    own = {name: longest[type(value).__name__] for name, value in SamplingSettings().model_dump().items()}
    fingerprint = omniresponse.fingerprint(ModelOptions(settings={"sampling": own}))
    assert len(fingerprint["sampling"]) > 300
    assert 2 * max(map(len, fingerprint.values())) < ORIGIN_VALUE_LENGTH
    RunManifest.model_validate(_run(identity={"fingerprint": fingerprint}))


def test_the_longest_fingerprint_fits_into_every_signature() -> None:
    origin = {f"{'x' * 60}{number:02}": "y" * ORIGIN_VALUE_LENGTH for number in range(ORIGINS)}
    conditions = {"transcript": "delayed:60000", "render": "mesh-1", "real": "mesh-1"}
    for protocol in PROTOCOLS:
        for name, section in load_protocol(protocol).metrics.items():
            title, data = METRICS.get(name).spec.title, f"{'d' * 255}-{'s' * 64}@01234567"
            sealed = signature(title, protocol, section.values, data, conditions, "4000/4000", origin)
            assert len(sealed) <= SIGNATURE_LENGTH


@pytest.mark.parametrize("name", [name for name in MODELS.names() if MODELS.get(name).card.kind != "control"])
def test_every_card_can_be_sent(name: str) -> None:
    Model.model_validate(json.loads(json.dumps({**asdict(MODELS.get(name).card), "transferred": True})))


@pytest.mark.parametrize(
    "changes",
    [
        {"hardware": {"processor": f" {'Intel(R) ' * 40}<virt> \x1b[1m", "cores": 2, "memory_bytes": 1 << 50}},
        {"packages": {"omnibench": f"0.1.0+g{'0' * 300}.d<dirty>", "python": "3.13.0rc1"}},
        {"git": {"commit": "<none>\n" * 90, "changed": True}},
        {"settings": {"system": "<|user|> You &lt;listen&gt;.", "cache": "C:\\x\x00", "many": [["\u202e"] * 3]}},
        {"identity": {"settings": {"system": "<s>[INST]"}, "checkpoint": " ".join(["ab" * 32] * 20)}},
        {"timings": {"seconds": 1e9, "steps": 10**9}, "account": {"cost_usd": 1e12}, "workers": 10**6},
    ],
)
def test_a_run_may_say_anything_of_its_machine_and_settings(changes: dict[str, Any]) -> None:
    document = json.loads(as_sent("run.json", json.dumps(_run(**changes)).encode()))
    assert markup_fault(document) is None
    RunManifest.model_validate(document)


def test_what_is_plain_already_is_sent_byte_for_byte() -> None:
    run = json.dumps(_run(), indent=7).encode()
    assert as_sent("run.json", run) == run
    journal = b'{"id":  "a", "status": "ok"}\n'
    assert as_sent("journal.jsonl", journal) == journal
    assert as_sent("journal.jsonl", journal + b'{"id": "b", "st') == journal
    assert as_sent("scores.strict.json", b"{") == b"{"


def test_reasons_are_shortened_and_values_are_not() -> None:
    metric = {"status": "not_scored", "reason": "a: got <class 'int'>; " * 1000, "direction": "lower"}
    document = {**entry_document()["scores"]["strict"], "metrics": {"fd": metric}}
    kept = scores_of(document, "project", None).metrics["fd"]
    assert len(kept.reason) == 4000
    assert kept.reason.startswith("a: got ‹class 'int'>")


def test_a_model_that_fails_once_can_be_submitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "support"))
    Path("model.py").write_text(FAILING)
    write_dataset(Path("data"), ids=("a", "b", "c"), seconds=1)
    run = ["run", "--model", "model.py:Model", "--data", "data", "--protocol", "strict", "--workers", "0", "--no-score"]
    assert main([*run, "--out", "out"]) == 5
    assert "<lambda>" in Path("out/journal.jsonl").read_text()
    assert main(["score", "out", "--data", "data", "--protocol", "strict", "--metrics", "rouge_l,fd"]) in (0, 5)
    more = ["--data", "data", "--out", "sent.zip", "--entry", "board/submissions", "--url", "https://example.org/s.zip"]
    assert main(["submit", "out", "--team", "x", "--contact", "y@example.org", *more]) == 0
    assert main(["leaderboard", "check", "board"]) == 0


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("submission", "team"), "x" * 217, 'field "submission.team": 217 characters, at most 200 allowed'),
        (("submission", "team"), "", 'field "submission.team": 0 characters, at least 1 allowed'),
        (("archive", "sha256"), "abc", 'field "archive.sha256": "abc" does not have the form ^[0-9a-f]{64}$'),
        (("badge",), "gold", "field \"badge\": \"gold\", expected 'self-reported', 're-scored' or 'reproduced'"),
        (("scores", "strict", "metrics", "fd", "value"), "1.x", 'fd.value": "1.x", expected a number'),
        (("scores", "strict", "metrics", "fd", "n_scored"), -1, 'fd.n_scored": Input should be greater than'),
        (("scores", "strict", "metrics", "f d"), {}, 'metrics.f d (the key)": "f d" does not have the form'),
        (("scores", "strict", "metrics", "fd", "n_expected"), 1, "fd: counts 1 of the split's 2 dialogues"),
    ],
)
def test_a_refusal_says_what_there_is_and_what_is_allowed(path: tuple[str, ...], value: Any, said: str) -> None:
    document = entry_document()
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(ValidationError) as error:
        Entry.model_validate(document)
    problems = schema_problems("entry.json", error.value)
    assert said in " ".join(map(str, problems))
    assert {problem.where for problem in problems} == {"entry.json"}


def test_the_file_and_the_field_are_named(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = write_run(tmp_path / "run", synthetic)
    content = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**content, "identity": {"fingerprint": {"sampling": "x" * 1001}}}))
    assert main(["submit", "run", "--team", "x", "--contact", "y@example.org", "--data", str(synthetic)]) == 4
    said = 'run.json: field "identity.fingerprint.sampling": 1001 characters, at most 1000 allowed'
    assert said in capsys.readouterr().err
