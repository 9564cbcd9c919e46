"""Whether a checkpoint may be used on data that it was not trained on."""

from __future__ import annotations

from omnibench.errors import InputError
from omnibench.responder import ModelCard


def check_transfer(card: ModelCard, dataset: str, allowed: bool) -> None:
    """Refuse a checkpoint trained on other, smaller data unless the user insists.

    Raises:
        InputError: the card says that it does not transfer, and ``dataset`` is not what it was trained on.
    """
    if card.transfers or allowed or dataset in card.trained_on:
        return
    raise InputError(
        f"{card.name} was trained on {', '.join(card.trained_on) or 'nothing'} only and says little about {dataset}. "
        f"Train it (`omnibench train {card.name} --data …`), or add --allow-transfer; tables will mark the row."
    )
