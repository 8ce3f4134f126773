"""The detector in Numba: the same windows as `haar.reference`, a few hundred times as fast.

Nothing here is imported before the first detection runs, and nothing compiles before that.

    lowering.py    a cascade becomes a program: merged corners, 16-bit sums, fixed-point leaves
    resize.py      the tables that shrink a picture, and the rows that come of it
    integral.py    integral images of one desk: a piece of the scaled picture that fits a cache
    stages.py      sixteen windows through one stage, in registers
    judge.py       one window through one stage, to the last bit: for whatever is too close to call
    scan.py        a row of windows as bits of words; who is visited, who is left
    search.py      tasks, threads, rectangles

underneath: `simd.py` (vectors for Numba), `parallel.py` (threads), `jit.py` (how all is compiled).
"""
