"""The decoding kernel alone, without detection or output: `python -m benchmarks.kernel FILE`.

Prints one JSON object: messages, the median of some passes over the same
octets in seconds, messages a second. Pin it to one core with taskset.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

PASSES = 5
# Exit status that tells `benchmarks.run` to leave the row out (EX_UNAVAILABLE of sysexits.h).
NOT_AVAILABLE = 69


def decode(capture: Path) -> tuple[int, float]:
    """SIP messages of a capture, and CPU seconds in the kernels: reading the file is left out.

    NotImplementedError when only the interpreted twin is at hand: its rate is another matter.
    """
    try:
        from ringfence import compiled
        from ringfence.wire.decoder import Decoder
    except ImportError as error:
        raise NotImplementedError(str(error)) from error
    if not compiled():
        raise NotImplementedError("the kernels are not compiled")
    decoder, messages, seconds = Decoder(), 0, 0.0
    with capture.open("rb", buffering=0) as file:
        added = file.readinto(decoder.room())
        while added:
            began = time.process_time()
            messages += sum(len(table) for table in decoder.decode(added))
            room = decoder.room()
            seconds += time.process_time() - began
            added = file.readinto(room)
    return messages + sum(len(table) for table in decoder.decode(0, last=True)), seconds


def rate(capture: Path, passes: int = PASSES) -> dict[str, float]:
    """Messages, the median pass in CPU seconds, messages a second, nanoseconds a message."""
    times, messages = [], 0
    for _ in range(passes + 1):
        messages, seconds = decode(capture)
        times.append(seconds)
    # The first pass pays for fresh column memory and the imports.
    cpu_s = statistics.median(times[1:])
    return {
        "messages": messages,
        "cpu_s": round(cpu_s, 4),
        "messages_per_s": round(messages / cpu_s),
        "ns_per_message": round(cpu_s / messages * 1e9, 1),
        "octets_per_s": round(capture.stat().st_size / cpu_s),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernel", description=__doc__)
    parser.add_argument("capture", type=Path)
    parser.add_argument("--passes", type=int, default=PASSES)
    given = parser.parse_args()
    try:
        print(json.dumps(rate(given.capture, given.passes)))
    except NotImplementedError:
        raise SystemExit(NOT_AVAILABLE) from None


if __name__ == "__main__":
    main()
