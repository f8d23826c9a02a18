"""A worker: one thing after the other, and no fault of one keeps the next from being done."""

from __future__ import annotations

from threading import Event

from ringfence.flow.guard.worker import Worker


def test_jobs_are_done_in_their_order_and_what_they_return_waits() -> None:
    worker = Worker("test", lambda _, error: None)
    for number in range(100):
        worker.put(lambda number=number: number)  # type: ignore[misc]
    assert worker.close(10)
    assert list(worker.done) == list(range(100))


def test_job_that_fails_is_told_and_the_next_is_done() -> None:
    told: list[str] = []
    worker = Worker("test", lambda name, error: told.append(f"{name}: {error}"))
    worker.put(lambda: 1 / 0)
    worker.put(lambda: "done")
    assert worker.close(10)
    assert told == ["test: division by zero"]
    assert list(worker.done) == ["done"]


def test_more_than_fits_is_refused_and_counted() -> None:
    gate, began = Event(), Event()
    worker = Worker("test", lambda _, error: None, most=2)

    def hang() -> None:
        began.set()
        gate.wait(10)

    worker.put(hang)
    assert began.wait(10)
    taken = [worker.put(lambda: None) for _ in range(5)]
    assert taken == [True, True, False, False, False]
    assert (worker.refused, worker.waiting) == (3, 3)
    gate.set()
    assert worker.close(10)
    assert not worker.is_alive


def test_worker_that_hangs_is_left() -> None:
    gate = Event()
    worker = Worker("test", lambda _, error: None)
    worker.put(lambda: gate.wait(10) and None)
    assert not worker.close(0.05)
    gate.set()
