"""Sizes and training of the small codec."""

from __future__ import annotations

from typing import Literal

from baselines.shared.configuration import Amount, Count, Section, Size


class CodecSettings(Section):
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

    kind: Literal["source_filter", "bicodec"] = "source_filter"
    chunk_tokens: Size = 1
    lookahead_tokens: Count = 0
    levels: tuple[int, ...] = (8, 5, 5, 5)
    encoder_width: Size = 192
    encoder_depth: Count = 3
    decoder_width: Size = 224
    decoder_layers: Size = 2
    steps: Count = 1500
    batch: Size = 24
    crop_tokens: Size = 96
    learning_rate: Amount = 2e-3
    warm_up: Count = 100
    save_every: Size = 500
