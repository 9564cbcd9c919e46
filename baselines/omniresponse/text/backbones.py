"""Pretrained language models that OmniResponse can be built on: what they are, and how their files are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from baselines.omniresponse.config import LLMSettings
from baselines.omniresponse.text.markers import ASSISTANT, END, LASTING, PAUSE, SPECIALS, SYSTEM, USER
from omnibench.assets.finding import find
from omnibench.errors import InputError, MissingError

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor
    from transformers import PretrainedConfig

_SILENT: Final[Mapping[str, str]] = {PAUSE: "...", LASTING: " -"}


@dataclass(frozen=True, slots=True)
class Weights:
    """A pretrained LLM's tensors by transformers' names below ``model.``, ``lm_head.weight`` besides where it is not
    tied; and its published configuration, where that says more than the sizes do.
    """

    tensors: Mapping[str, Tensor]
    config: PretrainedConfig | None = None


@dataclass(frozen=True, slots=True)
class PretrainedLLM:
    """A language model that others have trained.

    Attributes:
        architecture: transformers' class: ``phi3`` or ``llama``.
        tokens: ids of its tokenizer; its embedding has ``rows``, of which the last may be unused.
        hidden, layers, heads, kv_heads, mlp: its sizes.
        tied: whether the embedding also reads the next token.
        details: what else its configuration says.
        linear: the linear layers that adapters go on.
        markers: which of its own tokens stand for markers of ours; the other markers are new tokens.
        meanings: per new marker, the text whose embedding it starts from.
        weights, tokenizer: read its files.
    """

    architecture: str
    tokens: int
    rows: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    mlp: int
    tied: bool
    details: Mapping[str, Any]
    linear: tuple[str, ...]
    markers: Mapping[str, str]
    meanings: Mapping[str, str]
    weights: Callable[[], Weights]
    tokenizer: Callable[[], Tokenizer]
    vocabulary: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vocabulary", self.tokens + len(self.new_markers))

    @property
    def new_markers(self) -> tuple[str, ...]:
        """Markers that are new to it, in the order of their ids from ``tokens`` on."""
        return tuple(marker for marker in SPECIALS if marker not in self.markers)


def _smollm2_weights() -> Weights:
    model = _from_gguf("AutoModelForCausalLM", find("smollm2/model.gguf"))
    return Weights({name.removeprefix("model."): value for name, value in model.state_dict().items()})


def _smollm2_tokenizer() -> Tokenizer:
    tokenizer: Tokenizer = _from_gguf("AutoTokenizer", find("smollm2/model.gguf")).backend_tokenizer
    return tokenizer


def _from_gguf(loader: str, path: Path) -> Any:
    """What transformers reads from a GGUF file."""
    import transformers

    try:
        return getattr(transformers, loader).from_pretrained(path.parent, gguf_file=path.name)
    except ImportError as error:
        raise MissingError(
            f"Reading {path.name} needs the packages gguf and accelerate. Get them with: "
            'pip install "omnibench[backbones]"'
        ) from error
    except (ValueError, KeyError, OSError) as error:
        raise InputError(f"{path}: not a language model in GGUF that transformers reads ({error}).") from error


def _phi_weights() -> Weights:
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from transformers import Phi3Config

    tensors: dict[str, Tensor] = {}
    for part in ("model-00001-of-00002", "model-00002-of-00002"):
        path = find(f"phi3.5/{part}.safetensors")
        try:
            tensors |= {name.removeprefix("model."): value for name, value in load_file(path).items()}
        except SafetensorError as error:
            raise InputError(
                f"{path}: not a whole safetensors file ({error}). Get it again: omnibench assets fetch phi3.5"
            ) from error
    return Weights(tensors, Phi3Config.from_json_file(find("phi3.5/config.json")))


def _phi_tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_str(json.dumps(json.loads(find("phi3.5/tokenizer.json").read_text("utf-8"))))


BACKBONES: Final[dict[str, PretrainedLLM]] = {
    "smollm2": PretrainedLLM(
        architecture="llama",
        tokens=49152,
        rows=49152,
        hidden=576,
        layers=30,
        heads=9,
        kv_heads=3,
        mlp=1536,
        tied=True,
        details={"rms_norm_eps": 1e-5, "rope_theta": 100_000.0, "max_position_embeddings": 8192},
        linear=("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
        markers={END: "<|im_end|>"},
        meanings={
            **_SILENT,
            SYSTEM: "<|im_start|>system\n",
            USER: "<|im_start|>user\n",
            ASSISTANT: "<|im_start|>assistant\n",
        },
        weights=_smollm2_weights,
        tokenizer=_smollm2_tokenizer,
    ),
    "phi3.5": PretrainedLLM(
        architecture="phi3",
        tokens=32011,
        rows=32064,
        hidden=3072,
        layers=32,
        heads=32,
        kv_heads=32,
        mlp=8192,
        tied=False,
        details={"rms_norm_eps": 1e-5, "rope_theta": 10_000.0, "max_position_embeddings": 131_072},
        linear=("qkv_proj", "o_proj", "gate_up_proj", "down_proj"),
        markers={SYSTEM: "<|system|>", USER: "<|user|>", ASSISTANT: "<|assistant|>", END: "<|end|>"},
        meanings=_SILENT,
        weights=_phi_weights,
        tokenizer=_phi_tokenizer,
    ),
}


def named_backbone(name: str) -> PretrainedLLM:
    """A pretrained LLM by its name. Raises InputError where nobody has it."""
    if name not in BACKBONES:
        raise InputError(f'llm.backbone is "{name}", expected one of: {", ".join(sorted(BACKBONES))}.')
    return BACKBONES[name]


def backbone_of(settings: LLMSettings) -> PretrainedLLM | None:
    """The pretrained LLM that the settings name, None for a fresh one.

    Raises:
        InputError: an unknown name, or sizes that are not its own.
    """
    if not settings.backbone:
        return None
    found = named_backbone(settings.backbone)
    for name in ("hidden", "layers", "heads", "kv_heads", "mlp"):
        own, given = getattr(found, name), getattr(settings, name)
        if given != own:
            raise InputError(f"llm.{name} is {given}, expected {own}, as the pretrained {settings.backbone} has it.")
    return found
