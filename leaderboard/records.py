"""The two records of a run as a submission may send them: ``run.json`` and the lines of ``journal.jsonl``.

A newer omnibench may write more than this one knows, so unknown fields of ``run.json`` are passed over. What is known
has its type checked, because it goes into signatures and numbers: a transcript called ``x|data:other`` would forge one.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from leaderboard.plain_text import LINE_LENGTH, Line, OptionalLine, Prose
from leaderboard.schema import Count, DialogueId, Finite, Model, Run, Sha256

Transcript = Annotated[str, Field(pattern=r"^(oracle|delayed:\d{1,6})$")]
Renderer = Annotated[str, Field(pattern=r"^[a-z0-9-]{0,40}$")]

# They become parts of a signature, which "|" separates.
_Origin = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
_OriginValue = Annotated[str, Field(pattern=r"^[^|<>\x00-\x1f]{0,200}$")]


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Timings(_Loose):
    seconds: Annotated[Finite, Field(ge=0)] | None = None
    step_p50_ms: Annotated[Finite, Field(ge=0)] | None = None
    step_p99_ms: Annotated[Finite, Field(ge=0)] | None = None


class _Hardware(_Loose):
    processor: OptionalLine = ""
    cores: Count = 0
    memory_bytes: Count = 0


class _Identity(_Loose):
    checkpoint: Sha256 | Literal[""] | None = None
    fingerprint: dict[_Origin, _OriginValue] = Field(default_factory=dict)


class _Data(_Loose):
    name: Line
    version: OptionalLine = ""
    split: Line
    manifest: Sha256


class RunManifest(_Loose):
    """``run.json``: the card has to be whole, the rest may be missing."""

    model: Model
    data: _Data
    transcript: Transcript | None = None
    renderer: Renderer | None = None
    seed: int | None = None
    timings: _Timings = _Timings()
    hardware: _Hardware = _Hardware()
    identity: _Identity = _Identity()
    packages: dict[str, str] = Field(default_factory=dict)

    def run(self) -> Run:
        """What the entry keeps of it."""
        return Run(
            transcript=self.transcript or "unknown",
            seed=self.seed,
            renderer=self.renderer or "",
            omnibench=self.packages.get("omnibench", "")[:LINE_LENGTH],
            checkpoint_sha256=self.identity.checkpoint or None,
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
    stage: OptionalLine = "generate"
    reason: Prose = ""
    frames: Count = 0
    files: dict[OptionalLine, Sha256] = Field(default_factory=dict)
    late: _Late = _Late()
    seconds: Annotated[Finite, Field(ge=0)] = 0.0
    traceback: Annotated[str, Field(max_length=20_000)] = ""
