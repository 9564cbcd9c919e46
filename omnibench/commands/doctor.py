"""``omnibench doctor``: is this installation whole?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="runs",
    show_default=True,
    help="Folder that runs will be in.",
)
def doctor(out: Path) -> None:
    """Say what is installed, what is missing, and the line that gets it; and what this machine lacks, what follows from
    that and what to do. Exit 3 where the core is not whole.
    """
    import platform

    from omnibench.assets.finding import ASSETS, assets_folder, group, how_to_get, locate
    from omnibench.errors import MissingError
    from omnibench.registry import Registry
    from omnibench.system.environment import FEATURES, core_packages, missing_modules
    from omnibench.version import __version__

    checks: Registry[Callable[[], list[str]]] = Registry("omnibench.checks", kind="check", listing="omnibench doctor")
    click.echo(f"omnibench {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    click.echo("Core:")
    packages = core_packages()
    wide = max(len(package.name) for package in packages)
    for package in packages:
        state = "ok" if package.fits else (f"needs {package.demanded}" if package.installed else "missing")
        click.echo(f"  {package.name:<{wide}} {package.installed or '-':<14} {state}")
    click.echo("Extras:")
    for feature in FEATURES:
        absent = missing_modules(feature.modules)
        state = f"missing {', '.join(absent)}: {feature.install}" if absent else "ok"
        click.echo(f"  {feature.name:<16} {feature.purpose:<43} {state}")
    click.echo(f"Networks ({assets_folder()}):")
    for name in dict.fromkeys(asset.group for asset in ASSETS.values()):
        gone = [asset for asset in group(name) if locate(asset) is None]
        state = f"missing: {how_to_get(gone[0])}" if gone else "ok"
        click.echo(f"  {name:<16} {group(name)[0].purpose:<48} {state}")
    for check in checks.names():
        click.echo(f"{check}:")
        for line in checks.get(check)():
            click.echo(f"  {line}")
    click.echo("Machine:")
    for line in _machine(out) or ["ok"]:
        click.echo(f"  {line}")
    unfit = [f'"{p.name}{p.demanded}"' for p in packages if not p.fits]
    if unfit:
        raise MissingError(f"The core is not whole. Run: pip install {' '.join(unfit)}")


def _machine(out: Path) -> list[str]:
    """What the places that omnibench writes to and the process itself lack, a line each."""
    from omnibench.assets.finding import FOLDER_VARIABLE, assets_folder
    from omnibench.files.probing import lacks, scarce, unwritable
    from omnibench.system.machine import machine_findings
    from omnibench.system.places import CACHE_VARIABLE, cache_folder, compiled_folders, temporary_folder

    found = []
    places = (
        (out, "No run can be kept there: choose another --out."),
        (
            cache_folder("features"),
            f"What networks make is made again each time: set {CACHE_VARIABLE} to another.",
        ),
        (assets_folder(), f"Networks cannot be fetched: set {FOLDER_VARIABLE} to another folder."),
    )
    for folder, follows in places:
        fault = unwritable(folder)
        if fault:
            found.append(f"{folder}: not writable ({fault}). {follows}")
        else:
            found += scarce(folder)
            found += lacks(folder) if folder == out else []
    temporary = temporary_folder()
    if temporary is None:
        found.append("no folder for temporary files. Reports, audits and archives cannot be made: set TMPDIR to one.")
    else:
        found += scarce(temporary)
    if all(unwritable(folder) for folder in compiled_folders()):
        found.append(
            "no folder for compiled code. Each start takes a minute longer: set NUMBA_CACHE_DIR to a writable one."
        )
    return [*dict.fromkeys(found), *machine_findings()]
