"""``python -m omnibench.studio.chat``: what is refused of the written chat by which rule, and how much is left."""

from __future__ import annotations

from omnibench.studio.chat.acting import pieces, seconds_of
from omnibench.studio.chat.corpus import conversations
from omnibench.studio.chat.filters import Counts, kept_of
from omnibench.studio.chat.leaks import held_out_grams


def main() -> None:
    """Print the counts."""
    counts, seconds, dialogues, talked = Counts(), 0.0, 0, 0
    for conversation in conversations():
        kept = kept_of(conversation, held_out_grams(), counts)
        cut = pieces(kept) if kept is not None else ()
        dialogues, talked = dialogues + len(cut), talked + bool(cut)
        seconds += sum(seconds_of(piece.turns) for piece in cut)
    print(counts.as_text())
    print(f"{dialogues:,} dialogues of {talked:,} chats, about {seconds / 3600:.1f} hours")


if __name__ == "__main__":
    main()
