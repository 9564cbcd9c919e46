"""How much of what the human listener said an answer says too, beyond what both can know from the speaker.

Words of the speaker's are left out: whoever listens can repeat them. The rest count by how rare they are among the
split's listeners, so that "yes" says little and "pumpkins" much; order does not count: shuffled words are found too.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from leaderboard.judging.fingerprints import plain_words

LEAST_INFORMATION: Final = 6.0
"""Of a reply that can be told from others at all, in nats: two or three words that nobody else says."""

Rarity = Callable[[str], float]


def rarity_among(replies: Iterable[str]) -> Rarity:
    """The information of a word in nats, by how many of the replies have it; the more of them, the less."""
    known = [set(plain_words(reply)) for reply in replies]
    having = Counter(word for reply in known for word in reply)
    return lambda word: math.log((len(known) + 1) / (having[word] + 1))


def shared_information(said: str, human: str, heard: str, rarity: Rarity) -> float | None:
    """Twice the information in shared words over that of both texts, from 0 to 1 (Dice's coefficient, weighted).

    Args:
        said: the answer.
        human: the human listener's reply.
        heard: all that the speaker says.
        rarity: of `rarity_among`.

    Returns:
        None where the answer is empty, or the reply holds too little to be told from others.
    """
    known = set(plain_words(heard))
    mine, theirs = (Counter(w for w in plain_words(text) if w not in known) for text in (said, human))
    expected = _information(theirs, rarity)
    if not plain_words(said) or expected < LEAST_INFORMATION:
        return None
    return 2 * _information(mine & theirs, rarity) / (_information(mine, rarity) + expected)


def _information(words: Counter[str], rarity: Rarity) -> float:
    return sum(rarity(word) * count for word, count in words.items())
