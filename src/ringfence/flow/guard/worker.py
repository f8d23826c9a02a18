"""A thread that does one thing after the other, for what may wait: the firewall, mail, the disk.

Jobs are bounded: what finds no room is refused, and counted. A job that fails is told to
`say`, and the next one is done. What jobs return waits in `done` for whoever asks.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable

MAX_JOBS = 1000
_Job = Callable[[], object]


class Worker:
    """One thread and its jobs. `close` ends it after what was begun."""

    def __init__(
        self, name: str, failed: Callable[[str, Exception], None], most: int = MAX_JOBS
    ) -> None:
        self.name = name
        self.refused = 0
        self.done: deque[object] = deque()
        self._failed = failed
        self._jobs: queue.Queue[_Job | None] = queue.Queue(most)
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def put(self, job: _Job) -> bool:
        """Have it done; False: too much waits already."""
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            self.refused += 1
            return False
        return True

    @property
    def waiting(self) -> int:
        """Jobs that are not done yet, the one at hand too."""
        return self._jobs.unfinished_tasks

    @property
    def is_alive(self) -> bool:
        """Whether anything would be done."""
        return self._thread.is_alive()

    def close(self, timeout_s: float) -> bool:
        """Do what waits, and end; False when that took too long, and it is left."""
        try:
            self._jobs.put(None, timeout=timeout_s)
        except queue.Full:
            return False
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                if job is None:
                    return
                result = job()
                if result is not None:
                    self.done.append(result)
            except Exception as error:  # noqa: BLE001  a job that fails must not end the others
                self._failed(self.name, error)
            finally:
                self._jobs.task_done()
