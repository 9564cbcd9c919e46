"""What a model's entry may say is a class: a typo is told, and nothing that is optional has to be there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from omnibench.cli import main
from omnibench.errors import InputError, UsageError
from omnibench.responder import MODELS, ModelCard, ModelEntry, ModelOptions, Responder

CARD = ModelCard("mine", "1", "online", ("face",), "for tests")


class Plain(ModelEntry):
    card = CARD

    def build(self, options: ModelOptions) -> Responder:
        raise AssertionError("not asked for here")


def registered(monkeypatch: pytest.MonkeyPatch, found: object) -> None:
    entry = SimpleNamespace(module="here", dist=None, load=lambda: found)
    monkeypatch.setitem(MODELS.__dict__, "_entries", {**MODELS.__dict__.get("_entries", {}), "mine": entry})


def test_card_and_build_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    registered(monkeypatch, Plain())
    entry, options = MODELS.get("mine"), ModelOptions()
    assert entry.missing(options) == ""
    assert entry.fingerprint(options) is None
    assert not entry.reads(options)
    with pytest.raises(UsageError, match="mine cannot be trained"):
        entry.train(None)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("missng", "missing"), ("default_checkpont", "default_checkpoint"), ("weights_folder", "it knows")],
)
def test_a_name_that_no_entry_has_is_refused_where_it_is_written(name: str, meant: str) -> None:
    with pytest.raises(InputError, match=f'"{name}" is no part of a ModelEntry.*{meant}'):
        type("Mine", (Plain,), {name: Path("x")})
    with pytest.raises(InputError, match=f'"{name}" is no part of a ModelEntry'):
        type("Mine", (Plain,), {"__annotations__": {name: "Path"}})
    type("Mine", (Plain,), {f"_{name}": Path("x")})  # an entry's own business


def test_a_name_that_an_object_got_later_is_refused_where_it_is_registered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = Plain()
    entry.takes_base_ulr = True  # type: ignore[attr-defined]
    registered(monkeypatch, entry)
    assert main(["run", "--model", "mine"]) == 4
    assert 'did you mean "takes_base_url"?' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (SimpleNamespace(card=CARD, build=Plain.build), ("SimpleNamespace", "derived from omnibench.ModelEntry")),
        (Plain, ("registered as a ABCMeta", "an instance")),
        (type("Cardless", (Plain,), {"card": None})(), ("has no card", "card = ModelCard(...)")),
    ],
)
def test_what_is_no_entry_is_refused_in_one_sentence(
    found: object, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registered(monkeypatch, found)
    assert main(["run", "--model", "mine"]) == 4
    said = capsys.readouterr().err
    assert all(word in said for word in words), said
    assert main(["models"]) == 0  # and the others are listed
    assert "mine  broken" in capsys.readouterr().out


def test_all_of_ours_are_entries() -> None:
    for name in MODELS.names():
        assert isinstance(MODELS.get(name), ModelEntry), name


@pytest.mark.parametrize(
    ("outputs", "lookahead"),
    [(("audio",), -0.1), (("audio",), 11.0), (("audio",), float("nan")), (("audio",), True), (("face",), 0.1)],
)
def test_a_look_ahead_is_seconds_of_a_model_that_has_sound(outputs: tuple, lookahead: float) -> None:
    with pytest.raises(InputError, match=r"lookahead is .*; expected (seconds, 0 to 10|0, of a model that)"):
        ModelCard("m", "1", "online", outputs, "", lookahead=lookahead)
