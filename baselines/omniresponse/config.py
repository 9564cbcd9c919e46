"""Named settings of OmniResponse: what the paper leaves open is a field here, with the reason for its default.

A configuration is a TOML file of ``configs/``; ``--config`` and ``--set section.field=value`` go on top of it. The
sections ``sampling`` and ``runtime`` may differ between training and running; all others are the checkpoint's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from baselines.shared import configuration
from baselines.shared.codec.settings import CodecSettings
from baselines.shared.configuration import read_config
from omnibench.errors import InputError

CONFIGS: Final = Path(__file__).parent / "configs"
RUN_TIME_SECTIONS: Final = ("sampling.", "runtime.")
PRECISIONS: Final = ("float32", "bfloat16", "int8")
TRAINING_PRECISIONS: Final = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True)
class TextSettings:
    """Chrono-Text Markup and the static prefix."""

    chrono: bool = True  # False: the ablation without the markup (timestamps.py)
    word_horizon: float = 1.0  # seconds within which the ablation tells word times apart
    vocabulary: int = 1152  # most frequent training words are one token; the rest is bytes and pieces
    max_shift: int = 12  # frames a word may start late because of the words before it
    activity_dbfs: float = -45.0  # louder speaker frames without a finished word are [LASTING], not [PAUSE]
    prompt: str = "You are an active listener in a face-to-face dyadic interaction."
    lead_prompt: str = "You lead the conversation in a face-to-face dyadic interaction."  # role-swapped training
    follow_instruction: bool = False  # a tiny LLM knows only the prompts it was trained with
    history_tokens: int = 64  # token budget of the static history


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """The dynamic part of the sequence."""

    frames: int = 192  # tau: dynamic frames at most
    hop: int = 64  # frames that leave at once; in between nothing is recomputed
    position_rate: float = 25.0  # RoPE positions a second, so that 25 and 30 fps share one clock


@dataclass(frozen=True, slots=True)
class LLMSettings:
    """The language model: one of the Phi-3 class at a size of one's own, or a pretrained one."""

    # A name of backbones.py; "" is a fresh LLM. The sizes are a pretrained one's own, and stand in the configuration
    # so that it can be read and counted where the weights are not.
    backbone: str = ""
    hidden: int = 192
    layers: int = 4
    heads: int = 6
    kv_heads: int = 0  # heads of keys and values; 0: as many as heads
    mlp: int = 320
    lora_rank: int = 0  # of adapters on all linear layers of a pretrained LLM, which itself stays as it is; 0: none
    lora_alpha: int = 16  # what adapters add is scaled by lora_alpha / lora_rank
    dropout: float = 0.15
    meaning: float = 0.3  # length of the rarest words' embeddings at the start of training; 0 starts them all at random
    # What the cosine between what was heard and a word adds to its logit at the start of training; 0: no such addition,
    # not later either.
    topic: float = 10.0
    subject: int = 64  # principal directions of word meaning that such cosines are taken in


@dataclass(frozen=True, slots=True)
class VisionSettings:
    """Vision projection and vision decoder."""

    projection: int = 192  # hidden width of the projection MLP
    width: int = 96
    layers: int = 2  # paper: a two-layer transformer
    heads: int = 4
    band: int = 16  # frames the decoder looks back; the LLM sees the rest
    # Seconds by which the LLM sees the listener's own face late. A recorded mouth opens before its word: without the
    # delay the LLM learns to speak when its mouth opens, and in a running session, where the mouth waits for the
    # word, it never does. The vision decoder sees the newest face.
    own_delay: float = 0.5


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """TempoVoice."""

    tempo: bool = True  # False: the ablation, an MLP over hidden states (hidden_voice.py)
    width: int = 128
    layers: int = 2
    heads: int = 4
    mlp: int = 320
    memory_band: int = 40  # frames of text and hidden states that an audio token sees
    token_band: int = (
        16  # audio tokens an audio token sees: where it is in a word, not which training sentence it is in
    )
    spelling: int = 48  # width of the letter embeddings


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How answers are drawn; chosen on the validation split."""

    timing_temperature: float = 1.0  # of when to speak: pause, go on, or a new word
    temperature: float = 0.5  # of which word
    top_p: float = 0.9  # among words
    pause_bias: float = 0.0  # added to the logit of [PAUSE]: above 0 talks less, below 0 more
    # The most likely kind of token, word and audio token each time, whatever the temperatures: 0 for all of them. Said
    # for comparison; [PAUSE] is nearly always the likeliest, so it hardly speaks.
    greedy: bool = False
    # Subtracted from the logits of words among the last repetition_window ones. Without it a small model falls into
    # "the the the" as chance has it: Distinct-2 on val .83 and .68 of two trainings, .96 and .89 with 1.0 (people .97),
    # and METEOR .122 and .102 against .120 and .139.
    repetition_penalty: float = 1.0
    repetition_window: int = 24
    # Seconds after the next frame's begin within which a word's predicted time lets it be said (without the markup
    # only). 0 is that frame alone; a wider window says words early by as much, and answers sooner than people do.
    word_window: float = 0.0
    # Seconds in which the face, besides what the network does, goes back to the face at rest (to 1/e); 0: it does not.
    # In a session the network's own mistakes add up: without this, a face may settle with its eyes half shut
    # (FD on val 1.31 without, 0.87 at 1 s, 0.79 at 0.4 s, where lips begin to come late).
    face_return: float = 1.0
    eyes_return: float = 0.4  # the same of the eyes, where blinks are shorter than that
    # Audio tokens: "mean" says the token nearest to the expected levels, as a regression would (codecs whose tokens are
    # numbers only); "draw" draws one.
    voice: str = "mean"
    voice_temperature: float = 1.0
    voice_top_p: float = 0.9  # of "draw"

    def check(self) -> None:
        """Raises InputError for a value out of range."""
        lowest = (
            "timing_temperature",
            "temperature",
            "voice_temperature",
            "repetition_penalty",
            "word_window",
            "face_return",
            "eyes_return",
        )
        for name, bad, expected in (
            *((name, getattr(self, name) < 0, "0 or more") for name in lowest),
            *((name, not 0 < getattr(self, name) <= 1, "more than 0, at most 1") for name in ("top_p", "voice_top_p")),
            ("repetition_window", self.repetition_window < 1, "1 or more"),
            ("voice", self.voice not in ("mean", "draw"), '"mean" or "draw"'),
        ):
            if bad:
                raise InputError(f"sampling.{name} is {getattr(self, name)!r}, expected {expected}.")


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """How a trained model is computed."""

    # Of the LLM's weights: float32, bfloat16 (its cache too), or int8 (its linear layers, quantised when the model is
    # built, their inputs at each step; processors only). The rest is float32.
    precision: str = "float32"


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """The recipe. Stage one trains all parts; stage two the projection, the vision decoder and TempoVoice."""

    seed: int = 20250
    threads: int = 2
    reading_steps: int = 1500  # TempoVoice and the articulation alone, before the paper's two stages (reading.py)
    reading_batch: int = 16
    reading_frames: int = 96
    reading_rate: float = 2e-3
    respoken: tuple[str, ...] = ("9/10", "10/9")  # how much longer each recording takes when it is said once more
    unified_steps: int = 1400  # paper: 1,500 of 2,000 epochs
    finetune_steps: int = 150  # paper: 500 of 2,000 epochs
    warmup: float = 0.067  # of a stage; paper: 100 of 1,500 epochs
    learning_rate: float = 1.5e-3
    finetune_rate: float = 5e-4
    final_rate: float = 0.05  # of the rate, at the end of the cosine
    beta1: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 0.05
    clip: float = 1.0
    accumulate: int = 2  # windows of one dialogue each per step; paper: batch size one
    swap: float = 0.5  # share of windows with the roles swapped: TempoVoice then hears all of the speech
    from_start: float = 0.35  # share of windows that begin at frame 0, as every session does
    text_weight: float = 1.0
    # Table 4 names 1.0 and 100 without saying which is which. 100 fits coefficients in raw units (variance about 0.01);
    # ours are standardised, and 1.0 gives the same balance.
    vision_weight: float = 1.0
    audio_weight: float = 1.0
    velocity_weight: float = 1.0  # first differences of the face, beside the paper's reconstruction loss
    silence_weight: float = 0.1  # audio tokens of [PAUSE] frames, beside 1 for those of speech
    face_noise: float = 0.15  # on the fed-back face, in standard deviations
    # A whole window's listener is moved by this many standard deviations of the head's position: where somebody's head
    # is at rest must not pull it to where the heads of the training people were.
    head_shift: float = 1.0
    face_drift: float = 0.6  # the same, one offset for a window: without it a head that has strayed goes on straying
    face_return: float = 1.0  # seconds in which the targets lead back from such an offset (to 1/e)
    text_noise: float = 0.05  # own text tokens replaced at random
    # Previous audio tokens replaced at random: a decoder that can trust them learns the training speech by heart
    # instead of reading its text (val loss rises from 300 updates on at 0.1).
    code_noise: float = 0.6
    precision: str = "float32"  # of the forward: float32, or bfloat16 or float16 by autocast; weights stay float32
    validate_every: int = 150
    save_every: int = 100
    # Updates between validations by the suite's own metrics, the model answering by itself (judging.py); 0: none.
    judge_every: int = 0
    judge_dialogues: int = 4  # of the validation split, the first
    judge_metrics: tuple[str, ...] = ("meteor", "fd")  # of the data set's protocol
    # What the best weights are chosen by, for the last stage and for the result: "loss", that of words and face (the
    # result is then the last update), or one of judge_metrics.
    best_by: str = "loss"


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration, whole."""

    name: str = "tiny"
    text: TextSettings = field(default_factory=TextSettings)
    window: WindowSettings = field(default_factory=WindowSettings)
    llm: LLMSettings = field(default_factory=LLMSettings)
    vision: VisionSettings = field(default_factory=VisionSettings)
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    runtime: RuntimeSettings = field(default_factory=RuntimeSettings)
    codec: CodecSettings = field(default_factory=CodecSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        if not 0 < self.window.hop < self.window.frames:
            raise InputError(
                f"window.hop is {self.window.hop}, expected 1 to window.frames - 1 = {self.window.frames - 1}."
            )
        for section, width, heads in (
            ("llm", self.llm.hidden, 2 * self.llm.heads),
            ("vision", self.vision.width, self.vision.heads),
            ("voice", self.voice.width, self.voice.heads),
        ):
            if width % heads:
                raise InputError(f"{section}: the width {width} is no multiple of {heads}, as its heads need.")
        self.sampling.check()
        if self.runtime.precision not in PRECISIONS:
            found, known = self.runtime.precision, ", ".join(PRECISIONS)
            raise InputError(f'runtime.precision is "{found}", expected one of {known}.')
        if self.training.precision not in TRAINING_PRECISIONS:
            raise InputError(
                f'training.precision is "{self.training.precision}", expected {" or ".join(TRAINING_PRECISIONS)}.'
            )
        if self.llm.lora_rank and not self.llm.backbone:
            raise InputError("llm.lora_rank is set without llm.backbone: adapters belong to a pretrained LLM.")

    def to_json(self) -> str:
        """All settings as one line of JSON, keys sorted."""
        return configuration.to_json(self)

    def differences(self, other: Settings) -> tuple[str, ...]:
        """Names like ``llm.layers`` of the fields that differ."""
        return configuration.differences(self, other)


def load_config(name_or_file: str) -> Settings:
    """A configuration by its name in ``configs/`` or by the path of a TOML file.

    Raises:
        InputError: no such file, not TOML, an unknown field or a value of the wrong type.
    """
    path, values = read_config(CONFIGS, name_or_file)
    return override(Settings(name=path.stem), values)


def from_json(text: str) -> Settings:
    """The settings that ``Settings.to_json`` wrote."""
    return override(Settings(), json.loads(text))


def override(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """``settings`` with other values.

    Args:
        values: nested or dotted names to values; text is read as the field's type, as ``--set`` gives it.

    Raises:
        UsageError: a name that is no setting, with "did you mean".
        InputError: a value of another type.
    """
    return configuration.override(
        settings, values, "omniresponse", advice="Expected section.field, like sampling.top_p."
    )
