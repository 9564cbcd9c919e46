"""Two pretrained language models of a few thousand random weights: one of the Llama class, one of the Phi-3 class."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import torch
from omniresponse_factory import TEXTS
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, Phi3Config, Phi3ForCausalLM

from baselines.omniresponse.text.backbones import BACKBONES, PretrainedLLM, Weights
from baselines.omniresponse.text.markers import ASSISTANT, END, LASTING, PAUSE, SPECIALS, SYSTEM, USER

WIDE, ROWS = 300, 320
END_OF_TURN = "<|im_end|>"
MEANINGS: Final[Mapping[str, str]] = {marker: "Well, I think" for marker in SPECIALS}


def byte_level() -> Tokenizer:
    """Blanks are part of the word after them, as SmolLM2 has it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    return _trained(tokenizer, alphabet, ["<|endoftext|>", END_OF_TURN])


def sentence_piece() -> Tokenizer:
    """A blank is put before every text, as Phi-3.5 has it."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    letters = [chr(code) for code in range(33, 122)]
    return _trained(tokenizer, [*letters, "\u2581"], ["<s>", "<0x0A>", SYSTEM, USER, ASSISTANT, END])


def _trained(tokenizer: Tokenizer, alphabet: list[str], special: list[str]) -> Tokenizer:
    trainer = trainers.BpeTrainer(
        vocab_size=WIDE, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([*TEXTS, *(" ".join(TEXTS) for _ in range(3))], trainer)
    filler = [f"filler{number}" for number in range(WIDE - tokenizer.get_vocab_size())]
    tokenizer.add_tokens(filler)
    return tokenizer


def _spec(architecture: str, tied: bool, **more: Any) -> PretrainedLLM:
    sizes: dict[str, Any] = {"hidden": 32, "layers": 2, "heads": 4, "mlp": 48}
    return PretrainedLLM(
        architecture=architecture,
        tokens=WIDE,
        rows=ROWS,
        tied=tied,
        details={"rms_norm_eps": 1e-5, "rope_theta": 5000.0, "max_position_embeddings": 4096},
        meanings=MEANINGS,
        weights=partial(random_weights, architecture, tied, sizes | {"kv_heads": more["kv_heads"]}),
        **sizes,
        **more,
    )


def random_weights(architecture: str, tied: bool, sizes: Mapping[str, int]) -> Weights:
    """Those of transformers' own causal language model."""
    torch.manual_seed(11)
    config = (LlamaConfig if architecture == "llama" else Phi3Config)(
        vocab_size=ROWS,
        hidden_size=sizes["hidden"],
        intermediate_size=sizes["mlp"],
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        num_key_value_heads=sizes["kv_heads"],
        rms_norm_eps=1e-5,
        rope_theta=5000.0,
        tie_word_embeddings=tied,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
        initializer_range=0.1,
    )
    model = (LlamaForCausalLM if architecture == "llama" else Phi3ForCausalLM)(config)
    return Weights({name.removeprefix("model."): value for name, value in model.state_dict().items()})


SMALL_BACKBONES: Final[Mapping[str, PretrainedLLM]] = {
    "small-llama": _spec(
        "llama",
        tied=True,
        kv_heads=2,
        linear=BACKBONES["smollm2"].linear,
        markers={END: END_OF_TURN},
        tokenizer=byte_level,
    ),
    "small-phi": _spec(
        "phi3",
        tied=False,
        kv_heads=4,
        linear=BACKBONES["phi3.5"].linear,
        markers={SYSTEM: SYSTEM, USER: USER, ASSISTANT: ASSISTANT, END: END},
        tokenizer=sentence_piece,
    ),
}
CHANGES: Final[Mapping[str, Mapping[str, object]]] = {
    name: {
        "llm.backbone": name,
        "llm.hidden": 32,
        "llm.layers": 2,
        "llm.heads": 4,
        "llm.kv_heads": spec.kv_heads,
        "llm.mlp": 48,
        "llm.lora_rank": 2,
        "llm.lora_alpha": 4,
        "llm.meaning": 0.0,
        "llm.topic": 0.0,
        "llm.dropout": 0.0,
    }
    for name, spec in SMALL_BACKBONES.items()
}
NEW: Final = {"small-llama": (PAUSE, LASTING, SYSTEM, USER, ASSISTANT), "small-phi": (PAUSE, LASTING)}
