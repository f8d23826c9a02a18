"""Room for more sources: more rows, or the least telling ones shed.

A spoofed flood can name any number of addresses. What decides who stays is what
was answered (nobody answers for an address that is made up), then how much was
sent; so a flood pushes out its own addresses, not those that tell of an attack.
"""

from __future__ import annotations

import array
from typing import TYPE_CHECKING

from ringfence.detect import _fields as f
from ringfence.detect._join import follow
from ringfence.detect._tally import Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Answers of these kinds tell of a source; to be worth a look counts as eight.
_TELLING = (
    f.REFUSED,
    f.NOT_FOUND,
    f.ANSWERED,
    f.ACCEPTED,
    f.SERVED,
    f.ECHOED,
    f.DIALOGS,
)
_WORTH_A_LOOK = 8


def most_telling(tally: Tally) -> NDArray[np.intp]:
    """Indices of the half of the sources that tell most, in their order."""
    import numpy as np

    rows = _rows(tally)[: tally.n]
    answered = np.where(rows[:, f.WORTH] > 0, np.uint64(_WORTH_A_LOOK), np.uint64(0))
    for field in _TELLING:
        answered += rows[:, field]
    top = np.uint64(0xFFFF_FFFF)
    telling = (np.minimum(answered, top) << np.uint64(32)) | np.minimum(rows[:, f.MESSAGES], top)
    shed = tally.n - tally.n // 2
    return np.sort(np.argpartition(telling, shed - 1)[shed:])


def grow(tally: Tally, sources: int) -> None:
    """Give the tally this many rows; all that it has stay where they are."""
    rows = array.array("Q", bytes(8 * f.ROW_WIDTH * sources))
    memoryview(rows)[: len(tally.rows)] = memoryview(tally.rows)
    tally.rows, tally.sources = rows, sources
    tally.reindex()


def keep_rows(tally: Tally, kept: NDArray[np.intp]) -> NDArray[np.int64]:
    """Shed all rows but the kept ones, which close up, and fix all that points to rows.

    Returns where each former row went, -1 for those shed.
    """
    import numpy as np

    rows = _rows(tally)
    moved = np.full(len(rows) + 1, -1, np.int64)
    moved[kept] = np.arange(len(kept))
    _take_leave(rows[: tally.n], moved[: tally.n])
    rows[: len(kept)] = rows[kept]
    rows[len(kept) : tally.n] = 0
    servers = rows[: len(kept), f.SERVER].astype(np.int64)
    rows[: len(kept), f.SERVER] = (moved[servers - 1] + 1).astype(np.uint64)
    follow(tally, array.array("q", moved.tobytes()))
    tally.n = len(kept)
    tally.reindex()
    return moved


def _take_leave(rows: NDArray[np.uint64], moved: NDArray[np.int64]) -> None:
    """A host has a client less for each source that is shed and asked nobody else."""
    import numpy as np

    gone = (moved < 0) & (rows[:, f.HOSTS] == 1) & (rows[:, f.SERVER] > 0)
    hosts = rows[gone, f.SERVER].astype(np.int64) - 1
    lost = np.bincount(hosts, minlength=len(rows)).astype(np.uint64)
    rows[:, f.CLIENTS] -= np.minimum(lost, rows[:, f.CLIENTS])


def _rows(tally: Tally) -> NDArray[np.uint64]:
    import numpy as np

    return np.frombuffer(tally.rows, np.uint64).reshape(-1, f.ROW_WIDTH)
