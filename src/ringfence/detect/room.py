"""Room for more sources: more rows, or the least telling ones shed.

A spoofed flood can name any number of addresses. What decides who stays is what
was answered (nobody answers for an address that is made up), then how much was
sent; so a flood pushes out its own addresses, not those that tell of an attack.
"""

from __future__ import annotations

import array
from typing import TYPE_CHECKING

from ringfence.detect import _fields as f
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
    answered = rows[:, _TELLING].sum(axis=1) + np.where(rows[:, f.WORTH] > 0, _WORTH_A_LOOK, 0)
    order = np.lexsort((rows[:, f.MESSAGES], answered))
    return np.sort(order[tally.n - tally.n // 2 :])


def keep_rows(tally: Tally, sources: int, kept: NDArray[np.intp]) -> NDArray[np.int64]:
    """Give the tally `sources` rows that hold the kept ones, and fix all that points to rows.

    Returns where each former row went, -1 for those shed.
    """
    import numpy as np

    old = _rows(tally)
    moved = np.full(len(old) + 1, -1, np.int64)
    moved[kept] = np.arange(len(kept))
    if sources == tally.sources:
        old[: len(kept)] = old[kept]
        old[len(kept) :] = 0
    else:
        grown = array.array("Q", bytes(8 * f.ROW_WIDTH * sources))
        np.frombuffer(grown, np.uint64).reshape(-1, f.ROW_WIDTH)[: len(kept)] = old[kept]
        tally.rows = grown
    rows = _rows(tally)[: len(kept)]
    servers = rows[:, f.SERVER].astype(np.int64)
    rows[:, f.SERVER] = (moved[servers - 1] + 1).astype(np.uint64)
    _move_transactions(tally, moved)
    tally.sources, tally.n = sources, len(kept)
    tally.reindex()
    return moved


def _move_transactions(tally: Tally, moved: NDArray[np.int64]) -> None:
    import numpy as np

    pairs = np.frombuffer(tally.transactions, np.uint64).reshape(-1, 2)
    owner = moved[(pairs[:, 1] >> np.uint64(16)).astype(np.int64)]
    pairs[:, 1] = (owner.astype(np.uint64) << np.uint64(16)) | (pairs[:, 1] & np.uint64(0xFFFF))
    pairs[owner < 0] = 0


def _rows(tally: Tally) -> NDArray[np.uint64]:
    import numpy as np

    return np.frombuffer(tally.rows, np.uint64).reshape(-1, f.ROW_WIDTH)
