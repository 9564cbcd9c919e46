"""The listener of the ViCo baseline (ECCV 2022): a recurrent network from the speaker's voice and face to the
listener's face.
"""

from __future__ import annotations

from baselines.shared.listeners.entry import TrainedEntry
from omnibench.responder import ModelCard

entry = TrainedEntry(
    ModelCard(
        name="vico",
        version="0.1",
        kind="online",
        inputs=("face", "audio"),
        outputs=("face",),
        summary="ViCo's listener: LSTM from the speaker's voice and face, started from the listener's first face",
        parameters=241_114,
        licence="Apache-2.0",
        trained_on=("mini",),
        transfers=False,
        citation="Zhou et al., Responsive Listening Head Generation: A Benchmark Dataset and Baseline, ECCV 2022",
        group="Facial Reaction Generation System",
    ),
    __file__,
)
