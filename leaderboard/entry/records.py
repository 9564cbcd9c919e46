"""The two records of a run as a submission may send them: ``run.json`` and the lines of ``journal.jsonl``.

A newer omnibench may write more than this one knows, so unknown fields of ``run.json`` are passed over. What is known
has its type checked, because it goes into signatures and numbers: a transcript called ``x|data:other`` would forge one.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from leaderboard.entry.plain_text import Label, OptionalLabel, Prose
from leaderboard.entry.schema import ORIGINS, DialogueId, Model, Origin, OriginValue, Run, Sha256, Split
from omnibench.files import records
from omnibench.files.records import Hardware, Identity, Lateness, RunData, RunRecord, Timings

Transcript = Annotated[str, Field(max_length=20, pattern=r"^(oracle|delayed:\d+)$")]
Renderer = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9-]*$")]
# A checkpoint that is a folder has a sha256 for each of its files.
Checkpoint = Annotated[str, Field(max_length=64_999, pattern=r"^([0-9a-f]{64}( [0-9a-f]{64})*)?$")]


_LOOSE: Final = ConfigDict(extra="ignore")


class _Hardware(Hardware):
    model_config = _LOOSE

    processor: OptionalLabel = ""


class _Timings(Timings):
    model_config = _LOOSE


class _Identity(Identity):
    model_config = _LOOSE

    fingerprint: dict[Origin, OriginValue] = Field(default_factory=dict, max_length=ORIGINS)
    checkpoint: Checkpoint = ""

    @property
    def checkpoint_sha256(self) -> str | None:
        """The file's, or of a folder that of the line with its files'; None where there is no checkpoint."""
        if not self.checkpoint or " " not in self.checkpoint:
            return self.checkpoint or None
        return hashlib.sha256(self.checkpoint.encode()).hexdigest()


class _Data(RunData):
    model_config = _LOOSE

    name: Label
    version: OptionalLabel = ""
    split: Split
    manifest: Sha256


class RunManifest(RunRecord):
    """``run.json``: the card has to be whole, the rest may be missing."""

    model_config = _LOOSE

    model: Model
    data: _Data
    ids: Annotated[tuple[DialogueId, ...], Field(strict=False)] | None = None
    transcript: Transcript | None = None
    renderer: Renderer | None = None
    seed: int | None = None
    timings: _Timings = _Timings()
    hardware: _Hardware = _Hardware()
    identity: _Identity = _Identity()
    packages: dict[OptionalLabel, OptionalLabel] = Field(default_factory=dict)

    def run(self) -> Run:
        """What the entry keeps of it."""
        return Run(
            transcript=self.transcript or "unknown",
            seed=self.seed,
            renderer=self.renderer or "",
            omnibench=self.packages.get("omnibench", ""),
            checkpoint_sha256=self.identity.checkpoint_sha256,
            processor=self.hardware.processor,
            cores=self.hardware.cores,
            memory_bytes=self.hardware.memory_bytes,
            step_p50_ms=self.timings.step_p50_ms,
            step_p99_ms=self.timings.step_p99_ms,
            seconds=self.timings.seconds,
        )


class _Lateness(Lateness):
    model_config = _LOOSE


class JournalLine(records.JournalLine):
    """One dialogue's end."""

    model_config = _LOOSE

    id: DialogueId
    stage: OptionalLabel = "generate"
    reason: Prose = ""
    files: dict[OptionalLabel, Sha256] = Field(default_factory=dict)
    late: _Lateness = _Lateness()
    traceback: Annotated[str, Field(max_length=20_000)] = ""
