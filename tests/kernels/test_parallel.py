"""Work on threads: each share is done once, and the bits are those of one thread."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from scratchnet.kernels import (
    avg_pool,
    batch_norm,
    conv2d,
    dense,
    implicit_gemm,
    max_pool,
    optimizers,
    parallel,
    relu,
    warp,
    winograd,
)

rng = np.random.default_rng(0)
ONES, EDGES = (1, 1), ((1, 1), (1, 1))


def normal(*shape):
    return rng.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("threads", ["1", "2", "5"])
@pytest.mark.parametrize("shares", [0, 1, 3, 40])
def test_each_share_is_done_once(threads, shares, monkeypatch):
    monkeypatch.setenv("SCRATCHNET_THREADS", threads)
    done = []
    parallel.share_out(lambda share, shares, name: done.append((share, shares, name)), shares, "a")
    assert sorted(done) == [(share, shares, "a") for share in range(shares)]


def test_shares_run_at_the_same_time(monkeypatch):
    monkeypatch.setenv("SCRATCHNET_THREADS", "3")
    together = threading.Barrier(3, timeout=10)
    parallel.share_out(lambda share, shares: together.wait(), 3)  # on fewer threads it would break


@pytest.mark.parametrize("threads", ["1", "4"])
def test_a_fault_in_a_share_reaches_the_caller(threads, monkeypatch):
    monkeypatch.setenv("SCRATCHNET_THREADS", threads)

    def fail(share, shares):
        if share == 5:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        parallel.share_out(fail, 8)


@pytest.mark.parametrize("wanted", ["0", "-1", "two", "1.5"])
def test_a_wrong_number_of_threads_is_refused(wanted, monkeypatch):
    monkeypatch.setenv("SCRATCHNET_THREADS", wanted)
    with pytest.raises(ValueError, match="SCRATCHNET_THREADS expects a positive whole number"):
        parallel.thread_count()


def test_without_a_wish_there_is_a_thread_for_each_core(monkeypatch):
    monkeypatch.delenv("SCRATCHNET_THREADS", raising=False)
    assert 1 <= parallel.thread_count() <= os.cpu_count()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(monkeypatch):
    monkeypatch.setenv("SCRATCHNET_THREADS", "2")
    x = normal(64)
    expected = relu.relu_forward(x)
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(relu.relu_forward(x), expected) else 1)
    assert os.waitpid(child, 0)[1] == 0


# -- the same bits --------------------------------------------------------------------------------

X, DY = normal(40, 16, 12, 11), normal(40, 16, 12, 11)
WEIGHTS = normal(16, 16, 3, 3)
FLAT, GAMMA = X.reshape(40, 16, -1), normal(16)
A, B = normal(390, 70), normal(70, 200)
POOLED, WINNER = max_pool.max_pool_forward(X, (3, 3), (2, 2), EDGES)
Y, X_HAT, _, _, INV_STD = batch_norm.batch_norm_forward(FLAT, GAMMA, GAMMA, 1e-5)
LONG = normal(3, 100_000)
TURN = np.tile(np.array([[0.9, -0.2, 1.0], [0.1, 1.1, 0.3]]), (640, 1, 1))
PLANES = X.reshape(640, 12, 11)


def adam():
    w, dw, m = LONG.copy()
    optimizers.adam_step(w, dw, m, m * m, 1e-3, 0.9, 0.99, 1e-8, 3, 0.01)
    return w


def rmsprop():
    w, dw, v = LONG.copy()
    optimizers.rmsprop_step(w, dw, v * v, 1e-3, 0.9, 1e-8, 0.01)
    return w


def sgd():
    w, dw, velocity = LONG.copy()
    optimizers.sgd_step(w, dw, velocity, 1e-3, 0.9, True, 0.01)
    return w


KERNELS = {
    "winograd": lambda: winograd.forward(X, WEIGHTS, GAMMA, ONES, EDGES, ONES, 1),
    "winograd backward": lambda: winograd.backward(DY, X, WEIGHTS, ONES, EDGES, ONES, 1),
    "implicit gemm": lambda: implicit_gemm.forward(X, WEIGHTS, GAMMA, ONES, EDGES, ONES, 1),
    "implicit gemm backward": lambda: conv2d.conv2d_backward(
        DY, X, WEIGHTS[:, :8], ONES, EDGES, ONES, 2
    ),
    "dense": lambda: dense.dense_forward(A, B, None),
    "dense backward": lambda: dense.dense_backward(A @ B, A, B),
    "max pool": lambda: max_pool.max_pool_forward(X, (3, 3), (2, 2), EDGES),
    "max pool backward": lambda: max_pool.max_pool_backward(
        POOLED, WINNER, X.shape, (3, 3), (2, 2), EDGES
    ),
    "average pool": lambda: avg_pool.avg_pool_forward(X, (3, 3), (2, 2)),
    "average pool backward": lambda: avg_pool.avg_pool_backward(
        POOLED[:, :, :5, :5], X.shape, (3, 3), (2, 2)
    ),
    "batch norm": lambda: batch_norm.batch_norm_forward(FLAT, GAMMA, GAMMA, 1e-5),
    "batch norm backward": lambda: batch_norm.batch_norm_backward(FLAT, X_HAT, GAMMA, INV_STD),
    "relu": lambda: relu.relu_forward(X),
    "relu backward": lambda: relu.relu_backward(DY, X),
    "adam": adam,
    "rmsprop": rmsprop,
    "sgd": sgd,
    "warp": lambda: warp.warp_affine(PLANES, TURN, (12, 11), "reflect", 0.0),
}


@pytest.mark.parametrize("name", KERNELS)
def test_the_bits_do_not_depend_on_the_number_of_threads(name, monkeypatch):
    submitted = []
    submit = ThreadPoolExecutor.submit
    monkeypatch.setattr(
        ThreadPoolExecutor, "submit", lambda *a: submitted.append(a[0]) or submit(*a)
    )
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setenv("SCRATCHNET_THREADS", str(threads))
        results = KERNELS[name]()
        found.append(results if isinstance(results, tuple) else (results,))
    assert len(set(submitted)) == 2, "too little work to be shared out"
    for one, two, five in zip(*found, strict=True):
        assert one.tobytes() == two.tobytes() == five.tobytes()
