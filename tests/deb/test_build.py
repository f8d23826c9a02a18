"""The Debian package: built, unpacked, installed and purged."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import ringfence
from deb import build as building
from deb.build import LIB, PYTHON, SITE, BuildError, build, needed
from ringfence.flow.install.units import ALL_UNITS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("RINGFENCE_PURE") == "1", reason="once is enough"),
    pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb: no Debian here"),
    pytest.mark.skipif(
        not Path(f"/usr/bin/{PYTHON}").exists(),
        reason=f"the package is for the distribution's {PYTHON}, which is not here",
    ),
]

# The whole life of a package, on a copy of this machine that is thrown away, without a network.
LIFE = """
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cp "$2" "$1/root/ringfence.deb"
mount -t proc proc "$1/root/proc"
mount --bind /dev "$1/root/dev"
exec chroot "$1/root" /bin/sh -e -c "$3"
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("deb"))


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    said("dpkg-deb", "--extract", str(package), str(folder))
    return folder


def said(*command: str, status: int = 0) -> str:
    """Its output; nothing of this environment is found by it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_what_it_says_of_itself(package: Path) -> None:
    told = said("dpkg-deb", "--info", str(package))
    assert f" Version: {ringfence.__version__}\n" in told
    assert f" Depends: {PYTHON}, " in told
    for script in ("postinst", "prerm", "postrm"):
        assert f"*  {script} " in told


def test_what_is_in_it(package: Path) -> None:
    lines = said("dpkg-deb", "--contents", str(package)).splitlines()
    names = {line.split()[5].removeprefix("./") for line in lines}
    wanted = {
        "usr/bin/ringfence", f"{LIB}/pyvenv.cfg", f"{LIB}/bin/python3",
        f"{SITE}/ringfence/cli/main.py", f"{SITE}/ringfence/flow/install/systemd/shelter",
        f"{SITE}/numpy/__init__.py", f"{SITE}/apprise/__init__.py",
        "usr/share/doc/ringfence/install.md", "usr/share/doc/ringfence/copyright",
        *(f"usr/lib/systemd/system/{name}" for name in ALL_UNITS),
    }  # fmt: skip
    assert wanted - names == set()
    assert not [name for name in names if name.startswith((f"{SITE}/pytest", f"{SITE}/mypy"))]


def test_root_owns_all_of_it_and_nobody_else_may_write(package: Path) -> None:
    lines = said("dpkg-deb", "--contents", str(package)).splitlines()
    assert {line.split()[1] for line in lines} == {"root/root"}
    assert [line for line in lines if line[0] != "l" and "w" in line[4:10]] == []


def test_kernels_are_in_it_where_they_were_compiled(unpacked: Path) -> None:
    lib = unpacked / LIB
    told = said(str(lib / "bin/python3"), "-I", "-c", "import ringfence as r; print(r.compiled())")
    assert told == f"{ringfence.compiled()}\n"


def test_it_runs_where_it_was_unpacked(unpacked: Path, root: Path, tmp_path: Path) -> None:
    program = str(unpacked / "usr/bin/ringfence")
    assert said(program, "--version") == f"ringfence {ringfence.__version__}\n"
    told = said(
        program, "investigate", str(root / "examples/attack.pcap"), "--out",
        str(tmp_path / "case"), "--store", str(tmp_path / "cases.db"), status=1,
    )  # fmt: skip
    assert "THEY GOT IN" in told


def test_processes_that_it_starts_are_of_the_package(unpacked: Path) -> None:
    """The guard starts the firewall's part, and investigations, by its interpreter's name."""
    python = str(unpacked / LIB / "bin/python3")
    where = "import sys, ringfence; print(sys.executable, ringfence.__file__)"
    executable, module = said(python, "-P", "-c", where).split()
    assert executable == python
    assert module == str(unpacked / SITE / "ringfence/__init__.py")


def test_nothing_is_written_where_it_lies(unpacked: Path) -> None:
    """What is compiled is in it already: the guard may not write there, and root need not."""
    before = set(unpacked.rglob("*"))
    said(str(unpacked / "usr/bin/ringfence"), "settings", "--help")
    assert set(unpacked.rglob("*")) == before


def test_modules_of_the_distribution_are_not_mixed_in(unpacked: Path) -> None:
    python = str(unpacked / LIB / "bin/python3")
    paths = said(python, "-I", "-c", "import sys; print(*sys.path, sep='\\n')").split()
    assert [path for path in paths if "dist-packages" in path] == []


def test_units_start_what_the_package_brings(unpacked: Path) -> None:
    for name in ALL_UNITS:
        text = (unpacked / "usr/lib/systemd/system" / name).read_text()
        starts = [line for line in text.splitlines() if line.startswith("ExecStart=")]
        expected = 0 if name.endswith(".timer") else 1
        assert len([one for one in starts if "=/usr/bin/ringfence " in one]) == expected


def test_all_that_is_needed_is_pinned(root: Path) -> None:
    pinned = (root / "requirements/dev.txt").read_text().lower()
    names = [one.name.lower().replace("_", "-") for one in needed()]
    assert [name for name in names if f"{name}==" not in pinned] == []


def test_environment_without_a_package_that_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "EXTRAS", ())
    project = (
        '[project]\ndependencies = ["no-such-package-here>=1"]\n[project.optional-dependencies]\n'
    )
    monkeypatch.setattr(Path, "read_text", lambda *_: project)
    with pytest.raises(BuildError, match="no-such-package-here is not installed here"):
        needed()


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to install")
def test_installed_upgraded_removed_and_purged(package: Path, tmp_path: Path) -> None:
    life = """
dpkg --install /ringfence.deb
stat -c '%n %U:%G %a' /etc/ringfence/settings.toml /var/lib/ringfence/cases.db
echo 'clock = "NTP"' > /etc/ringfence/settings.toml
setpriv --reuid ringfence --regid ringfence --clear-groups \\
    ringfence case list --store /var/lib/ringfence/cases.db
dpkg --install /ringfence.deb
cat /etc/ringfence/settings.toml
dpkg --remove ringfence
ls /usr/lib/ringfence 2>&1 || true
ls /etc/ringfence/settings.toml /var/lib/ringfence/cases.db
dpkg --purge ringfence
ls -d /etc/ringfence /var/lib/ringfence 2>&1 || true
id ringfence 2>&1 || echo purged
"""
    done = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", LIFE, "life", str(tmp_path), str(package),
         life],
        capture_output=True, text=True, check=False, timeout=300,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"no throw-away copy of this machine: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout
    assert "/etc/ringfence/settings.toml root:ringfence 640\n" in told
    assert "/var/lib/ringfence/cases.db ringfence:ringfence 600\n" in told
    assert "no cases;" in told
    assert told.count('clock = "NTP"\n') == 1, "an upgrade leaves settings as they are"
    assert "firewall: our tables are gone" in told
    assert "cannot access '/usr/lib/ringfence'" in told
    assert "\n/etc/ringfence/settings.toml\n/var/lib/ringfence/cases.db\n" in told
    assert "cannot access '/etc/ringfence'" in told
    assert told.endswith("purged\n")
