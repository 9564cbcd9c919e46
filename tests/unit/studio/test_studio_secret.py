"""A secret decides who speaks, how and under which name; what is given out of a build does not tell it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset
from omnibench.errors import UsageError
from omnibench.studio.people import cast
from omnibench.studio.recipe import MINI
from omnibench.studio.script import Line, Script
from omnibench.studio.secret import Secret

PHRASE = "correct horse battery staple"
SCRIPTS = [
    Script(f"slug-{number}", "talk", "neutral", "test", (Line("speaker", "neutral", "Hello."),)) for number in range(24)
]


def test_equal_secrets_draw_alike_and_others_do_not() -> None:
    one, same, other = (Secret.of(text) for text in (PHRASE, f"{PHRASE}\n", PHRASE.upper()))
    assert one == same
    assert (one.tag, one.salt) != (other.tag, other.salt)
    drawn = [[secret.applied(script) for script in SCRIPTS] for secret in (one, other)]
    assert len({script.slug for scripts in drawn for script in scripts}) == 48
    assert [cast(script) for script in drawn[0]] != [cast(script) for script in drawn[1]]
    assert [cast(script) for script in drawn[0]] != [cast(script) for script in SCRIPTS]


def test_a_key_is_not_shown_and_a_short_secret_refused() -> None:
    assert "key" not in repr(Secret.of(PHRASE))
    with pytest.raises(UsageError, match="9 characters; expected at least 16"):
        Secret.of(" guessable ")


def _build(*words: str) -> int:
    return main(["data", "build", "mini", *words])


@pytest.mark.needs("studio")
def test_who_asks_wrongly_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = str(tmp_path / "out")
    said = {
        "Name a secret with --seed-file": ["--inputs-only"],
        "expected at least 16": ["--seed", "short"],
        "no such": ["--seed-file", str(tmp_path / "none")],
    }
    codes = {}
    for words, options in said.items():
        codes[words] = _build("--out", out, *options)
        assert words.lower() in capsys.readouterr().err.lower()
    assert list(codes.values()) == [2, 2, 4]
    monkeypatch.setenv("OMNIBENCH_SEED", PHRASE)
    (tmp_path / "seed").write_text(PHRASE)
    assert _build("--out", out, "--seed-file", str(tmp_path / "seed")) == 2
    (tmp_path / "out" / "test").mkdir(parents=True)
    assert _build("--out", out, "--inputs-only") == 2
    assert "holds test; choose a new folder" in capsys.readouterr().err
    (tmp_path / "out" / "manifest.json").write_text('{"name": "mini", "splits": {}}')
    assert _build("--out", out) == 2
    assert "holds mini, another data set than" in capsys.readouterr().err


@pytest.mark.needs("studio")
def test_the_inputs_are_those_of_the_whole(tmp_path: Path) -> None:
    from omnibench.studio.build import build, build_inputs

    scripts = tmp_path / "scripts"
    (scripts / "test").mkdir(parents=True)
    text = "== told-{0} | talk | happy\nS +0.3: Good {0}.\nL +0.3: Thanks.\n"
    (scripts / "test" / "talk.txt").write_text("".join(text.format(word) for word in ("morning", "evening")))
    secret, whole, inputs = Secret.of(PHRASE), tmp_path / "whole", tmp_path / "given" / "inputs"
    recipe = replace(MINI, scripts=scripts)
    assert build(recipe, whole, ("test",), 1, video=False, secret=secret, limit=1) == {"test": 1}
    assert build_inputs(recipe, inputs, secret, ("test",), 1, video=False) == {"test": 1}
    first, second = (open_dataset(str(folder)) for folder in (whole, inputs))
    assert second.manifest_hash("test") == first.known_hashes("test")[1]
    assert first.ids("test") == second.ids("test")
    (tmp_path / "seed").write_text(f"{PHRASE}\n")
    again = tmp_path / "again"
    given = ["--seed-file", str(tmp_path / "seed"), "--inputs-only", "--whole"]
    assert _build("--out", str(again), *given, str(whole)) == 0
    assert open_dataset(str(again)).manifest_hash("test") == second.manifest_hash("test")
    assert _build("--out", str(tmp_path / "third"), *given, str(inputs)) == 4
    assert [path.name for path in inputs.parent.iterdir()] == ["inputs"], "the listeners were made beside, and are gone"
    everything = b"".join(path.read_bytes() for path in inputs.rglob("*") if path.is_file())
    for told in (PHRASE, secret.key.hex(), secret.salt, "told-morning", "told-evening", "Thank"):
        assert told.encode() not in everything
    manifest = json.loads((inputs / "manifest.json").read_text())
    assert manifest["name"] == f"mini-{secret.tag}"
    assert all("slug" not in entry and "mood" not in entry for entry in manifest["splits"]["test"])
    reference = second.voice_reference("test", second.ids("test")[0])
    assert reference is not None
    assert len(reference[0]) > 16000
