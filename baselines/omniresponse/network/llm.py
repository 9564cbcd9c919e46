"""The language model: transformers' Phi-3 or Llama class under the omni-attention mask, with a cache of fixed size.

A fresh one is trained with everything else. A pretrained one stays as it is: adapters on its linear layers are trained
(E. Hu et al., 2021), and the embeddings of the tokens that it did not know.
"""

from __future__ import annotations

from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaModel, Phi3Config, Phi3Model

from baselines.omniresponse.config import LLMSettings
from baselines.omniresponse.network.quantised import quantise
from baselines.omniresponse.text.backbones import PretrainedLLM, Weights, backbone_of
from omnibench.errors import InputError, MissingError

DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_ADAPTED: Final = ".base_layer."
_NO_SPECIALS: Final[dict[str, Any]] = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}


class WindowCache:
    """Keys and values of one segment in buffers of fixed size: memory is flat, and appending copies only what is new.

    Speaks the part of transformers' ``Cache`` that the layers of Phi-3 and Llama use.
    """

    is_compileable = False

    def __init__(
        self, layers: int, heads: int, width: int, capacity: int, device: torch.device, dtype: torch.dtype
    ) -> None:
        shape = (1, heads, capacity, width)
        self._keys = [torch.zeros(shape, device=device, dtype=dtype) for _ in range(layers)]
        self._values = [torch.zeros(shape, device=device, dtype=dtype) for _ in range(layers)]
        self._lengths = [0] * layers

    def update(self, keys: Tensor, values: Tensor, layer: int, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Append ``(1, heads, n, d)``; returns all keys and values so far."""
        begin = self._lengths[layer]
        end = begin + keys.shape[2]
        if end > self._keys[layer].shape[2]:
            raise ValueError(f"{end} tokens in a cache for {self._keys[layer].shape[2]}")
        self._keys[layer][:, :, begin:end] = keys
        self._values[layer][:, :, begin:end] = values
        self._lengths[layer] = end
        return self._keys[layer][:, :, :end], self._values[layer][:, :, :end]

    def get_seq_length(self, layer: int = 0) -> int:
        """Tokens so far."""
        return self._lengths[layer]


class Backbone(nn.Module):
    """Embeddings in, hidden states out; reads the next token from hidden states.

    Args:
        settings: of the LLM.
        vocabulary: text tokens; those that a pretrained LLM does not know come last.

    Attributes:
        phi: transformers' network; ``pretrained`` says whose, None for a fresh Phi-3.
        fresh: embeddings of the tokens that a pretrained LLM does not know.
        subjects: ``(vocabulary, settings.subject)``, what words are about (meaning.py). Training does not change it: a
            few hundred updates of the embeddings are enough to lose what a sentence encoder read in a billion pairs.
    """

    subjects: Tensor

    def __init__(self, settings: LLMSettings, vocabulary: int) -> None:
        super().__init__()
        self.settings = settings
        self.pretrained = backbone_of(settings)
        self.register_buffer("subjects", torch.zeros(vocabulary, settings.subject if settings.topic else 0))
        self.attraction = nn.Parameter(torch.tensor(settings.topic))
        self.phi = _network(settings, self.pretrained, vocabulary)
        if self.pretrained is not None:
            own, new = self.pretrained, vocabulary - self.pretrained.tokens
            self.fresh = nn.Embedding(new, settings.hidden)
            if not own.tied:
                self.head = nn.Linear(settings.hidden, own.rows, bias=False)
                self.fresh_head = nn.Linear(settings.hidden, new, bias=False)
            if settings.lora_rank:
                _adapt(self.phi, settings, own)
            self.freeze()

    def freeze(self) -> None:
        """Leave a pretrained LLM out of training; its adapters and new tokens stay in."""
        frozen = self.borrowed()
        for name, parameter in self.named_parameters():
            if name in frozen:
                parameter.requires_grad_(False)

    def borrowed(self) -> frozenset[str]:
        """State-dict names of what is the pretrained LLM's own, and in its files."""
        if self.pretrained is None:
            return frozenset()
        names = (name for name in self.state_dict() if name.startswith(("phi.", "head.")))
        return frozenset(name for name in names if ".lora_" not in name)

    def fill(self, weights: Weights) -> None:
        """Take a pretrained LLM's weights.

        Raises:
            InputError: they are not of that LLM.
        """
        own = self.state_dict()
        wanted = {name: name.removeprefix("phi.").replace(_ADAPTED, ".") for name in self.borrowed()}
        wanted |= {"head.weight": "lm_head.weight"} if "head.weight" in wanted else {}
        for name, published in wanted.items():
            if published not in weights.tensors or weights.tensors[published].shape != own[name].shape:
                raise InputError(f"The weights for llm.backbone {self.settings.backbone} have no fitting {published}.")
        self.load_state_dict({name: weights.tensors[published] for name, published in wanted.items()}, strict=False)
        if weights.config is not None:
            # Where its positions are scaled, the published configuration says by how much.
            self.phi.rotary_emb = type(self.phi.rotary_emb)(weights.config)

    def start_fresh_tokens(self, meanings: list[list[int]]) -> None:
        """Let each new token start from the mean of known ones, given by their ids."""
        with torch.no_grad():
            for row, ids in enumerate(meanings):
                known = torch.tensor(ids, device=self.fresh.weight.device)
                self.fresh.weight[row] = self.phi.embed_tokens.weight[known].float().mean(dim=0)
                if hasattr(self, "head"):
                    self.fresh_head.weight[row] = self.head.weight[known].float().mean(dim=0)

    def prepare(self, precision: str) -> None:
        """Make it fast to run, and impossible to train: adapters merged into what they adapt, weights at a
        precision.
        """
        if self.settings.lora_rank:
            _merge(self.phi)
        if precision == "int8":
            quantise(self.phi)
            return
        self.phi.to(DTYPES[precision])
        if hasattr(self, "head"):
            self.head.to(DTYPES[precision])

    def new_cache(self, capacity: int, device: torch.device) -> WindowCache:
        """An empty cache for ``capacity`` tokens."""
        settings, dtype = self.settings, self.phi.embed_tokens.weight.dtype
        heads, width = settings.kv_heads or settings.heads, settings.hidden // settings.heads
        return WindowCache(settings.layers, heads, width, capacity, device, dtype)

    def words(self) -> nn.Module:
        """What embeds tokens, as a module that holds the embeddings that are trained and no others."""
        return cast(nn.Module, self.phi.embed_tokens) if self.pretrained is None else _Words(self)

    def embed(self, tokens: Tensor) -> Tensor:
        """Embeddings ``(..., hidden)`` of token ids ``(...)``."""
        if self.pretrained is None:
            return cast(Tensor, self.phi.embed_tokens(tokens)).float()
        known = self.pretrained.tokens
        old = self.phi.embed_tokens(tokens.clamp(max=known - 1)).float()
        return torch.where((tokens < known)[..., None], old, self.fresh((tokens - known).clamp(min=0)))

    def fit_meaning(self, vectors: Tensor) -> None:
        """Start from ``(vocabulary, at least hidden and subject)`` word vectors, principal directions first, where they
        are not zero.
        """
        hidden = self.settings.hidden
        self.subjects.copy_(vectors[:, : self.subjects.shape[1]])
        vectors = vectors[:, :hidden]
        if self.settings.meaning == 0:
            return
        words = self.phi.embed_tokens.weight
        with torch.no_grad():
            words.copy_(torch.where(vectors.any(dim=1, keepdim=True), vectors * self.settings.meaning, words))

    def drawn_to(self, topic: Tensor) -> Tensor:
        """What ``(..., subject)``, the sum of ``subjects`` of what was heard, adds to the next-token logits."""
        return self.attraction * (nn.functional.normalize(topic, dim=-1, eps=1e-2) @ self.subjects.T)

    def logits(self, hidden: Tensor) -> Tensor:
        """Next-token logits ``(..., vocabulary)``."""
        words = self.phi.embed_tokens.weight
        if self.pretrained is None:
            return (hidden.to(words.dtype) @ words.T).float()
        tied = self.pretrained.tied
        rows = (words if tied else self.head.weight)[: self.pretrained.tokens]
        new = self.fresh.weight if tied else self.fresh_head.weight
        return torch.cat([(hidden.to(rows.dtype) @ rows.T).float(), hidden @ new.T], dim=-1)

    def forward(self, embeddings: Tensor, mask: Tensor, positions: Tensor, cache: WindowCache | None = None) -> Tensor:
        """Hidden states ``(n, hidden)``.

        Args:
            embeddings: ``(n, hidden)``, appended to what ``cache`` holds.
            mask: additive ``(1, 1, n, all keys)``.
            positions: ``(1, n)`` rotary positions.
            cache: the segment so far, or None for a whole segment in one go.
        """
        dtype = self.phi.embed_tokens.weight.dtype
        # By place: the cache's keyword is past_key_values in older releases of transformers, and cache in newer ones.
        output = self.phi(
            None, mask.to(dtype), positions, cache, embeddings[None].to(dtype), use_cache=cache is not None
        )
        return cast(Tensor, output.last_hidden_state[0]).float()


class _Words(nn.Module):
    """A pretrained LLM's embeddings with the new tokens' as the only parameters."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self._embed, self.fresh = backbone.embed, backbone.fresh

    def forward(self, tokens: Tensor) -> Tensor:
        return self._embed(tokens)


def _network(settings: LLMSettings, pretrained: PretrainedLLM | None, vocabulary: int) -> Any:
    sizes: dict[str, Any] = {
        "vocab_size": vocabulary if pretrained is None else pretrained.rows,
        "hidden_size": settings.hidden,
        "intermediate_size": settings.mlp,
        "num_hidden_layers": settings.layers,
        "num_attention_heads": settings.heads,
        "num_key_value_heads": settings.kv_heads or settings.heads,
        "attn_implementation": "sdpa",
        **_NO_SPECIALS,
        **({} if pretrained is None else pretrained.details),
    }
    if pretrained is not None and pretrained.architecture == "llama":
        return LlamaModel(LlamaConfig(**sizes))
    return Phi3Model(Phi3Config(resid_pdrop=settings.dropout, **sizes))


def _adapt(network: Any, settings: LLMSettings, pretrained: PretrainedLLM) -> None:
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise MissingError(
            'llm.lora_rank needs the package peft. Get it with: pip install "omnibench[backbones]"'
        ) from error
    config = LoraConfig(
        r=settings.lora_rank, lora_alpha=settings.lora_alpha, target_modules=list(pretrained.linear), bias="none"
    )
    inject_adapter_in_model(config, network)


def _merge(network: Any) -> None:
    from peft.tuners.lora import LoraLayer

    for path, module in list(network.named_modules()):
        if isinstance(module, LoraLayer):
            cast(Any, module).merge()
            parent, _, name = path.rpartition(".")
            setattr(network.get_submodule(parent), name, module.get_base_layer())
