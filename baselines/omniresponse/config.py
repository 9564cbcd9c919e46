"""Named settings of OmniResponse: what the paper leaves open is a field here, with the reason for its default.

A configuration is a TOML file of ``configs/``; ``--config`` and ``--set section.field=value`` go on top of it. The
sections ``sampling`` and ``runtime`` may differ between training and running; all others are the checkpoint's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import field_validator, model_validator

from baselines.shared import configuration
from baselines.shared.codec.settings import CodecSettings
from baselines.shared.configuration import Amount, BelowOne, Count, PartOfAll, Section, Share, Size
from omnibench.errors import InputError

CONFIGS: Final = Path(__file__).parent / "configs"
RUN_TIME_SECTIONS: Final = ("sampling", "runtime")
MODELS: Final = {
    (True, True): "omniresponse",
    (False, True): "omniresponse-no-chrono",
    (True, False): "omniresponse-no-tempovoice",
    (False, False): "omniresponse-neither",
}
"""Rows of the paper's Table 3, by whether they have Chrono-Text Markup and TempoVoice."""

ADVICE: Final = "Expected section.field, like sampling.top_p."


class TextSettings(Section):
    """Chrono-Text Markup and the static prefix."""

    chrono: bool = True
    """False: the ablation without the markup (timestamps.py)."""
    word_horizon: Amount = 1.0
    """Seconds within which the ablation tells word times apart."""
    vocabulary: Size = 1152
    """Most frequent training words are one token; the rest is bytes and pieces."""
    max_shift: Count = 12
    """Frames a word may start late because of the words before it."""
    activity_dbfs: float = -45.0
    """Louder speaker frames without a finished word are [LASTING], not [PAUSE]."""
    prompt: str = "You are an active listener in a face-to-face dyadic interaction."
    lead_prompt: str = "You lead the conversation in a face-to-face dyadic interaction."
    """Role-swapped training."""
    follow_instruction: bool = False
    """A tiny LLM knows only the prompts it was trained with."""
    history_tokens: Count = 64
    """Token budget of the static history."""


class WindowSettings(Section):
    """The dynamic part of the sequence."""

    frames: Size = 192
    """Tau: dynamic frames at most."""
    hop: Size = 64
    """Frames that leave at once; in between nothing is recomputed."""
    position_rate: Amount = 25.0
    """RoPE positions a second, so that 25 and 30 fps share one clock."""


class LLMSettings(Section):
    """The language model: one of the Phi-3 class at a size of one's own, or a pretrained one."""

    backbone: str = ""
    """A name of backbones.py; "" is a fresh LLM. The sizes are a pretrained one's own, and stand in the configuration
    so that it can be read and counted where the weights are not.
    """
    hidden: Size = 192
    layers: Size = 4
    heads: Size = 6
    kv_heads: Count = 0
    """Heads of keys and values; 0: as many as heads."""
    mlp: Size = 320
    lora_rank: Count = 0
    """Of adapters on all linear layers of a pretrained LLM, which itself stays as it is; 0: none."""
    lora_alpha: Count = 16
    """What adapters add is scaled by lora_alpha / lora_rank."""
    dropout: Share = 0.15
    meaning: Amount = 0.3
    """Length of the rarest words' embeddings at the start of training; 0 starts them all at random."""
    topic: float = 10.0
    """What the cosine between what was heard and a word adds to its logit at the start of training; 0: no such
    addition, not later either.
    """
    subject: Size = 64
    """Principal directions of word meaning that such cosines are taken in."""


class VisionSettings(Section):
    """Vision projection and vision decoder."""

    projection: Size = 192
    """Hidden width of the projection MLP."""
    width: Size = 96
    layers: Size = 2
    """Paper: a two-layer transformer."""
    heads: Size = 4
    band: Size = 16
    """Frames the decoder looks back; the LLM sees the rest."""
    own_delay: Amount = 0.5
    """Seconds by which the LLM sees the listener's own face late. A recorded mouth opens before its word: without the
    delay the LLM learns to speak when its mouth opens, and in a running session, where the mouth waits for the word, it
    never does. The vision decoder sees the newest face.
    """


class VoiceSettings(Section):
    """TempoVoice."""

    tempo: bool = True
    """False: the ablation, an MLP over hidden states (hidden_voice.py)."""
    width: Size = 128
    layers: Size = 2
    heads: Size = 4
    mlp: Size = 320
    memory_band: Size = 40
    """Frames of text and hidden states that an audio token sees."""
    token_band: Size = 16
    """Audio tokens an audio token sees: where it is in a word, not which training sentence it is in."""
    spelling: Size = 48
    """Width of the letter embeddings."""


class SamplingSettings(Section):
    """How answers are drawn; chosen on the validation split."""

    timing_temperature: Amount = 1.0
    """Of when to speak: pause, go on, or a new word."""
    temperature: Amount = 0.5
    """Of which word."""
    top_p: PartOfAll = 0.9
    """Among words."""
    pause_bias: float = 0.0
    """Added to the logit of [PAUSE]: above 0 talks less, below 0 more."""
    greedy: bool = False
    """The most likely kind of token, word and audio token each time, whatever the temperatures: 0 for all of them. Said
    for comparison; [PAUSE] is nearly always the likeliest, so it hardly speaks.
    """
    repetition_penalty: Amount = 1.0
    """Subtracted from the logits of words among the last repetition_window ones. Without it a small model falls into
    "the the the" as chance has it: Distinct-2 on val .83 and .68 of two trainings, .96 and .89 with 1.0 (people .97),
    and METEOR .122 and .102 against .120 and .139.
    """
    repetition_window: Size = 24
    word_window: Amount = 0.0
    """Seconds after the next frame's begin within which a word's predicted time lets it be said (without the markup
    only). 0 is that frame alone; a wider window says words early by as much, and answers sooner than people do.
    """
    face_return: Amount = 1.0
    """Seconds in which the face, besides what the network does, goes back to the face at rest (to 1/e); 0: it does not.
    In a session the network's own mistakes add up: without this, a face may settle with its eyes half shut (FD on val
    1.31 without, 0.87 at 1 s, 0.79 at 0.4 s, where lips begin to come late).
    """
    eyes_return: Amount = 0.4
    """The same of the eyes, where blinks are shorter than that."""
    voice: Literal["mean", "draw"] = "mean"
    """Audio tokens: "mean" says the token nearest to the expected levels, as a regression would (codecs whose tokens
    are numbers only); "draw" draws one.
    """
    voice_temperature: Amount = 1.0
    voice_top_p: PartOfAll = 0.9
    """Of "draw"."""


class RuntimeSettings(Section):
    """How a trained model is computed."""

    precision: Literal["float32", "bfloat16", "int8"] = "float32"
    """Of the LLM's weights: float32, bfloat16 (its cache too), or int8 (its linear layers, quantised when the model is
    built, their inputs at each step; processors only). The rest is float32.
    """


class TrainingSettings(Section):
    """The recipe. Stage one trains all parts; stage two the projection, the vision decoder and TempoVoice."""

    seed: Count = 20250
    threads: Size = 2
    reading_steps: Count = 1500
    """TempoVoice and the articulation alone, before the paper's two stages (reading.py)."""
    reading_batch: Size = 16
    reading_frames: Size = 96
    reading_rate: Amount = 2e-3
    respoken: tuple[str, ...] = ("9/10", "10/9")
    """How much longer each recording takes when it is said once more."""
    unified_steps: Count = 1400
    """Paper: 1,500 of 2,000 epochs."""
    finetune_steps: Count = 150
    """Paper: 500 of 2,000 epochs."""
    warmup: Share = 0.067
    """Of a stage; paper: 100 of 1,500 epochs."""
    learning_rate: Amount = 1.5e-3
    finetune_rate: Amount = 5e-4
    final_rate: Share = 0.05
    """Of the rate, at the end of the cosine."""
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    weight_decay: Amount = 0.05
    clip: Amount = 1.0
    accumulate: Size = 2
    """Windows of one dialogue each per step; paper: batch size one."""
    swap: Share = 0.5
    """Share of windows with the roles swapped: TempoVoice then hears all of the speech."""
    from_start: Share = 0.35
    """Share of windows that begin at frame 0, as every session does."""
    text_weight: Amount = 1.0
    vision_weight: Amount = 1.0
    """Table 4 names 1.0 and 100 without saying which is which. 100 fits coefficients in raw units (variance about
    0.01); ours are standardised, and 1.0 gives the same balance.
    """
    audio_weight: Amount = 1.0
    velocity_weight: Amount = 1.0
    """First differences of the face, beside the paper's reconstruction loss."""
    silence_weight: Amount = 0.1
    """Audio tokens of [PAUSE] frames, beside 1 for those of speech."""
    face_noise: Amount = 0.15
    """On the fed-back face, in standard deviations."""
    head_shift: Amount = 1.0
    """A whole window's listener is moved by this many standard deviations of the head's position: where somebody's head
    is at rest must not pull it to where the heads of the training people were.
    """
    face_drift: Amount = 0.6
    """The same, one offset for a window: without it a head that has strayed goes on straying."""
    face_return: Amount = 1.0
    """Seconds in which the targets lead back from such an offset (to 1/e)."""
    text_noise: Share = 0.05
    """Own text tokens replaced at random."""
    code_noise: Share = 0.6
    """Previous audio tokens replaced at random: a decoder that can trust them learns the training speech by heart
    instead of reading its text (val loss rises from 300 updates on at 0.1).
    """
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    """Of the forward: float32, or bfloat16 or float16 by autocast; weights stay float32."""
    validate_every: Size = 150
    save_every: Size = 100
    judge_every: Count = 0
    """Updates between validations by the suite's own metrics, the model answering by itself (judging.py); 0: none."""
    judge_dialogues: Size = 4
    """Of the validation split, the first."""
    judge_metrics: tuple[str, ...] = ("meteor", "fd")
    """Of the data set's protocol."""
    best_by: str = "loss"
    """What the best weights are chosen by, for the last stage and for the result: "loss", that of words and face (the
    result is then the last update), or one of judge_metrics.
    """

    @field_validator("respoken")
    @classmethod
    def _are_ratios(cls, ratios: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[1-9]\d*/[1-9]\d*", ratio) for ratio in ratios):
            raise InputError(f'The setting training.respoken is {list(ratios)}, expected ratios like "9/10".')
        return ratios


class Settings(Section):
    """One configuration, whole."""

    name: str = "tiny"
    text: TextSettings = TextSettings()
    window: WindowSettings = WindowSettings()
    llm: LLMSettings = LLMSettings()
    vision: VisionSettings = VisionSettings()
    voice: VoiceSettings = VoiceSettings()
    sampling: SamplingSettings = SamplingSettings()
    runtime: RuntimeSettings = RuntimeSettings()
    codec: CodecSettings = CodecSettings()
    training: TrainingSettings = TrainingSettings()

    @property
    def model(self) -> str:
        """The name of the model whose checkpoints have these settings."""
        return MODELS[self.text.chrono, self.voice.tempo]

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.window.hop >= self.window.frames:
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
        if self.llm.lora_rank and not self.llm.backbone:
            raise InputError("llm.lora_rank is set without llm.backbone: adapters belong to a pretrained LLM.")
        return self


def load_config(name_or_file: str) -> Settings:
    """A configuration by its name in ``configs/`` or by the path of a TOML file.

    Raises:
        InputError: no such file, not TOML, or a value of the wrong type or out of range.
        UsageError: an unknown setting.
    """
    name = Path(name_or_file).name.removesuffix(".toml")
    return configuration.load_config(Settings(name=name), CONFIGS, name_or_file, "omniresponse", ADVICE)


def from_json(text: str) -> Settings:
    """The settings that ``Settings.to_json`` wrote."""
    return override(Settings(), json.loads(text))


def override(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """``settings`` with other values.

    Args:
        values: nested or dotted names to values; text is read as the field's type, as ``--set`` gives it.

    Raises:
        UsageError: a name that is no setting, with "did you mean".
        InputError: a value of another type, or out of range.
    """
    return configuration.override(settings, values, "omniresponse", ADVICE)
