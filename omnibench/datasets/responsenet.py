"""Any folder in ResponseNet layout as a data set, read lazily, each file at its own frame rate and sample rate.

Source: OmniResponse (NeurIPS 2025) section 4 and the layout of the ``awakening-ai/ResponseNet`` data set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

from omnibench.datasets.about import About, read_about
from omnibench.datasets.alternatives import alternatives_path, read_alternatives
from omnibench.datasets.asked import read_event, what_is_asked
from omnibench.datasets.base import HASHED_BY_CONTENT, DataSet
from omnibench.datasets.layout import SplitFiles, find_splits, inserted_files, list_split
from omnibench.datasets.manifest import MANIFEST_NAME, Manifest, ManifestEntry, read_manifest
from omnibench.datasets.rates import frame_rate, shared_sample_rate
from omnibench.datasets.tracks import ROLES, FileTrack, Missing, Role
from omnibench.datasets.voice import OWN_CLIP_SECONDS, REFERENCE_SECONDS, collect_speech
from omnibench.datasets.withheld import (
    NO_LISTENER,
    Known,
    WithheldTrack,
    commitment,
    context_path,
    drawn,
    read_known,
)
from omnibench.errors import InputError, UsageError, unknown_name
from omnibench.files.alternative_records import AnsweredTurn
from omnibench.files.event_records import EventRecord
from omnibench.files.hashing import file_sha256
from omnibench.files.names import check_path, same
from omnibench.types import Audio, Dialogue, Face, Image, Insertion

Tracks = Mapping[Role, FileTrack]


class FolderDialogue(Dialogue):
    """A `Dialogue` that opens media for its ``fps`` and ``sample_rate`` only when they are asked for.

    So text and vectors can be scored where there is no video or audio to take them from.
    """

    def __init__(self, entry: ManifestEntry, tracks: Tracks, insertion: Insertion | None = None) -> None:
        object.__setattr__(self, "id", entry.id)
        object.__setattr__(self, "speaker", tracks["speaker"])
        object.__setattr__(self, "listener", tracks["listener"])
        object.__setattr__(self, "identities", dict(entry.identities))
        object.__setattr__(self, "insertion", insertion)
        self.__dict__["_source"] = (tracks, entry)

    @cached_property
    def fps(self) -> Fraction:
        """Frames per second, exact. Raises InputError when no file tells, or the two videos differ."""
        return frame_rate(*self.__dict__["_source"])

    @cached_property
    def sample_rate(self) -> int:
        """Samples per second of both tracks. Raises InputError when they differ."""
        return shared_sample_rate(*self.__dict__["_source"])


class ResponseNetFolder(DataSet):
    """A data set on disk. With a ``manifest.json`` its order, names and persons; without one, ids sorted by name.

    Args:
        root: the folder that holds the splits.
        about: the folder of its ``about.json`` where that is another one.

    Raises:
        InputError: another layout, or a damaged manifest.
    """

    def __init__(self, root: Path, about: Path | None = None) -> None:
        self.folder, self._about = root, about or root
        self.root, self.location = root, check_path(root)
        path = root / MANIFEST_NAME
        manifest = read_manifest(path) if path.is_file() else Manifest(root.resolve().name, "", "paper", {})
        self.name, self.version, self.default_protocol = manifest.name, manifest.version, manifest.default_protocol
        self._listed, self._withheld, self._salt = manifest.splits, manifest.withheld, manifest.salt
        self._splits = find_splits(root)
        self._read: dict[str, tuple[SplitFiles, dict[str, ManifestEntry]]] = {}

    def splits(self) -> tuple[str, ...]:
        """The splits there are: train, val, test first, then others."""
        return self._splits

    def files(self, split: str) -> SplitFiles:
        """The files of a split. Raises UsageError for a split that is not there."""
        return self._split(split)[0]

    def entries(self, split: str) -> dict[str, ManifestEntry]:
        """What is known of each dialogue of a split, by id, in order. Raises UsageError for an unknown split."""
        return self._split(split)[1]

    def ids(self, split: str) -> tuple[str, ...]:
        """The dialogues of a split in the manifest's order, or sorted. Raises UsageError for an unknown split."""
        return tuple(self.entries(split))

    def entry(self, split: str, dialogue_id: str) -> ManifestEntry:
        """What is known of one dialogue. Raises UsageError for an unknown split or id."""
        entries = self.entries(split)
        if dialogue_id not in entries:
            by_form = {same(name): entry for name, entry in entries.items()}
            if same(dialogue_id) in by_form:
                return by_form[same(dialogue_id)]
            raise unknown_name(f"{split} dialogue", dialogue_id, entries, f"omnibench data list {self.folder}")
        return entries[dialogue_id]

    def dialogue(self, split: str, dialogue_id: str) -> Dialogue:
        """One dialogue; no file is opened yet. Raises UsageError for an unknown split or id, InputError where a folder
        of the split holds files, and none that can be read.
        """
        for folder, what in self.files(split).unread.items():
            raise InputError(f"{folder}: {what}.")
        entry = self.entry(split, dialogue_id)
        tracks = self.tracks(split, entry.id)
        return FolderDialogue(entry, tracks, self._insertion(split, entry, tracks))

    def tracks(self, split: str, dialogue_id: str) -> Tracks:
        """The two people's files. Raises UsageError for an unknown split or id."""
        entry, files = self.entry(split, dialogue_id), self.files(split)
        tracks: dict[Role, FileTrack] = {}
        for role in ROLES:
            if role == "listener" and self.withholds(split):
                tracks[role] = WithheldTrack(lambda: tracks["speaker"].frames, entry.identities.get(role, ""))
                continue
            tracks[role] = FileTrack(
                files.of(role, entry.id), lambda: frame_rate(tracks, entry), entry.identities.get(role, "")
            )
        return tracks

    def _insertion(self, split: str, entry: ManifestEntry, tracks: Tracks) -> Insertion | None:
        if entry.insertion is None:
            return None
        files = inserted_files(self.folder / split, entry.id)
        speaker = FileTrack(files, lambda: frame_rate(tracks, entry), entry.identities.get("speaker", ""))
        return Insertion(speaker, **entry.insertion)

    def about(self) -> About:
        """What its ``about.json`` says. Raises InputError for a damaged one."""
        return read_about(self._about)

    def topic(self, split: str, dialogue_id: str) -> str:
        """As the manifest says. Raises UsageError for an unknown split or id."""
        return self.entry(split, dialogue_id).topic

    def alternatives(self, split: str, dialogue_id: str) -> tuple[AnsweredTurn, ...]:
        """As ``alternatives/<id>.json`` of the split says. Raises UsageError for an unknown split or id, InputError for
        a damaged file.
        """
        return read_alternatives(self.folder / split, self.entry(split, dialogue_id).id)

    def event(self, split: str, dialogue_id: str) -> EventRecord | None:
        """What the dialogue asks of its listener, None where it asks nothing in particular. Raises UsageError for an
        unknown split or id, InputError for a damaged file.
        """
        return read_event(self.folder / split, self.entry(split, dialogue_id).id)

    def unscored(self, split: str) -> str:
        """Why no answer can be compared with a human listener's."""
        return NO_LISTENER if self.without_listeners(split) else super().unscored(split)

    def without_listeners(self, split: str) -> bool:
        """Whether nobody ever listened."""
        return self._withheld.get(split) == ""

    def withholds(self, split: str) -> bool:
        """Whether the manifest says that speakers alone are given out."""
        return split in self._withheld

    def roles(self, split: str) -> tuple[Role, ...]:
        """Whose files are there."""
        return ("speaker",) if self.withholds(split) else ROLES

    def manifest_hash(self, split: str) -> str:
        """Hex sha256 over the ids in order and each file's place and content (text, vectors, other answers) or size
        (audio, video); where the listeners are withheld, over the speakers' files, the contexts and the commitment.
        """
        return self._speakers_hash(split, self._withheld[split]) if self.withholds(split) else self._hash(split, ROLES)

    def known_hashes(self, split: str) -> tuple[str, ...]:
        """`manifest_hash`; with a salt, also that of what teams got, if its listeners were these very files."""
        own = self.manifest_hash(split)
        return (own, self._speakers_hash(split, self.commitment(split))) if self._salt else (own,)

    def commitment(self, split: str) -> str:
        """What binds to the listeners' files that are read, salted by the manifest."""
        files = [self.files(split).of("listener", dialogue).values() for dialogue in self.entries(split)]
        there = [path for paths in files for path in paths if isinstance(path, Path)]
        return commitment(self._salt, [(path.relative_to(self.folder / split).as_posix(), path) for path in there])

    def _speakers_hash(self, split: str, committed: str) -> str:
        digest = hashlib.sha256(f"{self._hash(split, ('speaker',))}\t{committed}\n".encode())
        for dialogue in self.entries(split):
            known = context_path(self.folder / split, dialogue)
            digest.update(f"{file_sha256(known) if known.is_file() else ''}\n".encode())
        return digest.hexdigest()

    def _hash(self, split: str, roles: tuple[Role, ...]) -> str:
        digest, files = hashlib.sha256(), self.files(split)
        for dialogue, entry in self.entries(split).items():
            digest.update(f"{dialogue}\n".encode())
            for role in ROLES:
                digest.update(f"{role}\t{entry.persons.get(role, '')}\t{entry.identities.get(role, '')}\n".encode())
                for modality, path in files.of(role, dialogue).items() if role in roles else ():
                    if path is None or isinstance(path, Missing):
                        continue
                    content = file_sha256(path) if modality in HASHED_BY_CONTENT else str(path.stat().st_size)
                    digest.update(f"{modality}/{role}/{path.name}\t{content}\n".encode())
            others = alternatives_path(self.folder / split, dialogue)
            if "listener" in roles and others.is_file():
                digest.update(f"{others.name}\t{file_sha256(others)}\n".encode())
            for line in what_is_asked(self.folder / split, entry):
                digest.update(f"{line}\n".encode())
        return digest.hexdigest()

    def _known(self, split: str, dialogue_id: str) -> Known | None:
        """What is given out of the listener, where the data set says so itself."""
        self.entry(split, dialogue_id)
        return read_known(self.folder / split, dialogue_id) if self._salt or self.withholds(split) else None

    def voice_reference(self, split: str, dialogue_id: str) -> tuple[Audio, bool] | None:
        """Up to 10 s of the listener's speech in other dialogues of the split, at the rate of this one.

        Where the person is in no other dialogue, or the manifest does not say who is who: the first 3 s of speech of
        this very clip, flagged True. Recordings at another sample rate are passed over. None when nothing is heard.
        Where listeners are withheld from teams, what these got; where there are none, what they say as speakers.
        """
        known = self._known(split, dialogue_id)
        if known is not None and not self.without_listeners(split):
            return None if known.voice is None else (known.voice, False)
        person = self.entry(split, dialogue_id).persons.get("listener", "")
        tracks = self.tracks(split, dialogue_id)
        own = tracks["speaker" if self.without_listeners(split) else "listener"]
        if not own.has_audio:
            return None
        elsewhere = self._speech_elsewhere(split, dialogue_id, person, own.audio_rate) if person else []
        if elsewhere or own is not tracks["listener"]:
            return (np.concatenate(elsewhere), False) if elsewhere else None
        speech = collect_speech(own, OWN_CLIP_SECONDS)
        return (speech, True) if len(speech) else None

    def _speech_elsewhere(self, split: str, dialogue_id: str, person: str, rate: int) -> list[Audio]:
        pieces: list[Audio] = []
        seconds = REFERENCE_SECONDS
        for other, entry in self.entries(split).items():
            for role in ROLES:
                if other == dialogue_id or entry.persons.get(role) != person or seconds <= 0:
                    continue
                track = self.tracks(split, other)[role]
                with suppress(InputError):  # what cannot be read is the other dialogue's fault, and told there
                    if track.has_audio and track.audio_rate == rate:
                        pieces.append(collect_speech(track, seconds))
                        seconds -= len(pieces[-1]) / rate
                track.close()
        return [piece for piece in pieces if len(piece)]

    def portrait(self, split: str, dialogue_id: str) -> Image | None:
        """The listener's first picture: of the video, else drawn from the first face where the identity is known;
        where listeners are withheld from teams, what these got, or drawn from it.
        """
        known = self._known(split, dialogue_id)
        identity = self.entry(split, dialogue_id).identities.get("listener", "")
        if known is not None:
            return drawn(known.initial_face, identity) if known.portrait is None else known.portrait
        track = self.tracks(split, dialogue_id)["listener"]
        if not track.has_video and not (track.identity and track.has("vector")):
            return None
        return next(iter(track.images()), None)

    def initial_face(self, split: str, dialogue_id: str) -> Face | None:
        """The listener's first face that was not lost; where listeners are withheld from teams, what these got.
        Raises InputError where it was lost in every frame.
        """
        known = self._known(split, dialogue_id)
        if known is not None:
            return known.initial_face
        track = self.tracks(split, dialogue_id)["listener"]
        return track.first_face() if track.has("vector") else None

    def faults(self, split: str) -> dict[str, str]:
        """By dialogue, what stands in the place of one of its files, as far as names and links tell."""
        found: dict[str, str] = {}
        for dialogue in self.entries(split):
            given = [self.files(split).of(role, dialogue).values() for role in self.roles(split)]
            for path in (path for paths in given for path in paths):
                if isinstance(path, Missing) and path.reason:
                    found.setdefault(dialogue, f"{path.expected}: {path.reason}")
        return found

    def _split(self, split: str) -> tuple[SplitFiles, dict[str, ManifestEntry]]:
        if split not in self._splits:
            raise UsageError(f'{self.folder}: no split "{split}"; it has: {", ".join(self._splits)}.')
        if split not in self._read:
            listed = self._listed.get(split, ())
            files = list_split(self.folder / split, [entry.id for entry in listed])
            listed = listed or tuple(map(ManifestEntry, files.ids()))
            self._read[split] = files, {entry.id: entry for entry in listed}
        return self._read[split]
