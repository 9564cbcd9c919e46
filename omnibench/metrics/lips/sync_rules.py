"""What the metrics of lips and voice share: how much speech they ask for, and what they must and must not notice."""

from __future__ import annotations

from functools import partial
from typing import Final

from omnibench.metrics.base import MetricSpec, Rule, blind, ignore, may, notice, strongest

LEAST_SPEECH: Final = 0.5
"""An answer with less speech than this many seconds cannot be measured."""

SyncSpec = partial(MetricSpec, needs=("video", "audio"), minimum=0.0, family="lips")
LAG: Final = "this is what they are for: the lag between lips and voice"
HOLES: Final = may("dropouts", why="a hole is no speech: what is left of the speech is still in time with the lips")
TOGETHER: Final = blind(
    "other_answer",
    within=0.01,
    within_absolute=1e-6,
    why="lips and voice are another's together and fit each other as before",
)
_ALL: Final = (HOLES, may("video_blur", why="lips may be read from a blurred picture until they cannot"), TOGETHER)
_PADDED: Final = "silence after the end is no speech, and there are no pictures to it"
_UNRELATED: Final[tuple[Rule, ...]] = (
    notice("frozen_face", why="the voice no longer says what the lips do, in a growing part of the speech"),
    # Written as "notice" at first: measured, the least distance is that of unrelated lips from three fifths of the clip
    # on.
    strongest(
        "reversed_face",
        within=0.1,
        why="lips that run backwards fit no better than another's: the distance grows until it is that of unrelated "
        "lips",
    ),
    # Written as "notice" at first, which was wrong: noise moves nothing in time.
    may(
        "audio_noise",
        why="noise hides the voice without moving it: a network that hears through it still finds lips and voice "
        "together",
    ),
    ignore("silence_padding", within=0.02, why=_PADDED),
    *_ALL,
)

DISTANCE: Final = (
    blind(
        "audio_shift",
        within=0.08,
        why="the least distance over 31 shifts takes any constant lag of up to 600 ms out: read lse_offset beside it",
    ),
    *_UNRELATED,
)
ZERO: Final = (
    # Written as "notice" at first: measured, it is at the distance of unrelated lips and voice from 120 ms on (1.04,
    # 1.17, 1.37, 1.32, 1.34, 1.33), where a longer lag cannot add to it.
    strongest(
        "audio_shift",
        within=0.1,
        why="distance where lips and voice should be together, until they are as far apart as lips and voice can be",
    ),
    *_UNRELATED,
)
CONFIDENCE: Final = (
    # Written as "blind within 15 %" at first: measured, it loses a third at 600 ms.
    may(
        "audio_shift",
        why="median minus least distance over 31 shifts: a lag moves the valley to the edge, and part of it is cut off",
    ),
    *_UNRELATED,
)
OFFSET: Final = (
    notice("audio_shift", why=LAG),
    may(
        "audio_noise",
        "frozen_face",
        "reversed_face",
        why="where lips and voice do not belong together their best lag is chance",
    ),
    ignore("silence_padding", within_absolute=0.5, why=f"{_PADDED} (frames)"),
    *_ALL,
)
