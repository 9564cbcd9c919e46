"""Sizes and training of the small codec."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodecSettings:
    """Defaults are what the shipped checkpoint was trained with.

    Attributes:
        kind: ``source_filter``, trained with the rest; or ``bicodec``, Spark-TTS's, of which only the next two hold.
        chunk_tokens: tokens that BiCodec decodes at a time; the first of them waits for the last.
        lookahead_tokens: tokens behind a chunk that BiCodec waits for besides: better sound, heard that much later.
        levels: values each quantised number can take; one index more than their product is the vocabulary.
        encoder_width: channels of the encoder's convolutions.
        encoder_depth: number of its convolutions, each five tokens wide.
        decoder_width: width of the decoder's memory.
        decoder_layers: layers of the decoder's memory.
        steps: updates.
        batch: crops an update.
        crop_tokens: length of a crop; a token is 20 ms.
        learning_rate: peak of the cosine schedule.
        warm_up: updates until that peak.
        save_every: updates between resumable states.
    """

    kind: str = "source_filter"
    chunk_tokens: int = 1
    lookahead_tokens: int = 0
    levels: tuple[int, ...] = (8, 5, 5, 5)
    encoder_width: int = 192
    encoder_depth: int = 3
    decoder_width: int = 224
    decoder_layers: int = 2
    steps: int = 1500
    batch: int = 24
    crop_tokens: int = 96
    learning_rate: float = 2e-3
    warm_up: int = 100
    save_every: int = 500
