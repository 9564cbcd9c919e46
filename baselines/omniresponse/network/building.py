"""A network before its training: fresh parts, and a pretrained LLM's weights where the configuration names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baselines.omniresponse.config import Settings
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.tempovoice import token_levels
from baselines.omniresponse.text.tokens import ChronoTokenizer

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec


def build_network(settings: Settings, tokenizer: ChronoTokenizer, codec: Codec) -> OmniResponse:
    """The network for these settings, this tokenizer and this codec.

    Raises:
        MissingError: the pretrained LLM, or a package that reads it, is not on this machine.
        InputError: its files are not what they should be, or its sizes not the settings'.
    """
    model = OmniResponse(settings, tokenizer.size, token_levels(codec), codec.voiceprint_dim, tokenizer.markers)
    pretrained = model.llm.pretrained
    if pretrained is not None:
        model.llm.fill(pretrained.weights())
        model.llm.start_fresh_tokens([tokenizer.pieces(pretrained.meanings[m]) for m in pretrained.new_markers])
    return model
