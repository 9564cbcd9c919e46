"""Settings that the small listeners share; each adds sections of its own."""

from __future__ import annotations

from typing import ClassVar

from baselines.shared.configuration import Amount, BelowOne, Count, PartOfAll, Section, Share, Size


class TrainingSettings(Section):
    """The part of a recipe that all listeners share."""

    seed: Count = 20260
    threads: Size = 1
    steps: Size = 1000
    batch: Size = 16
    frames: Size = 90
    """Length of a training window."""
    swap: Share = 0.0
    """Share of windows with the roles swapped."""
    learning_rate: Amount = 2e-3
    warmup: Share = 0.05
    """Share of the steps."""
    final_rate: Share = 0.05
    """Of the rate, at the end of the cosine."""
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    weight_decay: Amount = 0.05
    clip: Amount = 1.0
    validate_every: Size = 100
    save_every: Size = 200


class SamplingSettings(Section):
    """How audio tokens are drawn."""

    silence_bias: float = 0.0
    """Added to the logit of silence; above 0 talks less."""
    temperature: Amount = 0.7
    """Of which sound, once it is one."""
    top_p: PartOfAll = 0.9
    """Only the most likely sounds that together reach this probability."""


class VoiceSettings(Section):
    """Where audio tokens come from."""

    codec: str = ""
    """The OmniResponse checkpoint whose codec gives them; empty for the shipped one."""


class TextSettings(Section):
    """Words of a listener that has none of its own."""

    recognise: bool = True
    """Write down what the model says; without it, it has no words."""


class VoicedLossSettings(Section):
    """Weights of a listener's losses that answers with face and audio tokens."""

    face: Amount = 1.0
    """Squared error of the next face."""
    audio: Amount = 1.0
    """Cross entropy of the audio tokens."""
    silence: Amount = 0.1
    """Of silent audio tokens, beside 1 for sounds."""


class ListenerSettings(Section):
    """One configuration, whole; ``run_time`` names the sections that may differ between training and running."""

    run_time: ClassVar[tuple[str, ...]] = ()

    training: TrainingSettings = TrainingSettings()


class VoicedSettings(ListenerSettings):
    """Those of a listener that speaks in audio tokens, and whose words are recognised from its own sound."""

    run_time: ClassVar[tuple[str, ...]] = ("sampling", "text", "voice")

    voice: VoiceSettings = VoiceSettings()
    sampling: SamplingSettings = SamplingSettings()
    text: TextSettings = TextSettings()
