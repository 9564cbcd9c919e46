"""The two records of a run as a submission may send them: ``run.json`` and the lines of ``journal.jsonl``.

A newer omnibench may write more than this one knows, so unknown fields of ``run.json`` are passed over. What is known
has its type checked, because it goes into signatures and numbers: a transcript called ``x|data:other`` would forge one.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from leaderboard.entry.plain_text import Label, OptionalLabel, Prose
from leaderboard.entry.schema import ORIGINS, Count, DialogueId, Finite, Model, Origin, OriginValue, Run, Sha256, Split

Transcript = Annotated[str, Field(max_length=20, pattern=r"^(oracle|delayed:\d+)$")]
Renderer = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9-]*$")]
# A checkpoint that is a folder has a sha256 for each of its files.
Checkpoint = Annotated[str, Field(max_length=64_999, pattern=r"^([0-9a-f]{64}( [0-9a-f]{64})*)?$")]


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Timings(_Loose):
    seconds: Annotated[Finite, Field(ge=0)] | None = None
    step_p50_ms: Annotated[Finite, Field(ge=0)] | None = None
    step_p99_ms: Annotated[Finite, Field(ge=0)] | None = None


class _Hardware(_Loose):
    processor: OptionalLabel = ""
    cores: Count = 0
    memory_bytes: Count = 0


class _Identity(_Loose):
    checkpoint: Checkpoint | None = None
    fingerprint: dict[Origin, OriginValue] = Field(default_factory=dict, max_length=ORIGINS)

    @property
    def checkpoint_sha256(self) -> str | None:
        """The file's, or of a folder that of the line with its files'; None where there is no checkpoint."""
        if not self.checkpoint or " " not in self.checkpoint:
            return self.checkpoint or None
        return hashlib.sha256(self.checkpoint.encode()).hexdigest()


class _Data(_Loose):
    name: Label
    version: OptionalLabel = ""
    split: Split
    manifest: Sha256


class RunManifest(_Loose):
    """``run.json``: the card has to be whole, the rest may be missing."""

    model: Model
    data: _Data
    ids: list[DialogueId] | None = None
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


class _Late(_Loose):
    face: Count = 0
    audio: Count = 0
    image: Count = 0
    face_unplayed: Count = 0
    audio_unplayed: Count = 0
    image_unplayed: Count = 0
    words: Count = 0


class JournalLine(_Loose):
    """One dialogue's end."""

    id: DialogueId
    status: Literal["ok", "model_failed", "infra_failed"]
    stage: OptionalLabel = "generate"
    reason: Prose = ""
    frames: Count = 0
    files: dict[OptionalLabel, Sha256] = Field(default_factory=dict)
    late: _Late = _Late()
    seconds: Annotated[Finite, Field(ge=0)] = 0.0
    traceback: Annotated[str, Field(max_length=20_000)] = ""
