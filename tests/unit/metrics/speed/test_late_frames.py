"""Late frames: from the journal's counts to the share, and from a run of a listener whose lateness is known."""

import pytest
from drawn_dialogues import Answer, dialogue, parameters

from omnibench.errors import MetricError
from omnibench.files.records import Lateness
from omnibench.metrics.speed.late_frames import late_frames

TEN_SECONDS = dialogue("#" * 40, "." * 40)
RULES = parameters(late_frames)


def share(*late: Lateness | None) -> float:
    statistics = [late_frames.sample(Answer(lateness=one), TEN_SECONDS, RULES) for one in late]  # type: ignore[arg-type]
    return late_frames.aggregate(statistics, RULES)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        ([Lateness()], 0.0),
        ([Lateness(face=249)], 1.0),
        ([Lateness(audio=24, face=3)], 24 / 249),
        ([Lateness(image=83)], 1 / 3),
        ([Lateness(face=30), Lateness(audio=20)], 30 / 498),
        ([Lateness(face=30), Lateness(audio=20, face=10)], 40 / 498),
        ([Lateness(audio_unplayed=99, words=7)], 0.0),
        ([Lateness(face=83), None], 1 / 3),
    ],
)
def test_the_share_of_the_part_that_is_late_most_often(late: list[Lateness | None], expected: float) -> None:
    assert share(*late) == pytest.approx(expected)


def test_answers_without_a_journal_have_no_share() -> None:
    with pytest.raises(MetricError, match=r"journal\.jsonl"):
        share(None)
    unjournalled = late_frames.sample(object(), TEN_SECONDS, RULES)  # type: ignore[arg-type]
    assert late_frames.sample_value(unjournalled) is None
