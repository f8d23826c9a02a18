"""Builds ringfence_VERSION_ARCH.deb of this tree and of the environment that `make` made.

usage: python -m deb.build [FOLDER]

How it works: below /usr/lib/ringfence lies what a virtual environment has, and no more: a link
to the distribution's interpreter, pyvenv.cfg, which keeps the distribution's own modules out,
our package with its kernels, and the packages that it needs, as `make install` installed them
(pinned and hashed in requirements/dev.txt); so nothing is fetched. What is compiled fits one
version of Python, which the package depends on. Packages are found by what each says that it
needs, from pyproject.toml on.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ringfence import __version__, compiled
from ringfence.flow.install.units import ALL_UNITS, unit

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
# What the guard has use for; the others are large, and only for who wants them.
EXTRAS = ("alerts", "geo", "timestamp")
LIB = "usr/lib/ringfence"
SITE = f"{LIB}/lib/{PYTHON}/site-packages"
_PROGRAM = "/usr/bin/ringfence"
_SCRIPTS = ("postinst", "prerm", "postrm")
# Of no use to who runs it.
_LEFT = ("__pycache__", "tests", "*.pyi", "*.c", "*.h", "*.a", "*.pxd", "*.html")
_CONTROL = """\
Package: ringfence
Version: {version}
Architecture: {arch}
Maintainer: Ringfence <ringfence@localhost>
Installed-Size: {size}
Depends: {python}, libc6 (>= 2.28), libgcc-s1, libstdc++6, passwd
Recommends: nftables (>= 1.0), systemd
Section: net
Priority: optional
Description: guards a phone system against attacks over SIP
 From the first packet of an attack to a block that is proven, evidence that holds,
 and letters to those who can stop it. It watches; `ringfence install --enforce` has
 it block.
"""


class BuildError(Exception):
    """Why there is no package, and what to do."""


def build(folder: Path) -> Path:
    """The package, made in this folder. Raises BuildError."""
    if shutil.which("dpkg-deb") is None:
        raise BuildError("dpkg-deb is missing: apt install dpkg")
    folder.mkdir(parents=True, exist_ok=True)
    arch = _said("dpkg", "--print-architecture")
    made = folder / f"ringfence_{__version__}_{arch}.deb"
    with tempfile.TemporaryDirectory() as place:
        stage = Path(place) / "ringfence"
        _fill(stage)
        _modes(stage)
        size = sum(path.lstat().st_size for path in stage.rglob("*")) // 1024
        control = _CONTROL.format(version=__version__, arch=arch, size=size, python=PYTHON)
        _scripts(stage / "DEBIAN", control)
        _run("dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(stage), str(made))
    return made


def needed() -> list[Distribution]:
    """All packages that ours needs, as they are installed here. Raises BuildError."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    found: dict[str, Distribution] = {}
    _add(
        [*project["dependencies"], *(one for extra in EXTRAS for one in optional[extra])], (), found
    )
    return [found[name] for name in sorted(found)]


def _add(wanted: list[str], extras: tuple[str, ...], found: dict[str, Distribution]) -> None:
    for text in wanted:
        one = Requirement(text)
        holds = one.marker is None or any(
            one.marker.evaluate({"extra": extra}) for extra in (*extras, "")
        )
        name = canonicalize_name(one.name)
        if not holds or name in found:
            continue
        try:
            found[name] = distribution(one.name)
        except PackageNotFoundError:
            raise BuildError(f"{one.name} is not installed here: make install") from None
        _add(found[name].requires or [], tuple(one.extras), found)


# ---- what is in it -------------------------------------------------------------


def _fill(stage: Path) -> None:
    site = stage / SITE
    site.mkdir(parents=True)
    for one in needed():
        _copy(one, site)
    shutil.copytree(
        ROOT / "src/ringfence", site / "ringfence", ignore=shutil.ignore_patterns(*_LEFT)
    )
    _interpreter(stage / LIB)
    _write(stage / "usr/bin/ringfence", (HERE / "launcher").read_text(), 0o755)
    for name in ALL_UNITS:
        _write(stage / "usr/lib/systemd/system" / name, unit(name, _PROGRAM), 0o644)
    doc = stage / "usr/share/doc/ringfence"
    shutil.copytree(ROOT / "docs", doc, ignore=shutil.ignore_patterns("pictures"))
    shutil.copy(ROOT / "LICENSE", doc / "copyright")
    shutil.copy(ROOT / "CHANGELOG.md", doc)
    # By their contents: a package's times are not to be trusted, and nobody may write here.
    compileall.compile_dir(
        site, quiet=2, stripdir=str(stage), prependdir="/",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )  # fmt: skip


def _copy(one: Distribution, site: Path) -> None:
    """Its files, but for scripts and what only developers need."""
    for file in one.files or ():
        if ".." in file.parts or any(
            Path(part).match(left) for part in file.parts for left in _LEFT
        ):
            continue
        source, target = Path(str(file.locate())), site / file
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def _interpreter(lib: Path) -> None:
    (lib / "bin").mkdir()
    (lib / "bin/python3").symlink_to(f"/usr/bin/{PYTHON}")
    _write(lib / "bin/ringfence", (HERE / "entry").read_text(), 0o644)
    _write(lib / "pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n", 0o644)


def _scripts(folder: Path, control: str) -> None:
    _write(folder / "control", control, 0o644)
    for name in _SCRIPTS:
        _write(folder / name, (HERE / name).read_text(), 0o755)


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def _modes(stage: Path) -> None:
    """Whatever the umask was: folders for all, files for all to read."""
    for path in _files(stage):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def _files(stage: Path) -> Iterator[Path]:
    yield stage
    yield from stage.rglob("*")


# ---- run -----------------------------------------------------------------------


def _said(*command: str) -> str:
    return _run(*command).strip()


def _run(*command: str) -> str:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": _epoch()}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment
    )  # fmt: skip
    if done.returncode:
        raise BuildError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def _epoch() -> str:
    """When this was committed: the same tree makes the same package."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    done = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "0"


def main() -> None:
    """Build it, and say where it is."""
    if not compiled():
        print("the kernels are not compiled here: the package runs interpreted, and slower")
    try:
        made = build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")
    except BuildError as error:
        sys.exit(f"deb: {error}")
    print(f"{made}: {made.stat().st_size / (1 << 20):.0f} MiB; sudo apt install {made}")


if __name__ == "__main__":
    main()
