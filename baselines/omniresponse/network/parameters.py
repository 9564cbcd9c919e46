"""How many parameters a configuration has, part by part; large ones are counted by shape and never built in memory.

python -m baselines.omniresponse.network.parameters --config phi3.5
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click
import torch
from torch import Tensor, nn

from baselines.omniresponse.config import Settings, load_config
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.tempovoice import token_levels
from baselines.omniresponse.text.backbones import backbone_of
from baselines.shared.codec.bicodec.network import BiCodecNetwork
from baselines.shared.codec.source_filter import SourceFilterCodec, build_network
from omnibench.system.command_line import run_command


def count_parameters(settings: Settings) -> dict[str, int]:
    """Numbers by part; "of these, pretrained" counts what training leaves as it is.

    wav2vec2, which gives BiCodec's audio tokens for training, is no part: answering does not use it.
    """
    network, levels, voiceprint = _codec_shapes(settings)
    pretrained = backbone_of(settings.llm)
    vocabulary = settings.text.vocabulary if pretrained is None else pretrained.vocabulary
    with torch.device("meta"):
        model = OmniResponse(settings, vocabulary, levels, voiceprint)
    llm, codec = dict(model.llm.named_parameters()), _sum(network.parameters())
    adapters = {name: value for name, value in llm.items() if ".lora_" in name}
    fresh = {name: value for name, value in llm.items() if name.startswith("fresh")}
    parts = {
        "LLM": _sum(llm.values()) - _sum(adapters.values()) - _sum(fresh.values()),
        "adapters": _sum(adapters.values()),
        "new text tokens": _sum(fresh.values()),
        "vision projection": _sum(model.projection.parameters()),
        "articulation": _sum(model.articulation.parameters()),
        "vision decoder": _sum(model.vision.parameters()),
        "TempoVoice": _sum(model.voice.parameters()),  # without it, what stands in for it
        "times of words": 0 if model.timestamps is None else _sum(model.times.parameters()),
        "codec": codec,
    }
    parts["all"] = sum(parts.values())
    frozen = _sum(value for name, value in llm.items() if name in model.llm.borrowed())
    parts["of these, pretrained"] = frozen + (codec if settings.codec.kind == "bicodec" else 0)
    return parts


def _codec_shapes(settings: Settings) -> tuple[nn.Module, Tensor, int]:
    """The codec's network, the levels of its tokens, and the width of its voiceprint."""
    if settings.codec.kind == "bicodec":
        with torch.device("meta"):
            network = BiCodecNetwork()
        return network, torch.zeros(network.sizes.codes, 0), network.sizes.latent
    codec = SourceFilterCodec(build_network(settings.codec))
    return codec.network, token_levels(codec), codec.voiceprint_dim


def _sum(parameters: Iterable[Tensor]) -> int:
    return sum(p.numel() for p in parameters)


@click.command()
@click.option("--config", default="tiny", show_default=True, help="A configuration by name, or a TOML file.")
def parameters(config: str) -> None:
    """Print the parameters of a configuration of OmniResponse, part by part."""
    for name, count in count_parameters(load_config(config)).items():
        click.echo(f"{name:<22}{count:>16,}")


if __name__ == "__main__":
    sys.exit(run_command(parameters, "python -m baselines.omniresponse.network.parameters"))
