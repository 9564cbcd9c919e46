"""The paper's LSTM baseline: the speaker's face, voice and words in, the listener's face and audio tokens out."""

from __future__ import annotations

from baselines.shared.listeners.entry import VoicedEntry
from omnibench.responder import ModelCard

entry = VoicedEntry(
    ModelCard(
        name="lstm",
        version="0.1",
        kind="online",
        inputs=("face", "audio", "words"),
        outputs=("face", "audio", "words"),
        summary="LSTM from the speaker's face, voice and words to face and audio tokens; its words are recognised "
        "from its own sound",
        parameters=1_899_753,
        licence="Apache-2.0",
        trained_on=("mini",),
        transfers=False,
        citation="Luo et al., OmniResponse, NeurIPS 2025, appendix (baseline); Hochreiter and Schmidhuber 1997",
    ),
    __file__,
)
