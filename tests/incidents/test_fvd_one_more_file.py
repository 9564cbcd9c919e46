"""One added video moved every clip of both sides: starts came from one global generator in the order of the shuffled
files. Under ``strict`` a window depends on its own dialogue.
"""

from __future__ import annotations

from omnibench.metrics.video.fvd_plan import official_draw, stratified_starts

LENGTHS = {f"dialogue_{i:03}": 300 + 7 * i for i in range(20)}


def test_one_more_file_moves_the_official_clips_and_none_of_ours() -> None:
    more = {**LENGTHS, "dialogue_000b": 400}
    before, after = (official_draw((side, side), 42, 10, 256, 32) for side in (LENGTHS, more))
    assert before != after
    ours = [{name: stratified_starts(name, 42, 1, length, 256) for name, length in s.items()} for s in (LENGTHS, more)]
    assert {name: ours[1][name] for name in LENGTHS} == ours[0]
