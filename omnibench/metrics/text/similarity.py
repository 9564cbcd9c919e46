"""What the metrics share that compare an answer's words with the human listener's."""

from __future__ import annotations

from typing import Final

from omnibench.metrics.base import Mean, notice

TABLE_2: Final = "5 (Evaluation Metrics), Table 2"
COUNTED: Final = Mean(nothing=0.0)
"""Mean over the counted dialogues; 0 where none is, as the official script prints."""

SIMILARITY: Final = (
    notice(
        "word_drop",
        "word_shuffle",
        "other_answer",
        why="similarity to what the human said, in words and in their order",
    ),
)
