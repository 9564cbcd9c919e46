"""New entries that cannot be: names that imitate, numbers, dates and addresses, each with what the check says of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pull_requests import MINE, RIVAL, Attack, document, put, with_fields, with_number

SIGNED = "FD|proto:strict|data:x-test@abababab || cov:2/2|v:0.1.0"
FD = "scores.strict.metrics.fd"


def with_samples(value: float) -> Attack:
    def attack(repository: Path) -> None:
        lines = [
            {"id": name, "status": "ok", "metrics": {"fd": {"status": "ok", "value": value}}} for name in ("a", "b")
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        content = document(MINE, "Our Lab", "own-model")
        content["scores"]["strict"] |= {
            "samples": "samples.strict.jsonl",
            "samples_sha256": hashlib.sha256(text.encode()).hexdigest(),
        }
        (put(repository, content) / "samples.strict.jsonl").write_text(text)

    return attack


def _another_metric(name: str) -> Attack:
    def attack(repository: Path) -> None:
        content = document(MINE, "Our Lab", "own-model")
        metrics = content["scores"]["strict"]["metrics"]
        metrics[name] = metrics.pop("fd")
        put(repository, content)

    return attack


def _in_the_future(repository: Path) -> None:
    put(repository, document("2999-01-01_mine", "Our Lab", "own-model"))


def _before_the_task(repository: Path) -> None:
    put(repository, document("2024-01-01_mine", "Our Lab", "own-model"))


def _of_mini(repository: Path) -> None:
    content = document(MINE, "Our Lab", "own-model")
    scores = content["scores"]["strict"]
    scores["data"] |= {"name": "mini", "version": "mini-v1"}
    scores["metrics"]["fd"]["signature"] = SIGNED.replace("x-test", "mini-test")
    put(repository, content)


FALSE_ENTRIES: dict[str, tuple[Attack, str]] = {
    # Names
    "a look-alike team": (with_fields(submission__team="Rivа1 Lab"), 'reads like "Rival Lab"'),
    "a look-alike team in other cases": (with_fields(submission__team="RlVAL-LAB"), 'reads like "Rival Lab"'),
    "an invisible character": (with_fields(submission__team="Rival\u200d Lab"), "invisible character U+200D"),
    "a Hangul filler": (with_fields(submission__team="Rival\u3164Lab"), "invisible character U+3164"),
    "a variation selector": (with_fields(submission__team="Rival Lab\ufe0e"), "invisible character U+FE0E"),
    "a tag": (with_fields(submission__team="Rival Lab\U000e0041"), "invisible character U+E0041"),
    "piled marks": (with_fields(submission__team="Riv" + "a\u0301\u0302\u0303\u0304\u0305"), "piles more than"),
    "a look-alike model": (with_fields(model__name="mlrage"), 'reads like "mirage"'),
    "the name of a control": (with_fields(model__name="Ground Truth"), 'reads like the control "ground_truth"'),
    "a control in Cyrillic": (with_fields(model__name="s\u0456lence"), 'reads like the control "silence"'),
    "GT": (with_fields(model__name="GT"), "reads like the control"),
    "a row of the paper": (with_fields(model__name="OmniResponse"), 'reads like the row "OmniResponse (Ours)"'),
    "a row of the paper, wide": (
        with_fields(model__name="\uff2d\uff4f\uff53\uff48\uff49"),
        'reads like the row "Moshi"',
    ),
    "a control as a team": (with_fields(submission__team="Metron\u00f3me"), 'reads like the control "metronome"'),
    "the project": (with_fields(submission__team="The Omnibench Project"), "reads like the project"),
    "the controls' group": (with_fields(model__group="controls"), "the group of the project's own controls"),
    # Numbers
    "1e308": (with_number(value=1e308), f"{FD}.value"),
    "not a number": (with_number(value=float("nan")), "entry.json"),
    "below the range": (with_number(value=-1.0), f'{FD}.value": -1; FD is 0 or more'),
    "an interval upside down": (with_number(interval={"low": 2, "high": 1, "method": "x"}), "its low end is above"),
    "an interval elsewhere": (with_number(interval={"low": 2, "high": 3, "method": "x"}), "1.5 is not in it"),
    "an interval out of range": (with_number(interval={"low": -9, "high": 3, "method": "x"}), "interval.low"),
    "the other direction": (with_number(direction="higher"), f'{FD}.direction": "higher"; FD has "lower"'),
    "more scored than expected": (with_number(n_scored=3), "3 of 2 expected dialogues"),
    "another metric's key": (with_number(signature=SIGNED.replace("FD|", "FVD|")), 'begins with "FVD"; expected "FD"'),
    "a condition of its own": (with_number(signature=SIGNED.replace("|data", "|easy:yes|data")), '"easy:yes"'),
    "another parameter": (with_number(signature=SIGNED.replace("|data", "|root:x|data")), 'holds "root:x"'),
    "another coverage": (with_number(signature=SIGNED.replace("cov:2/2", "cov:1/1")), '"cov:2/2"'),
    "a unit of its own": (with_number(unit="points"), f'{FD}.unit": "points"'),
    "an unknown metric": (_another_metric("fdd"), 'Did you mean "fd"'),
    "a metric of another protocol": (_another_metric("fvd_mini"), "the protocol strict does not measure it"),
    "a dialogue's value out of range": (with_samples(-1.0), "samples.strict.jsonl"),
    "another mini": (_of_mini, "the test split of mini has"),
    "a trillion parameters too many": (with_fields(model__parameters=10**18), "model.parameters"),
    # Dates and addresses
    "tomorrow": (_in_the_future, "2999-01-01 is in the future"),
    "before the task": (_before_the_task, "before the data set was there"),
    "a name that is not its folder's": (with_fields(id="2026-11-22_other"), "expected the folder's name"),
    "a day that is not its folder's": (with_fields(submission__date="2026-11-21"), "expected to start with the"),
    "a rival's archive": (with_fields(archive__url=f"https://example.org/{RIVAL}.zip"), "of another team"),
    "flags of its own": (with_fields(flags=[{"kind": "frozen_face", "message": "x"}]), "raised by the project alone"),
    "withdrawn from the start": (with_fields(withdrawn="a bug"), "expected null in a new entry"),
    "attested tomorrow": (with_fields(attestation__date="2999-01-01"), "is in the future"),
    "a day in numbers": (with_fields(submission__date=1795305600), "expected a date like"),
    "javascript:": (with_fields(submission__code="javascript:alert(1)"), "is no web address"),
    "file:": (with_fields(archive__url="file:///etc/passwd"), "is no web address"),
    "a password": (with_fields(archive__url="https://us:pw@example.org/a.zip"), "user's name or password"),
    "a host of their own": (with_fields(archive__url="http://127.0.0.1/a.zip"), "only its own network reaches"),
    "a host in numbers": (with_fields(archive__url="http://2130706433/a.zip"), "expected one like example.org"),
    "a look-alike host": (with_fields(submission__code="https://xn--pple-43d.com/"), 'reads like "apple"'),
    "a line in an address": (with_fields(archive__url="https://example.org/a\nX: y"), "has to escape"),
    "an escaped line": (with_fields(archive__url="https://example.org/%0d%0aX"), "escapes a control character"),
    "a header in the contact": (with_fields(submission__contact="a@b.org?bcc=c@d.org"), "neither an e-mail address"),
    "a line in the contact": (with_fields(submission__contact="a@b.org\nBcc: c@d.org"), "control"),
    "no contact": (with_fields(submission__contact="us"), "neither an e-mail address"),
}
