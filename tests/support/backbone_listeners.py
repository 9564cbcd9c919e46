"""OmniResponse on a pretrained language model of the Llama class, with random weights, for audits."""

from __future__ import annotations

from backbone_factory import CHANGES, SMALL_BACKBONES
from omniresponse_factory import SMALL

from baselines.omniresponse.config import Settings, override
from baselines.omniresponse.network.untrained import untrained_checkpoint
from baselines.omniresponse.session.responder import OmniResponder
from baselines.omniresponse.session.streaming import StreamingSession
from baselines.omniresponse.text.backbones import BACKBONES
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext


class SmallLlama:
    """Hops every eight frames."""

    card = ModelCard("small-llama", "1", "online", ("face", "audio", "words"), "for tests")

    def __init__(self) -> None:
        BACKBONES.update(SMALL_BACKBONES)
        settings = override(Settings(name="test"), SMALL | dict(CHANGES["small-llama"]))
        self._responder = OmniResponder(self.card, untrained_checkpoint(settings))

    def open(self, context: DialogueContext) -> StreamingSession:
        """A session."""
        return self._responder.open(context)
