"""``omnibench train omniresponse``: tokenizer, codec, audio tokens, the two stages, and the checkpoint at the end.

Each stage leaves its result in the output folder, and a stage whose result is there is not run again:

    settings.json       what is being trained; another configuration needs --fresh or another folder
    tokenizer.json      byte-level BPE of the training transcripts
    codec/              stage 0: codec_losses.csv, its resumable state, codec.safetensors; with --codec-from that one's,
                        and shared.txt with the folder whose audio tokens are used
    sounds/KEY/         audio tokens and voiceprints of the codec with that key
    state.pt            the network's training, resumable to the update; losses.csv beside it
    judged/             the newest judgement's checkpoint and answers; scores.csv beside it
    model.safetensors   the result, for --checkpoint
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from baselines.omniresponse.config import RUN_TIME_SECTIONS, Settings, from_json, load_config, override
from baselines.omniresponse.network.building import build_network
from baselines.omniresponse.network.checkpoint import save_checkpoint
from baselines.omniresponse.network.shared_codec import TRAINED, codec_hash, read_codec, training_folder
from baselines.omniresponse.text.meaning import rarities, word_vectors
from baselines.omniresponse.text.pronunciation import pronunciations
from baselines.omniresponse.text.tokens import ChronoTokenizer, borrowed_tokenizer
from baselines.omniresponse.training.batches import Windows
from baselines.omniresponse.training.corpus import (
    Notation,
    all_faces,
    load_sides,
    speech_clips,
    speech_seconds,
    transcripts,
)
from baselines.omniresponse.training.judging import LOSS, Judge, check_metrics
from baselines.omniresponse.training.respeaking import respoken_sides
from baselines.omniresponse.training.stages import Lessons, Trainer
from baselines.omniresponse.training.team import Team, assemble
from baselines.shared.codec.choose import bicodec_state, codec_key, codec_of
from baselines.shared.codec.training import train_codec
from baselines.shared.training_folder import RESULT, claim, clear, provenance, require_splits
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError, UsageError
from omnibench.files.atomic import atomic_path, write_text
from omnibench.system.progress import Ticker

if TYPE_CHECKING:
    from baselines.shared.train import TrainJob

SHARED: Final = Path("codec") / "shared.txt"
LEFT_BEHIND: Final = (
    "settings.json", "tokenizer.json", "codec", "sounds", "judged", "state.pt", "losses.csv", "scores.csv", RESULT,
)  # fmt: skip


def run_training(job: TrainJob) -> Path:
    """Train, or go on training, and return the checkpoint's path (the folder, when ``max_steps`` ended it early).

    Raises:
        UsageError: an unknown setting, or a folder that holds the training of another configuration.
        InputError: a data set without the splits train and val, or without speech.
    """
    settings = override(load_config(job.config or "tiny"), job.settings)
    if job.seed is not None:
        settings = override(settings, {"training.seed": job.seed})
    out = job.out
    torch.set_num_threads(settings.training.threads)
    dataset = open_dataset(job.data)
    try:
        return _stages(job, settings, dataset, out, assemble(job.device))
    finally:
        dataset.close()


def _stages(job: TrainJob, settings: Settings, dataset: DataSet, out: Path, team: Team) -> Path:
    require_splits(dataset, job.data)
    with team.first_goes_first():
        if job.fresh and team.first:
            clear(out, LEFT_BEHIND)
        claim(out, settings, from_json, RUN_TIME_SECTIONS)
        tokenizer = _tokenizer(dataset, settings, out)
        _take_codec(job.codec_from, out)
        codec_state = _codec(dataset, settings, out)
        codec = codec_of(settings.codec, codec_state)
        seconds = speech_seconds(dataset, "train", tokenizer)
        sounds = _sounds(out) / codec_key(settings.codec, codec_state)
        notation = Notation(tokenizer, codec, settings, seconds, sounds)
        sides = {split: load_sides(dataset, split, notation) for split in ("train", "val")}
        respoken = respoken_sides(sides["train"], dataset, "train", notation)

    torch.manual_seed(settings.training.seed)
    model = build_network(settings, tokenizer, codec)
    if not settings.llm.backbone:
        rarity = rarities(tokenizer, transcripts(dataset, "train"))
        model.llm.fit_meaning(word_vectors(tokenizer, rarity, max(settings.llm.hidden, settings.llm.subject)))
    model.articulation.seconds.copy_(torch.from_numpy(seconds))
    model.scale.fit(all_faces(sides["train"]))
    model.voice.fit_voices(torch.stack([side.voiceprint for side in sides["train"]]))
    windows, held_out = (Windows(sides[s], tokenizer, settings, codec.token_rate) for s in ("train", "val"))
    # Every other segment: they overlap, and validation should cost a tenth of the training at most.
    segments = [cut for side in held_out.listeners for cut in held_out.schedule(side)][::2]
    if not windows.listeners or not windows.leaders or not segments:
        raise InputError(f"{job.data}: no dialogue of train or val is longer than one frame.")

    training = settings.training
    blocks = held_out.spoken_blocks(training.reading_frames, training.reading_batch)
    aloud = Windows([*sides["train"], *respoken], tokenizer, settings, codec.token_rate)
    lessons = Lessons(windows, aloud, segments, blocks)
    origin = provenance(job, dataset, training.seed)

    def save(path: Path) -> None:
        save_checkpoint(path, model, tokenizer, codec_state, origin, (out / SHARED).is_file())

    judge = _judge(job, settings, dataset, out, save)
    device = team.device(job.device)
    trainer = Trainer(model.to(device), lessons, tokenizer.pause, out, team, judge)
    begin = trainer.state.step
    stop = trainer.total if job.max_steps is None else min(begin + job.max_steps, trainer.total)
    with Ticker("omniresponse", trainer.total, "update", leave=True, done=begin) as progress:
        trainer.run(stop, progress.reach)
    if trainer.state.step < trainer.total:
        return out
    trainer.settle()
    if team.first:
        save(out / RESULT)
    return out / RESULT


def _judge(
    job: TrainJob, settings: Settings, dataset: DataSet, out: Path, save: Callable[[Path], None]
) -> Callable[[], dict[str, float]] | None:
    training = settings.training
    if not training.judge_every:
        if training.best_by != LOSS:
            raise UsageError(
                f"training.best_by is {training.best_by}, but training.judge_every is 0: nothing is judged."
            )
        return None
    check_metrics(training.judge_metrics, training.best_by, dataset.default_protocol)
    model, folder = settings.model, out / "judged"
    judge = Judge(
        model, dataset, training.judge_metrics, training.judge_dialogues, folder / "answers", training.threads
    )

    def scores() -> dict[str, float]:
        path = folder / "judged.safetensors"
        save(path)
        return judge.scores(path)

    return scores


def _tokenizer(dataset: DataSet, settings: Settings, out: Path) -> ChronoTokenizer:
    path = out / "tokenizer.json"
    if not path.is_file():
        texts = [*transcripts(dataset, "train"), settings.text.prompt, settings.text.lead_prompt]
        sounds = pronunciations(texts)
        found = (
            borrowed_tokenizer(settings.llm.backbone, sounds)
            if settings.llm.backbone
            else ChronoTokenizer.train(texts, settings.text.vocabulary, sounds)
        )
        write_text(path, found.to_json())
    return ChronoTokenizer.from_json(path.read_text("utf-8"))


def _take_codec(source: Path | None, out: Path) -> None:
    """Put the codec of ``source`` where this training would leave its own, once."""
    if source is None:
        return
    state, path = read_codec(source), out / TRAINED
    if path.is_file():
        if codec_hash(load_file(path)) != codec_hash(state):
            raise UsageError(f"{out} has another codec than {source}. Give --fresh to start over, or another --out.")
        return
    with atomic_path(path) as temporary:
        save_file(state, temporary)
    origin = training_folder(source).resolve()
    # Its audio tokens are used, and added to, where its training keeps them.
    write_text(out / SHARED, str(origin) if origin.is_dir() else ".")


def _sounds(out: Path) -> Path:
    """The folder of audio tokens: that of the training whose codec this one speaks through, or its own."""
    shared = out / SHARED
    return (out / shared.read_text("utf-8") if shared.is_file() else out) / "sounds"


def _codec(dataset: DataSet, settings: Settings, out: Path) -> dict[str, Tensor]:
    if settings.codec.kind == "bicodec":
        return bicodec_state(settings.codec)
    path = out / TRAINED
    if not path.is_file():
        clips = speech_clips(dataset, "train")
        if not clips:
            raise InputError(f"{dataset.name}: no audio in the split train; the codec learns from speech.")
        with Ticker("codec", settings.codec.steps, "update", leave=True) as progress:
            state = train_codec(
                clips,
                path.parent,
                settings.codec,
                settings.training.seed,
                lambda done, _all, numbers: progress.reach(done, numbers),
                resume=True,
            )
        with atomic_path(path) as temporary:
            save_file({name: value.contiguous() for name, value in state.items()}, temporary)
    try:
        return load_file(path)
    except SafetensorError as error:
        raise InputError(
            f"{path}: not a whole safetensors file ({error}). Remove it and run the command again."
        ) from error
