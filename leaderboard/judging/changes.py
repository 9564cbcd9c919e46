"""What a branch changes, as git has it: file by file with their modes, and the files as they were before.

Told from the commits themselves, from what is staged, from the files that lie there, and from files that git does not
track yet. Nothing of the branch says how to look: no attributes or ignored submodules of its own, no replaced objects.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from omnibench.errors import InputError, UsageError

ABSENT: Final = "000000"
PLAIN: Final = "100644"
_KINDS: Final = {
    ABSENT: "not there",
    PLAIN: "a file",
    "100755": "an executable file",
    "120000": "a symbolic link",
    "160000": "another repository (a submodule)",
}
_DIFF: Final = (
    "--raw",
    "-r",
    "-z",
    "--no-renames",
    "--no-relative",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One file: ``path`` in the repository, ``inside`` the leaderboard's folder (``""`` elsewhere), git's modes."""

    path: str
    inside: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """What lies there now, in words."""
        return _KINDS.get(self.after, f"something of mode {self.after}")


class Changes:
    """What changed below a repository since a revision that the present branch comes from.

    Args:
        root: the leaderboard's folder, anywhere in the repository.
        since: the revision.

    Raises:
        UsageError: no such revision, or one that the branch does not come from; the message says how to go on.
        InputError: git is not there, or this is no repository of its.
    """

    def __init__(self, root: Path, since: str) -> None:
        git = shutil.which("git")
        if git is None:
            raise InputError("git is not installed, which --since asks what changed.")
        self._root, self._command = root, [git, "--no-replace-objects", "-c", "core.fsmonitor=false", "-C", str(root)]
        self._prefix = os.fsdecode(self._need("rev-parse", "--show-prefix").rstrip(b"\n"))
        self._base = self._revision(since)
        self.files = tuple(self._all())

    def before(self, path: str) -> bytes | None:
        """A file as the revision has it, by its path from the leaderboard's folder; None where it had none."""
        done = self._git("cat-file", "blob", f"{self._base}:{self._prefix}{path}")
        return done.stdout if done.returncode == 0 else None

    def folders_before(self, path: str) -> frozenset[str]:
        """Names of what lay directly in a folder."""
        below = f"{self._prefix}{path}/"
        listed = self._need("ls-tree", "--full-tree", "-z", "--name-only", self._base, "--", below)
        return frozenset(os.fsdecode(name).removeprefix(below) for name in listed.split(b"\0") if name)

    def _revision(self, since: str) -> str:
        if since.startswith("-") or not since.strip():
            raise UsageError(f'--since "{since}": expected a git revision like origin/main.')
        forms = [f"refs/{place}{since}" for place in ("", "tags/", "heads/", "remotes/")]
        found = [ref for ref in forms if self._git("show-ref", "--verify", "--quiet", ref).returncode == 0]
        if len(found) > 1:
            raise UsageError(f"--since {since}: could be {' or '.join(found)}. Give the whole name, or the commit.")
        done = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{since}^{{commit}}")
        if done.returncode != 0:
            raise UsageError(
                f"--since {since}: no revision of the repository that holds {self._root}. "
                f"{self._deepen() or 'Fetch it first: git fetch origin'}"
            )
        base = done.stdout.decode().strip()
        if self._git("merge-base", "--is-ancestor", base, "HEAD").returncode != 0:
            raise UsageError(
                f"--since {since}: this branch does not come from it, so that nobody can say what the branch changes. "
                f"{self._deepen() or f'Bring the branch up to date first: git merge {since}'}"
            )
        return base

    def _deepen(self) -> str:
        shallow = self._git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        return "The clone is a shallow one: git fetch --unshallow" if shallow else ""

    def _all(self) -> list[Change]:
        looks: Sequence[Sequence[str]] = ((self._base, "HEAD"), ("--cached", "HEAD"), ("HEAD",))
        found: dict[str, Change] = {}
        for look in looks:
            for change in self._diff(look):
                first = found.get(change.path)
                # What is committed as a link stays one, whatever lies in its place.
                odd = first is not None and first.after not in (PLAIN, ABSENT)
                after = first.after if first is not None and odd else change.after
                found[change.path] = replace(change, before=first.before, after=after) if first else change
        top = os.fsdecode(self._need("rev-parse", "--show-toplevel").rstrip(b"\n"))
        listed = self._need("-C", top, "ls-files", "-z", "--others", "--exclude-standard")
        # Among the entries, what git is told to ignore lies there all the same.
        listed += self._need("-C", top, "ls-files", "-z", "--others", "--", f"{self._prefix}submissions")
        for name in listed.split(b"\0"):
            if name:
                change = self._change(name, ABSENT, self._mode(Path(top, os.fsdecode(name))))
                found.setdefault(change.path, change)
        return sorted(found.values(), key=lambda change: change.path)

    def _diff(self, look: Sequence[str]) -> list[Change]:
        fields = self._need("diff", *_DIFF, *look).split(b"\0")
        modes = [[mode.decode() for mode in line.lstrip(b":").split(b" ")[:2]] for line in fields[0::2]]
        return [self._change(name, *both) for name, both in zip(fields[1::2], modes, strict=False)]

    def _change(self, name: bytes, before: str, after: str) -> Change:
        path = os.fsdecode(name)
        return Change(path, path.removeprefix(self._prefix) if path.startswith(self._prefix) else "", before, after)

    @staticmethod
    def _mode(path: Path) -> str:
        if path.is_symlink():
            return "120000"
        if path.is_dir():
            return "160000"
        return "100755" if os.access(path, os.X_OK) else PLAIN

    def _need(self, *arguments: str) -> bytes:
        done = self._git(*arguments)
        if done.returncode != 0:
            said = " ".join(os.fsdecode(done.stderr).split())
            raise InputError(f"{self._root}: --since needs a git repository ({said}).")
        return done.stdout

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        # Which repository it is, is where the folder lies, and nothing that a hook has set.
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k.startswith("GIT_CONFIG")}
        environment = {**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
        command = [*self._command, *arguments]
        return subprocess.run(command, capture_output=True, check=False, env=environment)  # noqa: S603
