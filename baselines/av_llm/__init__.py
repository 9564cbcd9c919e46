"""The paper's audio-visual LLM baseline: both people's faces and sound in, the listener's face and audio tokens out."""

from __future__ import annotations

from baselines.shared.listeners.entry import VoicedEntry
from omnibench.responder import ModelCard

entry = VoicedEntry(
    ModelCard(
        name="av_llm",
        version="0.1",
        kind="online",
        inputs=("face", "audio"),
        outputs=("face", "audio", "words"),
        summary="Audio-visual LLM, small: a Phi-3 over both people's faces and sound, no text; its words are "
        "recognised from its own sound",
        parameters=1_816_608,
        licence="Apache-2.0",
        trained_on=("mini",),
        transfers=False,
        citation="Luo et al., OmniResponse, NeurIPS 2025, appendix (baseline); Abdin et al., Phi-3, 2024",
    ),
    __file__,
)
