"""``python -m baselines.omniresponse.quality``: how good are the answers of a run, in the figures that the paper's
table does not show.

Reads a predictions folder and the checkpoint that made it. Meant for the validation split while settings are chosen,
and for the test split once, at the end.
"""

from __future__ import annotations

from typing import Final

PARTS: Final = ("behaviour", "hearing", "ranking", "speed")
"""What a report consists of, in its order."""
