"""Settings of the LSTM baseline. The paper gives no sizes; these train on two CPU cores."""

from __future__ import annotations

from baselines.shared.configuration import Section, Share, Size
from baselines.shared.listeners.settings import VoicedLossSettings, VoicedSettings


class NetworkSettings(Section):
    """Sizes."""

    words: Size = 1024
    """Buckets that words are hashed into; a frame's input is the mean of its words' embeddings."""
    word: Size = 32
    """Width of such an embedding."""
    hidden: Size = 160
    """Of the LSTM."""
    layers: Size = 2
    code: Size = 64
    """Width of an audio token's embedding."""
    dropout: Share = 0.1
    """Between layers, and on the input."""


class Settings(VoicedSettings):
    """One configuration, whole."""

    network: NetworkSettings = NetworkSettings()
    loss: VoicedLossSettings = VoicedLossSettings()
