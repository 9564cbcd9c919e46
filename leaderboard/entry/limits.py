"""How much of everything a submission may be. Generous for ResponseNet's test split, far below what hurts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

GIB: Final = 1 << 30
MIB: Final = 1 << 20
KIB: Final = 1 << 10


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds. ``ratio`` is unpacked over packed size of any file above ``ratio_from``."""

    archive_bytes: int = 4 * GIB
    total_bytes: int = 16 * GIB
    members: int = 20_000
    ratio: int = 100
    ratio_from: int = 64 * KIB
    document_bytes: int = 4 * MIB
    metadata_bytes: int = 256 * KIB
    text_bytes: int = 2 * MIB
    text_characters: int = 200_000
    words: int = 50_000
    steps: int = 1_000_000
    video_bytes_per_second: int = 4 * MIB
    picture_side: int = 1920
    sample_rates: tuple[int, int] = (8_000, 48_000)
    extra_seconds: int = 60
    decoder_memory: int = 3 * GIB
    scoring_memory: int = 24 * GIB
    scoring_seconds: int = 6 * 3600

    def to_json(self) -> dict[str, Any]:
        """For the process that works under them."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Limits:
        """What `to_json` made."""
        return cls(**{**content, "sample_rates": tuple(content["sample_rates"])})


DEFAULT_LIMITS: Final = Limits()
