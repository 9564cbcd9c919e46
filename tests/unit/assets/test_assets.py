"""Assets: looked up, checked, fetched from a real server on this machine that is at times a bad one."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from asset_server import CONTENT, AssetServer, serving

from omnibench.assets import finding as assets
from omnibench.assets.fetching import Line, adopt, allowed, fetch
from omnibench.assets.finding import Asset, PackageFile, Url, assets_folder, check, find, group
from omnibench.assets.table import TABLE
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.features.torch_files import load_torchscript, load_weights

SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = Line(timeout=0.3, attempts=2, pause=0.01)


@pytest.fixture(scope="module")
def server() -> Iterator[AssetServer]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "assets"))
    monkeypatch.delenv("OMNIBENCH_MIRROR", raising=False)
    return tmp_path / "assets"


def asset(*sources: str, size: int = len(CONTENT), sha256: str = SHA256) -> Asset:
    return Asset("toy", "toy/net.bin", size, sha256, "CC0", "a toy", tuple(Url(source) for source in sources))


def left(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and ".checked" not in p.parts)


def test_the_table_is_whole() -> None:
    assert len(TABLE) >= 4
    assert len({a.name for a in TABLE}) == len(TABLE)
    assert len({a.file for a in TABLE}) == len(TABLE)
    for row in TABLE:
        assert re.fullmatch(r"[0-9a-f]{64}|", row.sha256), row.name
        assert row.licence, row.name
        assert row.sources, row.name
        assert row.size >= 0, row.name
        assert not Path(row.file).is_absolute(), row.name
        assert ".." not in Path(row.file).parts, row.name
        assert all(s.url.startswith("https://") for s in row.sources if isinstance(s, Url)), row.name
        assert all(s.install.startswith("pip install") for s in row.sources if isinstance(s, PackageFile)), row.name


def test_what_omnibench_brings_itself_is_there() -> None:
    own = [a for a in TABLE if any(isinstance(s, PackageFile) and s.distribution == "omnibench" for s in a.sources)]
    assert {"syncnet_mini", "video_mini"} <= {a.name for a in own}
    for row in own:
        assert find(row.name).stat().st_size == row.size


def test_a_good_file_arrives_whole_and_is_not_fetched_twice(server: AssetServer, folder: Path) -> None:
    counted: list[int] = []
    path = fetch(asset(f"{server.address}/good"), counted.append, QUICK)
    assert path.read_bytes() == CONTENT
    assert sum(counted) == len(CONTENT)
    assert left(folder) == ["toy/net.bin"]
    before = len(server.requests)
    assert fetch(asset(f"{server.address}/good"), line=QUICK) == path
    assert len(server.requests) == before


@pytest.mark.parametrize(
    ("place", "error", "words"),
    [
        ("wrong", InputError, ["sha256", SHA256]),
        ("short", InputError, [f"{len(CONTENT) - 1:,} bytes"]),
        ("endless", InputError, ["more than", f"{len(CONTENT):,}"]),
        ("redirect-out", InputError, ["http://example.invalid/good", "https"]),
        ("truncated", MissingError, [f"{len(CONTENT) // 2:,} of {len(CONTENT):,} bytes"]),
        ("hang", MissingError, ["timed out"]),
        ("error", MissingError, ["500"]),
        ("nowhere", MissingError, ["404"]),
    ],
)
def test_a_bad_download_leaves_nothing_and_says_what_to_do(
    server: AssetServer, folder: Path, place: str, error: type[Exception], words: list[str]
) -> None:
    with pytest.raises(error) as caught:
        fetch(asset(f"{server.address}/{place}"), line=QUICK)
    message = str(caught.value)
    assert all(word in message for word in [*words, place, "--from FILE", str(folder / "toy/net.bin")]), message
    assert left(folder) == []


def test_no_server_at_all_is_a_missing_asset(folder: Path) -> None:
    with serving() as gone:
        address = gone.address
    with pytest.raises(MissingError, match="no connection"):
        fetch(asset(f"{address}/good"), line=QUICK)
    assert left(folder) == []


def test_a_broken_connection_is_taken_up_where_it_broke(server: AssetServer) -> None:
    server.breaks = 2
    counted: list[int] = []
    path = fetch(asset(f"{server.address}/breaking"), counted.append, replace(QUICK, attempts=4))
    assert path.read_bytes() == CONTENT
    assert [r for p, r in server.requests if p == "/breaking"] == ["", "bytes=300000-", "bytes=600000-"]
    assert sum(counted) == len(CONTENT)
    assert min(counted) > 0


def test_a_server_without_ranges_makes_it_start_over(server: AssetServer) -> None:
    server.breaks = 1
    counted: list[int] = []
    assert fetch(asset(f"{server.address}/restarting"), counted.append, QUICK).read_bytes() == CONTENT
    assert sum(counted) == len(CONTENT)
    assert -300_000 in counted


def test_the_next_server_is_asked_when_one_fails(server: AssetServer) -> None:
    several = asset(f"{server.address}/nowhere", f"{server.address}/wrong", f"{server.address}/redirect")
    assert fetch(several, line=QUICK).read_bytes() == CONTENT


def test_a_mirror_is_asked_instead_of_the_publisher(server: AssetServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNIBENCH_MIRROR", server.address + "/")
    mirrored = replace(asset("https://publisher.invalid/net.bin"), file="good.bin")
    assert fetch(mirrored, line=QUICK).read_bytes() == CONTENT
    assert server.requests[-1][0] == "/good.bin"


@pytest.mark.parametrize("address", ["http://example.org/a", "file:///etc/passwd", "ftp://example.org/a", "https://"])
def test_only_https_and_this_machine_are_asked(address: str, folder: Path) -> None:
    assert not allowed(address)
    with pytest.raises(InputError, match="only https"):
        fetch(asset(address), line=QUICK)
    assert left(folder) == []


def test_addresses_of_this_machine_may_be_plain() -> None:
    assert all(map(allowed, ["http://localhost:1/a", "http://127.9.0.1/a", "http://[::1]:8/a", "https://example.org"]))
    assert not allowed("http://127.0.0.1.example.org/a")


def test_a_file_of_unstated_hash_is_held_from_the_first_fetch_on(server: AssetServer) -> None:
    unpinned = asset(f"{server.address}/good", size=0, sha256="")
    path = fetch(unpinned, line=QUICK)
    assert check(unpinned, path) == SHA256
    path.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(InputError, match=SHA256):
        check(unpinned, path)


def test_the_hash_that_a_hub_states_is_held_where_the_table_has_none(server: AssetServer, folder: Path) -> None:
    with pytest.raises(InputError, match=r"0{64}"):
        fetch(asset(f"{server.address}/hub", size=0, sha256=""), line=QUICK)
    assert left(folder) == []


def test_a_disk_too_small_is_told_before_the_download(server: AssetServer, folder: Path) -> None:
    before = len(server.requests)
    with pytest.raises(InputError, match="OMNIBENCH_ASSETS") as caught:
        fetch(asset(f"{server.address}/good", size=1 << 60), line=QUICK)
    assert f"{1 << 60:,} are needed" in str(caught.value)
    assert len(server.requests) == before
    assert left(folder) == []


def test_a_folder_that_cannot_be_written_is_told(
    server: AssetServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "file" / "assets"))
    with pytest.raises(InputError, match=r"cannot be written .*OMNIBENCH_ASSETS"):
        fetch(asset(f"{server.address}/good"), line=QUICK)


def test_what_a_killed_attempt_left_is_removed_by_the_next(server: AssetServer, folder: Path) -> None:
    (folder / "toy").mkdir(parents=True)
    (folder / "toy" / ".net.bin.dead.tmp").write_bytes(CONTENT[:100])
    fetch(asset(f"{server.address}/good"), line=QUICK)
    assert left(folder) == ["toy/net.bin"]


def test_a_file_carried_over_by_hand_is_checked_and_copied(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "right").write_bytes(CONTENT)
    (tmp_path / "half").write_bytes(CONTENT[: len(CONTENT) // 2])
    with pytest.raises(InputError, match=f"expected {SHA256}"):
        adopt(asset("https://publisher.invalid/net.bin"), tmp_path / "half")
    with pytest.raises(InputError, match="no such file"):
        adopt(asset("https://publisher.invalid/net.bin"), tmp_path / "none")
    assert left(folder) == []
    assert adopt(asset("https://publisher.invalid/net.bin"), tmp_path / "right").read_bytes() == CONTENT


def test_finding_checks_once_and_again_when_the_file_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = asset("https://publisher.invalid/net.bin")
    monkeypatch.setattr(assets, "ASSETS", {"toy": toy})
    with pytest.raises(MissingError, match="omnibench assets fetch toy"):
        find("toy")
    (folder / "toy").mkdir(parents=True)
    (folder / "toy/net.bin").write_bytes(CONTENT)
    assert find("toy") == folder / "toy/net.bin"
    stamp = next((folder / ".checked").iterdir()).stat().st_mtime_ns
    assert find("toy") == folder / "toy/net.bin"
    assert next((folder / ".checked").iterdir()).stat().st_mtime_ns == stamp
    (folder / "toy/net.bin").write_bytes(bytes(len(CONTENT)))
    os.utime(folder / "toy/net.bin", ns=(1, 1))
    with pytest.raises(InputError, match="omnibench assets fetch toy"):
        find("toy")


def test_a_file_inside_an_installed_package_is_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "toy_weights"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "net.bin").write_bytes(CONTENT)
    source = PackageFile("toy-weights", "toy_weights", "net.bin", "pip install toy-weights==1")
    monkeypatch.setattr(assets, "ASSETS", {"toy": replace(asset(), sources=(source,))})
    with pytest.raises(MissingError, match="pip install toy-weights==1"):
        find("toy")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find("toy") == package / "net.bin"


def test_a_group_is_all_of_its_files() -> None:
    assert group("s3fd") == (assets.ASSETS["s3fd"],)
    with pytest.raises(UsageError, match='Did you mean "s3fd"'):
        group("s3df")


def test_torchscript_runs_only_with_the_pinned_hash(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "net.pt"
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert load_torchscript(path, digest)(torch.zeros(3, 2)).shape == (3, 1)
    for other in ("0" * 64, ""):
        with pytest.raises(InputError, match="TorchScript is code"):
            load_torchscript(path, other)


def test_weights_are_tensors_and_nothing_that_runs(tmp_path: Path) -> None:
    import torch

    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (os.system, (f"touch {tmp_path / 'ran'}",))

    torch.save({"w": torch.ones(2)}, tmp_path / "good.pth")
    torch.save({"w": Harmful()}, tmp_path / "bad.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "good.pth").read_bytes()[:200])
    assert torch.equal(load_weights(tmp_path / "good.pth")["w"], torch.ones(2))
    for name in ("bad.pth", "cut.pth"):
        with pytest.raises(InputError, match=name):
            load_weights(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_the_folder_is_the_variable_or_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMNIBENCH_ASSETS")
    assert assets_folder() == Path.home() / ".cache/omnibench/assets"


def test_of_every_file_is_stated_what_can_be_known() -> None:
    for known in assets.ASSETS.values():
        assert known.size or known.about > 0, known.name
        assert len(known.sha256) == 64 or known.unknown, known.name
        assert not (known.sha256 and known.unknown), known.name
        assert not known.size or not known.about or abs(known.size - known.about) < 0.01 * known.size, known.name
    unknown = [known.name for known in assets.ASSETS.values() if not known.sha256]
    assert unknown == [f"utmosv2-fold{fold}" for fold in (1, 2, 3, 4)]
