"""The detector in Numba: the same windows as `haar.reference`, a few hundred times as fast.

Nothing here is imported before the first detection runs, and nothing compiles before that.

    corners.py     features with their corners merged; when 16 bits are enough
    lowering.py    a cascade becomes a program: trees as sums, leaves in fixed point
    desk.py        how the integral images of a piece of a picture lie in memory
    resize.py      the tables that shrink a picture, and the rows that come of it
    integral.py    integral images of one desk: a piece of the scaled picture that fits a cache
    stages.py      sixteen windows through one stage, in registers; `lbp.py`: the same for LBP
    queue.py       windows that are left after the first stages, packed side by side
    judge.py       one window through one stage, to the last bit: for whatever is too close to call
    scan.py        a row of windows as bits of words; who is visited, who is left
    search.py      the tasks of a thread, desk by desk
    detect.py      levels, threads, rectangles: `find_candidates`

and for training:

    values.py      values of all features in all samples, and the same in bytes
    histograms.py  weights by these bytes, and the score of the best cut of each feature
    splits.py      the best split over a pool of features: `split_search`

underneath: `bare.py`, `memory.py`, `simd.py` (arrays and vectors for Numba), `parallel.py`
(threads), `jit.py` (how all is compiled).
"""
