"""Threads share a search out; forks, faults, nesting and other searches do not disturb it."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from haar import Cascade
from haar.kernels import detect, parallel
from tests.haar.synthetic import hashed_image, random_cascade

IMAGE = hashed_image(400, 300, 5)


@pytest.fixture(scope="module")
def cascades() -> list[Cascade]:
    rng = np.random.default_rng(3)
    kinds = ("haar", 1), ("haar", 4), ("lbp", 2)
    return [random_cascade(rng, kind, deepest) for kind, deepest in kinds]


# -- the pool -------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_thread_calls_the_function_once(threads) -> None:
    together = threading.Barrier(threads, timeout=10)
    calls = []
    parallel.run(lambda: calls.append(together.wait()), threads)
    assert sorted(calls) == list(range(threads))


def test_a_fault_in_the_callers_thread_waits_for_the_others() -> None:
    begun, done = threading.Event(), []

    def work() -> None:
        if threading.current_thread() is threading.main_thread():
            begun.wait(10)
            raise KeyboardInterrupt
        begun.set()
        done.append(not done)

    with pytest.raises(KeyboardInterrupt):
        parallel.run(work, 2)
    assert done == [True]


def test_a_fault_in_a_helper_reaches_the_caller() -> None:
    begun = threading.Event()

    def work() -> None:
        if threading.current_thread() is threading.main_thread():
            begun.wait(10)
            return
        begun.set()
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        parallel.run(work, 2)


def test_a_search_inside_of_a_search_does_not_wait_for_a_thread(monkeypatch) -> None:
    # one helper in all, and it is the one that asks for another
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(parallel, "_helpers", lambda: pool)
        both = threading.Barrier(2, timeout=10)
        inner = []

        def work() -> None:
            both.wait()
            parallel.run(lambda: inner.append(1), 2)

        parallel.run(work, 2)
    assert len(inner) >= 2


def test_absurdly_many_threads_are_as_good_as_a_few(cascades) -> None:
    expected = cascades[0].candidates(IMAGE, threads=1)
    assert np.array_equal(cascades[0].candidates(IMAGE, threads=10**9), expected)


# -- searches -------------------------------------------------------------------------------------


def test_the_bits_do_not_depend_on_the_number_of_threads(cascades) -> None:
    for cascade in cascades:
        one, *others = (cascade.search(IMAGE, min_neighbors=0, threads=n) for n in (1, 2, 8))
        assert len(one.rectangles)
        for other in others:
            for a, b in zip(one, other, strict=True):
                assert a.tobytes() == b.tobytes()


def test_two_threads_search_with_one_cascade_at_once(cascades) -> None:
    images = [IMAGE, IMAGE[::-1], hashed_image(130, 260, 9), IMAGE[:, ::-1]]
    expected = [cascade.candidates(image) for cascade in cascades for image in images]
    fresh = [Cascade(c.width, c.height, c.feature_type, c.stages, c.features) for c in cascades]
    start = threading.Barrier(4, timeout=30)

    def search_all(offset: int) -> list:
        start.wait()
        return [c.candidates(image, threads=2) for c in fresh for image in images]

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(search_all, range(4)):
            for a, b in zip(found, expected, strict=True):
                assert np.array_equal(a, b)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(cascades) -> None:
    expected = cascades[0].candidates(IMAGE, threads=2)
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(cascades[0].candidates(IMAGE, threads=2), expected) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_an_interrupted_search_stops_all_threads(cascades, monkeypatch) -> None:
    seen = []

    def interrupted(ticket, *arguments):
        seen.append(ticket)
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        return not ticket[0]  # goes on until there are no tasks left

    monkeypatch.setattr(detect, "search", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cascades[0].candidates(IMAGE, threads=2)
    assert seen[0][0] > 1
    monkeypatch.undo()
    assert len(cascades[0].candidates(IMAGE, threads=2))
