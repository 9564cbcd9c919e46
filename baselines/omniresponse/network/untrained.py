"""A configuration with random weights, for measuring time and memory and for audits: none of its files is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from baselines.omniresponse.config import Settings
from baselines.omniresponse.network.checkpoint import Checkpoint
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.tempovoice import token_levels
from baselines.omniresponse.text.backbones import backbone_of
from baselines.omniresponse.text.markers import SPECIALS
from baselines.omniresponse.text.tokens import WORD_STARTS, ChronoTokenizer
from baselines.shared.checkpoints import Provenance
from baselines.shared.codec.bicodec.codec import BiCodec
from baselines.shared.codec.bicodec.network import BiCodecNetwork
from baselines.shared.codec.bicodec.stream import Chunking
from baselines.shared.codec.bicodec.wav2vec import XLSR, SpeechFeatures
from baselines.shared.codec.source_filter import SourceFilterCodec, build_network

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec


def untrained_checkpoint(settings: Settings) -> Checkpoint:
    """What `load_checkpoint` would give had the configuration been trained on nothing; the seed is the training's."""
    torch.manual_seed(settings.training.seed)
    codec = _codec(settings)
    pretrained = backbone_of(settings.llm)
    tokenizer = made_up_tokenizer(settings.text.vocabulary if pretrained is None else pretrained.vocabulary)
    model = OmniResponse(settings, tokenizer.size, token_levels(codec), codec.voiceprint_dim, tokenizer.markers)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # What starts at zero would pass nothing on.
            if parameter.ndim > 1 and not name.startswith("llm.phi."):
                parameter.normal_(std=parameter.shape[-1] ** -0.5)
    model.llm.prepare(settings.runtime.precision)
    origin = Provenance(trained_on="nothing", seed=settings.training.seed)
    return Checkpoint(model.eval(), tokenizer, codec, origin)


def made_up_tokenizer(size: int) -> ChronoTokenizer:
    """``size`` tokens: the markers, all bytes, and made-up words."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = (f"{WORD_STARTS[0]}word{number}" for number in range(size - len(letters) - len(SPECIALS)))
    tokenizer = Tokenizer(models.BPE({token: place for place, token in enumerate([*letters, *words])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(marker, special=True, normalized=False) for marker in SPECIALS])
    return ChronoTokenizer(tokenizer, {})


def _codec(settings: Settings) -> Codec:
    if settings.codec.kind != "bicodec":
        return SourceFilterCodec(build_network(settings.codec))
    chunking = Chunking(settings.codec.chunk_tokens, settings.codec.lookahead_tokens)
    return BiCodec(BiCodecNetwork().eval(), lambda: SpeechFeatures(XLSR).eval(), chunking, silence_token=0)
