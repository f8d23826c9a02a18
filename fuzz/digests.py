"""What every harness makes of its corpus and of some mutations, as one digest an input.

Run with and without RINGFENCE_PURE=1, the two outputs must be the same: compiled
kernels and their interpreted twins decode alike, whatever they are given.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
from collections.abc import Iterator

from fuzz.corpus import read_corpus
from fuzz.harness import NAMES, Harness, load
from fuzz.mutate import mutations

# The sizes of tables that twins share do not depend on the kernels; these harnesses do.
WITH_KERNELS = ("pcap", "pcapng", "resync", "ring", "packet", "sip", "parts", "message", "tally")


def digests(harness: Harness, seed: int, count: int) -> Iterator[tuple[bytes, str]]:
    """Each input of the corpus, then `count` mutations of it, with the digest of its outcome."""
    inputs = read_corpus(harness)
    more = itertools.islice(mutations(inputs, harness.tokens, seed), count)
    for octets in itertools.chain(inputs, more):
        yield octets, _digest(harness, octets)


def _digest(harness: Harness, octets: bytes) -> str:
    try:
        outcome = repr(harness.check(octets))
    except Exception as error:  # noqa: BLE001  the twin must let the same through
        outcome = f"{type(error).__name__}: {error}"
    return hashlib.sha256(outcome.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def main() -> None:
    """Print a line an input: harness, its octets in hexadecimal, the digest."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.digests", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="DECODER", help=", ".join(NAMES))
    parser.add_argument("--mutations", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for name in given.names or WITH_KERNELS:
        for octets, digest in digests(load(name), given.seed, given.mutations):
            print(name, octets.hex() or "-", digest)


if __name__ == "__main__":
    main()
