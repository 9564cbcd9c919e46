"""``python -m omnibench.studio.chat``: what is refused of the written chat by which rule, and how much is left.

Every line that is left is pronounced in both accents, so that none can stop a build of hours.
"""

from __future__ import annotations

import hashlib

from omnibench.studio.chat.acting import act, pieces, seconds_of
from omnibench.studio.chat.building import KEPT, RECIPE
from omnibench.studio.chat.corpus import conversations
from omnibench.studio.chat.filters import Counts, kept_of, sayable
from omnibench.studio.chat.leaks import held_out_grams
from omnibench.studio.script import read_scripts


def main() -> int:
    """Print the counts; exit code 6 for a line that cannot be said, or where the rules keep other text than RECIPE."""
    counts, seconds, dialogues, talked = Counts(), 0.0, 0, 0
    scripts = list(read_scripts(splits=("train",)))
    digest = hashlib.sha256()
    for conversation in conversations():
        kept = kept_of(conversation, held_out_grams(), counts)
        cut = pieces(kept) if kept is not None else ()
        dialogues, talked = dialogues + len(cut), talked + bool(cut)
        seconds += sum(seconds_of(piece.turns) for piece in cut)
        scripts += [act(piece, f"{piece.conversation}-{piece.number}") for piece in cut]
        digest.update("\n".join(turn.text for piece in cut for turn in piece.turns).encode())
    lines = [line.text for script in scripts for line in script.lines if not line.is_nod]
    unsaid = [text for text in lines if not sayable(text)]
    print(counts.as_text())
    print(
        f"{dialogues:,} dialogues of {talked:,} chats, about {seconds / 3600:.1f} hours; {RECIPE}, sha256 of its text:"
    )
    print(digest.hexdigest() + ("" if digest.hexdigest() == KEPT else f", expected {KEPT}: name it another version"))
    print(
        f"{len(lines):,} lines pronounced in both accents, mini's training scripts among them: {len(unsaid)} cannot be"
    )
    for text in unsaid:
        print(f"  {text}")
    return 6 if unsaid or digest.hexdigest() != KEPT else 0


if __name__ == "__main__":
    raise SystemExit(main())
