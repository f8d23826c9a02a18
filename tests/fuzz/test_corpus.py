"""Every harness over its committed corpus, over some mutations, and in both twins."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ringfence
from fuzz import corpus
from fuzz.digests import WITH_KERNELS
from fuzz.harness import NAMES, Bounds, load
from fuzz.mutate import mutations

# Mutations that each test run tries, the same ones each time: about ten seconds for all.
MUTATIONS = {"packed": 500, "pcap": 3000, "pcapng": 3000, "ring": 2000, "tally": 1500}
OTHERWISE = 6000
# Mutations that both twins are given, after the corpus.
FOR_TWINS = 25


@pytest.mark.parametrize("name", NAMES)
def test_invariant_holds_for_the_corpus(name: str) -> None:
    harness = load(name)
    for octets in corpus.read_corpus(harness):
        harness.check(octets)


@pytest.mark.parametrize("name", NAMES)
def test_invariant_holds_for_mutations(name: str) -> None:
    harness = load(name)
    inputs = corpus.read_corpus(harness)
    count = MUTATIONS.get(name, OTHERWISE) // (1 if ringfence.compiled() else 6)
    tried = itertools.islice(mutations(inputs, harness.tokens, seed=4475), count)
    for number, octets in enumerate(tried):
        (harness.check if number % harness.share == 0 else harness.quick)(octets)


def test_compiled_kernels_decode_like_their_interpreted_twins(root: Path) -> None:
    if not ringfence.compiled():
        pytest.skip("no compiled kernels to compare with, or interpreted on purpose")
    compiled, interpreted = (_digests(root, pure) for pure in ("", "1"))
    assert compiled
    assert [one for one, other in zip(compiled, interpreted, strict=True) if one != other] == []


def test_every_harness_states_its_invariant_and_has_a_corpus(root: Path) -> None:
    harnesses = {path.stem for path in (root / "fuzz/decoders").glob("*.py")} - {"__init__"}
    assert harnesses == set(NAMES)
    for name in NAMES:
        text = (root / f"fuzz/decoders/{name}.py").read_text()
        assert "Invariant: " in text.split('"""')[1], f"{name} states no invariant"
        assert any((corpus.ROOT / name).iterdir()), f"{name} has no corpus"


def test_harnesses_leave_the_bounds_of_the_program_alone() -> None:
    for name in NAMES:
        load(name)
    modules = [sys.modules[f"fuzz.decoders.{name}"] for name in NAMES]
    bounds: list[Bounds] = [getattr(module, "BOUNDS", {}) for module in modules]
    places = {(module, name) for one in bounds for module in one for name in one[module]}
    before = {(module, name): getattr(module, name) for module, name in places}
    assert len(before) >= 10
    for name in NAMES:
        load(name).check(corpus.read_corpus(load(name))[0])
    assert {place: getattr(*place) for place in places} == before


def test_corpus_is_small() -> None:
    sizes = [path.stat().st_size for path in corpus.ROOT.rglob("*") if path.is_file()]
    assert sum(sizes) <= 2 * 1024 * 1024


def test_same_seed_gives_the_same_mutations() -> None:
    inputs, tokens = [b"OPTIONS sip:a SIP/2.0", b""], [b"\r\n"]
    first, second = (list(itertools.islice(mutations(inputs, tokens, 7), 500)) for _ in range(2))
    assert first == second
    assert len(set(first)) > 250


def _digests(root: Path, pure: str) -> list[str]:
    """Lines of `python -m fuzz.digests` in one mode."""
    run = subprocess.run(
        [sys.executable, "-m", "fuzz.digests", "--mutations", str(FOR_TWINS), *WITH_KERNELS],
        cwd=root, env=os.environ | {"RINGFENCE_PURE": pure}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()
