"""Scored runs on disk, small and made up, in the files that ``omnibench score`` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "fad7673a" * 8
MAIN = ("meteor", "bertscore_minilm", "rouge_l", "distinct_2", "lse_d_mini", "dnsmos", "fd", "fvd_mini")


def number(metric: str, value: float, spread: float = 0.05, protocol: str = "offline", **more: Any) -> dict[str, Any]:
    """A metric's entry with an interval of ``spread`` to both sides."""
    key = f"{metric}|proto:{protocol}|transcript:oracle|data:mini-test@{MANIFEST[:8]}"
    return {
        "value": value,
        "direction": "higher",
        "n_scored": 4,
        "n_expected": 4,
        "n_outside": 0,
        "signature": f"{key} || cov:4/4|v:0.1.0",
        "interval": {"low": value - spread, "high": value + spread, "method": "made up"},
        **more,
    }


def write_run(
    root: Path,
    name: str,
    metrics: Mapping[str, Mapping[str, Any]],
    *,
    protocol: str = "offline",
    kind: str = "online",
    dialogues: int = 4,
    card: Mapping[str, Any] | None = None,
) -> Path:
    """A run's folder: ``run.json``, its scores under one protocol, and per-dialogue scores around each value."""
    folder = root / name / "mini-test"
    folder.mkdir(parents=True, exist_ok=True)
    data = {"name": "mini", "version": "mini-v1", "split": "test", "manifest": MANIFEST, "dialogues": dialogues}
    model = {"name": name, "version": "1", "kind": kind, "summary": f"About {name}", "citation": "", **(card or {})}
    scores = {"schema_version": 1, "protocol": protocol, "data": data, "model": name, "metrics": metrics}
    samples = [
        {
            "id": f"d{number:03}",
            "person": f"p{number % 3}",
            "status": "ok",
            "reason": "",
            "metrics": {
                metric: {"status": "ok", "value": entry["value"] + 0.01 * number}
                for metric, entry in metrics.items()
                if "value" in entry
            },
        }
        for number in range(dialogues)
    ]
    (folder / "run.json").write_text(json.dumps({"model": model, "data": data, "seed": 0}))
    for file in ("scores.json", f"scores.{protocol}.json"):
        (folder / file).write_text(json.dumps(scores))
    (folder / "samples.jsonl").write_text("\n".join(map(json.dumps, samples)) + "\n")
    return folder


def write_runs(root: Path) -> Path:
    """Two models and a control under ``offline``; one of the models under ``paper`` too."""
    write_run(root, "mirror", {name: number(name, 0.3 + 0.1 * i) for i, name in enumerate(MAIN)})
    write_run(root, "echo", {name: number(name, 0.2 + 0.1 * i) for i, name in enumerate(MAIN)}, kind="offline")
    write_run(root, "silence", {name: number(name, 0.01) for name in MAIN[:4]}, kind="control")
    paper = {"meteor": number("meteor", 0.25, protocol="paper"), "fd": number("fd", 9.0, protocol="paper")}
    folder = write_run(root, "paper_only", paper, protocol="paper")
    assert folder.is_dir()
    return root
