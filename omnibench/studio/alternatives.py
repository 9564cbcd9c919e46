"""What others would have answered: replies written by people who did not see the real one, in plain text files.

One file a writer, ``<scripts>/alternatives/<writer>.txt``::

    == eco-rent-90
    1 (worried): They went up? Again?
    2: We should ask for more, then.

The number counts the dialogue's answered turns: those of the listener that follow a turn of the speaker.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from omnibench.datasets.alternatives import ALTERNATIVES, alternatives_path
from omnibench.errors import InputError
from omnibench.files.atomic import write_text
from omnibench.studio.performance import Performance
from omnibench.studio.script import ROLES, Line, Script, parse_scripts
from omnibench.studio.voice import Utterance

_HEAD: Final = re.compile(r"==\s*(\S+)")
_REPLY: Final = re.compile(r"(\d+)((?:\s+\([a-z]+\))?\s*:\s*\S.*)")


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn of the speaker and the listener's answer, by their places among a script's lines."""

    turn: int
    answer: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Another answer to the same turn, and who wrote it."""

    writer: str
    line: Line


def answered_turns(script: Script) -> tuple[Answered, ...]:
    """The turns of the listener that follow one of the speaker's, backchannels passed over."""
    turns = [i for i, line in enumerate(script.lines) if not line.is_backchannel]
    roles = [script.lines[i].role for i in turns]
    return tuple(
        Answered(turns[k], turns[k + 1]) for k in range(len(turns) - 1) if roles[k : k + 2] == ["speaker", "listener"]
    )


def read_replies(folder: Path, scripts: Sequence[Script]) -> dict[str, dict[int, tuple[Reply, ...]]]:
    """By slug, and by the number of the answered turn from 1 on, what ``folder/*.txt`` have for it.

    Raises:
        InputError: a slug or a number that is not there, a number twice, or a line that is no speech; with file and
            line.
    """
    known = {script.slug: script for script in scripts}
    found: dict[str, dict[int, tuple[Reply, ...]]] = {}
    for path in sorted(folder.glob("*.txt")):
        slug = ""
        for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            content, where = raw.strip(), f"{ALTERNATIVES}/{path.name}:{number}"
            if not content or content.startswith("#"):
                continue
            if head := _HEAD.fullmatch(content):
                slug = head[1]
                if slug not in known:
                    raise InputError(f'{where}: no dialogue "{slug}" is among the scripts.')
                continue
            if slug not in known or (match := _REPLY.fullmatch(content)) is None:
                raise InputError(f"{where}: expected `== slug`, then `1 (mood): words`, got `{content}`.")
            of = found.setdefault(slug, {})
            turn, writer = int(match[1]), path.stem
            before = of.get(turn, ())
            if not 1 <= turn <= len(answered_turns(known[slug])) or any(reply.writer == writer for reply in before):
                raise InputError(f'{where}: "{slug}" has no answered turn {turn} that is still open.')
            of[turn] = (*before, Reply(writer, _line(match[2], known[slug], where)))
    return found


def _line(content: str, script: Script, where: str) -> Line:
    """A reply in the grammar of the scripts, in the overall mood of its dialogue."""
    text = f"== {script.slug} | {script.topic} | {script.mood}\nS +0: Yes.\nL +0{content}\n"
    (alone,) = parse_scripts(text, "", where)
    return alone.lines[-1]


def act_replies(
    root: Path,
    name: str,
    script: Script,
    performance: Performance,
    replies: Mapping[int, Sequence[Reply]],
    say: Callable[[str, str], Utterance],
) -> Path:
    """Write the replies of one dialogue below ``root``, spoken from where the real answer starts.

    Args:
        root: the split's folder.
        name: the dialogue's id.
        script, performance: the dialogue.
        replies: by the number of the answered turn, from 1 on.
        say: a text in a mood, by the listener.
    """
    turns = {role: iter([t for t in performance.part(role).turns if t.kind == "turn"]) for role in ROLES}
    said = {i: next(turns[line.role]) for i, line in enumerate(script.lines) if not line.is_backchannel}
    answers = []
    for number, pair in enumerate(answered_turns(script), start=1):
        turn, answer = said[pair.turn], said[pair.answer]
        acted = [
            _acted(reply, answer.start, say(reply.line.text, reply.line.mood)) for reply in replies.get(number, ())
        ]
        if acted:
            spans = {
                "turn": {"start": turn.start, "end": turn.end},
                "answer": {"start": answer.start, "end": answer.end},
            }
            answers.append({**spans, "replies": acted})
    path = alternatives_path(root, name)
    write_text(path, json.dumps({"answers": answers}, ensure_ascii=False) + "\n")
    return path


def _acted(reply: Reply, start: float, utterance: Utterance) -> dict[str, object]:
    words = [
        {"text": word.text, "start": round(start + word.start, 4), "end": round(start + word.end, 4)}
        for word in utterance.words
    ]
    return {"writer": reply.writer, "text": reply.line.text, "words": words}
