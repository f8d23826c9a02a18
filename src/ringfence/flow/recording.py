"""An attack recorded by the recorder that this machine has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence.model.recording import HepRecording, Recorded, Recording
    from ringfence.sources.recorder import Recorder


def find_recorder() -> Recorder:
    """What can record here. Raises RecordingError."""
    from ringfence.sources import recorder

    return recorder.find_recorder()


def interfaces() -> list[str]:
    """Where it can listen."""
    from ringfence.sources import recorder

    return recorder.interfaces()


def record(
    wanted: Recording, recorder: Recorder | None = None, started: Callable[[], None] | None = None
) -> Recorded:
    """Record packets into files. Raises RecordingError."""
    from ringfence.sources import recorder as sources

    return sources.record(wanted, recorder, started)


def record_hep(wanted: HepRecording, started: Callable[[str], None] | None = None) -> Recorded:
    """Record what agents send to the HEP port, into a file. Raises RecordingError."""
    from ringfence.sources import hep_recording

    return hep_recording.record_hep(wanted, started)
