"""Winograd's convolutions F(4×4, 3×3) and F(3×3, 3×3): 36 products for 144, and 25 for 81.

Cut the output into tiles of 4 × 4; each depends on a tile d of 6 × 6 input pixels. With

        ⎡4  0 −5  0  1  0⎤         ⎡ 1/4    0     0  ⎤
        ⎢0 −4 −4  1  1  0⎥         ⎢−1/6  −1/6  −1/6 ⎥         ⎡1  1  1  1  1  0⎤
   Bᵀ = ⎢0  4 −4 −1  1  0⎥    G =  ⎢−1/6   1/6  −1/6 ⎥    Aᵀ = ⎢0  1 −1  2 −2  0⎥
        ⎢0 −2 −1  2  1  0⎥         ⎢ 1/24  1/12  1/6 ⎥         ⎢0  1  1  4  4  0⎥
        ⎢0  2 −1 −2  1  0⎥         ⎢ 1/24 −1/12  1/6 ⎥         ⎣0  1 −1  8 −8  1⎦
        ⎣0  4  0 −5  0  1⎦         ⎣  0     0     1  ⎦

    forward     U = G w Gᵀ      V = Bᵀ d B      M = U ⊙ V, summed over channels      y = Aᵀ M A
    backward    dM = A dy Aᵀ                     the adjoint of the last step
                dU += Vᵀ dM     dw = Gᵀ dU G
                dV = dM Uᵀ      dd = B dV Bᵀ     added to the pixels, where tiles overlap

⊙ with the sum over channels is, for each of the 36 or 25 places of a tile, a product: (tiles, C) by
(C, F). A block of tiles goes through all steps before the next, so that its V and M stay in the
cache; V is computed again in the backward pass rather than stored. Bias, ReLU and a 2 × 2 max-pool
are part of the output transform: the pixels are in registers there.

Where that takes fewer products, the output is cut into tiles of 3 × 3, each of which depends on
5 × 5; not before a pool, nor where they would reach beyond the frame. 6 × 6 pixels, for instance:
four times 25 products; four tiles of 4 × 4 would take four times 36, and compute 28 pixels that
nobody wants. All is as above, with

        ⎡2 −1 −2  1  0⎤         ⎡ 1/2    0     0  ⎤
        ⎢0 −2 −1  1  0⎥         ⎢−1/2  −1/2  −1/2 ⎥         ⎡1  1  1  1  0⎤
   Bᵀ = ⎢0  2 −3  1  0⎥    G =  ⎢−1/6   1/6  −1/6 ⎥    Aᵀ = ⎢0  1 −1  2  0⎥
        ⎢0 −1  0  1  0⎥         ⎢ 1/6   1/3   2/3 ⎥         ⎣0  1  1  4  1⎦
        ⎣0  2 −1 −2  1⎦         ⎣  0     0     1  ⎦

Maps are laid out as `scratchnet.kernels.maps` says: the frame of zeros is the padding. A tile that
reaches over the edge of the image reads zeros, and its surplus is dropped.

Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016, section 4.3.
Rounding: the entries of Bᵀ and Aᵀ amplify it. The largest error measured, of y, dx and dW, is 5e-6
of the largest value with 16 channels, 1e-5 with 128 and 2.1e-5 with 512: five times that of plain
sums. Hence only float32, which trains; float64, which checks, takes the other road.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scratchnet.kernels import winograd_small_tiles as small_tiles
from scratchnet.kernels import winograd_tiles as large_tiles
from scratchnet.kernels.jit import inlined, kernel
from scratchnet.kernels.maps import (
    ONE,
    Frame,
    clear_outside,
    export_images,
    frame,
    import_images,
    numbers,
)
from scratchnet.kernels.memory import aligned_zeros, scratch
from scratchnet.kernels.one_image import (
    Activation,
    After,
    NormSums,
    activate_image,
    copy_image,
    measure_image,
    room_for,
    sum_image,
)
from scratchnet.kernels.parallel import pieces, share_out
from scratchnet.kernels.simd import LANES, prefetch, prefetch_to_write, vector_load, vector_store
from scratchnet.kernels.tile import FRESH, UNIT, multiply
from scratchnet.kernels.winograd_weights import (
    Sums,
    empty_sums,
    gradients,
    places_of,
    to_next,
    transformed,
)

Array = NDArray[Any]
Pair = tuple[int, int]

NOTHING, LANE = np.int64(0), np.int64(LANES)  # no literals: `kernels.tile`

TOGETHER = 8
"""Blocks that are summed before their sum is added to dU: long sums of float32 lose digits."""

READ_AHEAD, WRITE_AHEAD = 4, 3
"""Tiles between asking for pixels and reading, or writing, them."""

ALL = np.int64(1 << 40)
"""The ring of maps that have a place for every image."""


def fits(W: Array, stride: Pair, dilation: Pair, groups: int) -> bool:
    """Whether a convolution with these weights (F, C/groups, KH, KW) can take this road."""
    F, C, KH, KW = W.shape
    return (
        (KH, KW) == (3, 3)
        and (*stride, *dilation, groups) == (1, 1, 1, 1, 1)
        and W.dtype == np.float32
        and C % LANES == F % LANES == 0
    )


class Job(NamedTuple):
    """What a block of tiles must know."""

    OH: int
    """Pixels of the output, before pooling."""
    OW: int
    tile: int
    """Pixels along a side of a tile of the output, before pooling: 4 or 3."""
    block: int
    """Tiles whose V and M lie in the cache together."""
    relu: bool
    pool: bool


def job(OH: int, OW: int, C: int, F: int, *, relu: bool = False, pool: bool = False) -> Job:
    """A convolution whose output has OH × OW pixels."""
    small = products(OH, OW, 3) < products(OH, OW, 4) and not pool
    # A frame has room for tiles of four.
    inside = all(-(-size // 3) * 3 <= -(-size // 4) * 4 for size in (OH, OW))
    tile = 3 if small and inside else 4
    return Job(OH, OW, tile, 72 if max(C, F) <= 32 else 36, relu, pool)


def products(OH: int, OW: int, tile: int) -> int:
    """Of an image, for each pair of channel and filter."""
    return -(-OH // tile) * -(-OW // tile) * places_of(tile)


def _small(job: Job) -> bool | None:
    """True for small tiles; None for large ones. What is None, Numba knows when it compiles.

    Many networks need one of them only: kernels for both would take twice as long to compile.
    """
    return True if job.tile == 3 else None


@inlined
def _tiles(job):
    """Of an image."""
    return (job.OH + job.tile - 1) // job.tile * ((job.OW + job.tile - 1) // job.tile)


@inlined
def _corner(tile, job, f, size, ring):
    """Where tile number `tile` begins in maps of frame f, as (row, column, offset).

    size    pixels of a tile in them: job.tile, or 2 after pooling
    ring    images that the maps have room for: image n lies where image n − ring lay
    """
    TW = (job.OW + job.tile - 1) // job.tile
    i, rest = divmod(tile, _tiles(job))
    ty, tx = divmod(rest, TW)
    return ty, tx, ((i % ring * f.HP + size * ty) * f.WP + size * tx) * f.C


@inlined
def _fetch(maps, tile, job, f, size, above, pixels):
    """Ask for the pixels of a tile that will be read soon, but for rows and columns < `above`.

    Tiles go down and across the images by strides that no machine foresees: waiting for memory
    took as long as the transforms.
    """
    _, _, o = _corner(tile, job, f, size, ALL)
    for i in range(above, pixels):
        row = o + i * f.WP * f.C
        for p in range(row + above * f.C, row + pixels * f.C, LANES):
            prefetch(maps, p)


@inlined
def _claim(maps, tile, job, f, size, above, pixels):
    """The same for pixels that will be written."""
    _, _, o = _corner(tile, job, f, size, ALL)
    for i in range(above, pixels):
        row = o + i * f.WP * f.C
        for p in range(row + above * f.C, row + pixels * f.C, LANES):
            prefetch_to_write(maps, p)


@inlined
def _transform(small, pixels, o, row, pixel, V, v, place):
    """V of the tile of pixels at `o`."""
    if small is None:
        large_tiles.transform_input(pixels, o, row, pixel, V, v, place)
    else:
        small_tiles.transform_input(pixels, o, row, pixel, V, v, place)


@inlined
def _spread(small, V, v, place, pixels, o, row, pixel):
    """Its adjoint."""
    if small is None:
        large_tiles.spread_input(V, v, place, pixels, o, row, pixel)
    else:
        small_tiles.spread_input(V, v, place, pixels, o, row, pixel)


# -- forward --------------------------------------------------------------------------------------


@inlined
def _write_vectors(
    small, M, m, place, bias, job, y, f, winners, o, rows, columns, edge, edge_winners
):  # fmt: skip
    """Sixteen filters of one tile of the output, of which rows × columns are in the image."""
    size = 2 if job.pool else job.tile
    whole = rows == size and columns == size
    if small is None:
        v = large_tiles.transform_output(M, m, place, bias, job.relu)
        if job.pool:
            if whole:
                large_tiles.pool_rows(v, y, winners, o, f.WP * f.C, f.C)
            else:
                large_tiles.pool_rows(v, edge, edge_winners, NOTHING, size * LANES, LANE)
        elif whole:
            large_tiles.write_rows(v, y, o, f.WP * f.C, f.C)
        else:
            large_tiles.write_rows(v, edge, NOTHING, size * LANES, LANE)
    else:
        v = small_tiles.transform_output(M, m, place, bias, job.relu)
        if whole:
            small_tiles.write_rows(v, y, o, f.WP * f.C, f.C)
        else:
            small_tiles.write_rows(v, edge, NOTHING, size * LANES, LANE)
    if not whole:  # what lies outside of the image stays zero
        for i in range(rows):
            for j in range(columns):
                p, q = o + (i * f.WP + j) * f.C, (i * size + j) * LANES
                vector_store(y, p, vector_load(edge, q))
                if job.pool:
                    for k in range(LANES):
                        winners[p + k] = edge_winners[q + k]


@inlined
def _add_tile(y, f, o, rows, columns, plus):
    """y += plus, while the tile at `o` lies in the nearest cache."""
    for i in range(rows):
        row = o + i * f.WP * f.C
        for p in range(row, row + columns * f.C, LANES):
            vector_store(y, p, vector_load(y, p) + vector_load(plus, p))


@inlined
def _ring(job, tiles):
    """Images that a block of tiles may reach into; the first block begins with an image."""
    if tiles % job.block == 0:
        return 1
    if job.block % tiles == 0:
        return job.block // tiles
    return (job.block + tiles - 2) // tiles + 1


@kernel
def _forward(share, shares, N, x, fx, before, U, bias, job, small, y, fy, winners, after):
    """U: places of (C, F)."""
    C, F, block = fx.C, fy.C, job.block
    u_place = to_next(C, F)
    v_place, m_place = block * C + LANES, block * F + LANES
    tiles, places = _tiles(job), (job.tile + 2) ** 2
    V, M = scratch(places * v_place, x), scratch(places * m_place, x)
    edge, edge_winners = scratch(16 * LANES, x), np.empty(4 * LANES, np.uint8)
    size = 2 if job.pool else job.tile
    begun = done = N * share // shares  # images that are activated, and whose y is complete
    stop = N * (share + 1) // shares * tiles
    if before is None:
        z, fz, ring = x, fx, ALL
    else:
        fz, ring = before.frame, _ring(job, tiles)
        z = room_for(ring, fz, x)
    for first in range(N * share // shares * tiles, stop, block):
        T = min(block, stop - first)
        if before is not None:
            while begun * tiles < first + T:
                activate_image(x, fx, begun, before, z, begun % ring)
                begun += 1
        for t in range(T):
            _, _, o = _corner(first + t, job, fz, job.tile, ring)
            if before is None:
                _fetch(x, first + t + READ_AHEAD, job, fx, job.tile, 2 * UNIT, job.tile + 2)
            for c in range(0, C, LANES):
                _transform(small, z, o + c, fz.WP * C, C, V, t * C + c, v_place)
        for e in range(places):
            multiply(
                V, e * v_place, C, UNIT, U, e * u_place, F, M, e * m_place, F, T, F, C, FRESH
            )  # fmt: skip
        for t in range(T):
            ty, tx, o = _corner(first + t, job, fy, size, ALL)
            o += (fy.top * fy.WP + fy.left) * F
            rows, columns = min(size, fy.H - size * ty), min(size, fy.W - size * tx)
            _claim(y, first + t + WRITE_AHEAD, job, fy, size, UNIT, size + 1)
            if after is not None and after.add:
                _fetch(after.plus, first + t + READ_AHEAD, job, fy, size, UNIT, size + 1)
            for c in range(0, F, LANES):
                _write_vectors(
                    small, M, t * F + c, m_place, vector_load(bias, c), job, y, fy, winners,
                    o + c, rows, columns, edge, edge_winners,
                )  # fmt: skip
            if after is not None and after.add:
                _add_tile(y, fy, o, rows, columns, after.plus)
        if after is not None:
            while (done + 1) * tiles <= first + T:
                if after.measure:
                    measure_image(y, fy, done, after.mean, after.squares)
                done += 1


def forward_maps(
    N: int, x: Array, fx: Frame, U: Array, b: Array, job: Job, y: Array, fy: Frame, winners: Array,
    before: Activation | None = None, after: After | None = None,
) -> None:  # fmt: skip
    """Maps y of the convolution of maps x with `transformed` weights (C before F) and b (F,).

    C and F are whole vectors. `winners` are of the layout of y, and used if the job pools.

    Args:
        before: what happens to an image of x first; the convolution is of z, then.
        after: what happens to an image of y in the end.
    """
    share_out(
        _forward, pieces(N), N, x, fx, before, U, b, job, _small(job), y, fy, winners, after
    )  # fmt: skip


# -- backward -------------------------------------------------------------------------------------


@inlined
def _read_vectors(small, dy, y, winners, job, f, o, M, m, place):
    """M of the gradient of sixteen filters' pixels, before ReLU and pool; its sum."""
    if small is None:
        if job.pool:
            dz = large_tiles.unpool_rows(dy, y, winners, job.relu, o, f.WP * f.C, f.C)
        else:
            dz = large_tiles.read_rows(dy, y, job.relu, o, f.WP * f.C, f.C)
        return large_tiles.spread_output(dz, M, m, place)
    dz = small_tiles.read_rows(dy, y, job.relu, o, f.WP * f.C, f.C)
    return small_tiles.spread_output(dz, M, m, place)


@inlined
def _add(total, part, fresh):
    for i in range(0, total.size, LANES):
        if fresh:
            vector_store(total, i, vector_load(part, i))
        else:
            vector_store(total, i, vector_load(total, i) + vector_load(part, i))


@kernel
def _backward(
    share, shares, N, dy, y, winners, fy, x, fx, before, Ut, job, small, dz, over, dU, db, fresh,
    norm,
):  # fmt: skip
    """Ut: places of (F, C); dU (shares, places of (C, F)) and db (shares, F): the shares' own sums.

    over: whether dz is dy.
    """
    C, F, block = fx.C, fy.C, job.block
    u_place = to_next(C, F)
    own_dU, own_db = dU[share], db[share]
    v_place, m_place = block * C + LANES, block * F + LANES
    tiles, places = _tiles(job), (job.tile + 2) ** 2
    V, M = scratch(places * v_place, x), scratch(places * m_place, x)
    start, stop = N * share // shares, N * (share + 1) // shares
    begun = done = start  # images whose dz is begun, and complete
    ring = _ring(job, tiles)
    if before is None:
        z, fz, z_ring = x, fx, ALL
    else:
        fz, z_ring = before.frame, np.int64(ring)
        z = room_for(ring, fz, x)
    if over:  # dz is added up elsewhere, as long as its image of dy is read
        d, d_ring = room_for(ring, fz, x), np.int64(ring)
    else:
        d, d_ring = dz, ALL
    image, size = fz.HP * fz.WP * C, 2 if job.pool else job.tile
    if fresh:
        own_db[:] = 0
        if start * tiles == stop * tiles:
            own_dU[:] = 0
    blocks = ((stop - start) * tiles + block - 1) // block
    in_parts = blocks > 2 * TOGETHER
    part = scratch(own_dU.size, x) if in_parts else own_dU
    for number in range(blocks):
        first = start * tiles + number * block
        T = min(block, stop * tiles - first)
        while begun * tiles < first + T:
            d[begun % d_ring * image : (begun % d_ring + 1) * image] = 0
            if before is not None:
                activate_image(x, fx, begun, before, z, begun % ring)
            begun += 1
        for t in range(T):
            _, _, o = _corner(first + t, job, fz, job.tile, z_ring)
            if before is None:
                _fetch(x, first + t + READ_AHEAD, job, fx, job.tile, 2 * UNIT, job.tile + 2)
            _fetch(dy, first + t + READ_AHEAD, job, fy, size, UNIT, size + 1)
            if job.relu:
                _fetch(y, first + t + READ_AHEAD, job, fy, size, UNIT, size + 1)
            for c in range(0, C, LANES):
                _transform(small, z, o + c, fz.WP * C, C, V, t * C + c, v_place)
            _, _, o = _corner(first + t, job, fy, size, ALL)
            o += (fy.top * fy.WP + fy.left) * F
            for c in range(0, F, LANES):
                total = _read_vectors(
                    small, dy, y, winners, job, fy, o + c, M, t * F + c, m_place
                )  # fmt: skip
                vector_store(own_db, c, vector_load(own_db, c) + total)
        begins = number % TOGETHER == 0 if in_parts else fresh and number == 0
        for e in range(places):
            v, m, u = e * v_place, e * m_place, e * u_place
            multiply(V, v, UNIT, C, M, m, F, part, u, F, C, F, T, begins)
            multiply(M, m, F, UNIT, Ut, u, C, V, v, C, T, C, F, FRESH)
        if in_parts and (number % TOGETHER == TOGETHER - 1 or number == blocks - 1):
            _add(own_dU, part, fresh and number < TOGETHER)
        for t in range(T):
            _, _, o = _corner(first + t, job, fz, job.tile, d_ring)
            if not over:
                _claim(d, first + t + WRITE_AHEAD, job, fz, job.tile, 2 * UNIT, job.tile + 2)
            for c in range(0, C, LANES):
                _spread(small, V, t * C + c, v_place, d, o + c, fz.WP * C, C)
        while (done + 1) * tiles <= first + T:
            if over:
                copy_image(d, done % ring, dz, done, fz)
            else:
                clear_outside(dz, done, fz)
            if before is not None:
                sum_image(
                    dz, x, fx, done, before,
                    norm.mean, norm.inv_std, norm.dbeta[share], norm.dgamma[share],
                )  # fmt: skip
            done += 1


def backward_maps(
    N: int, dy: Array, y: Array, winners: Array, fy: Frame, x: Array, fx: Frame, Ut: Array,
    job: Job, dz: Array, sums: Sums, fresh: bool,
    before: Activation | None = None, norm: NormSums | None = None,
) -> None:  # fmt: skip
    """Maps dz from maps dy; `sums` are begun (`fresh`) or added to. y matters if there is a ReLU.

    dz is dx; but where x was activated first, it is the gradient of what came of it.

    Args:
        dz: may be dy itself (no view of it) in the same frame; that takes a few percent longer.
        Ut: `transformed` weights (F, C, 3, 3), with F before C.
        before: what happened to an image of x first.
        norm: for that: sums of dz, `len(sums.db)` shares, which are added to.
    """
    share_out(
        _backward, len(sums.db), N, dy, y, winners, fy, x, fx, before, Ut, job, _small(job), dz,
        dz is dy, sums.dU, sums.db, fresh, norm,
    )  # fmt: skip


# -- images (N, C, H, W) --------------------------------------------------------------------------


def _maps_of(x: Array, padding: tuple[Pair, Pair]) -> tuple[Array, Frame]:
    N, C, H, W = x.shape
    f = frame(H, W, C, padding)
    pixels = aligned_zeros(numbers(N, f))
    import_images(x, f, pixels)
    return pixels, f


_NO_WINNERS = np.zeros(0, np.uint8)


def forward(
    x: Array,
    W: Array,
    b: Array | None,
    stride: Pair,
    padding: tuple[Pair, Pair],
    dilation: Pair,
    groups: int,
) -> Array:
    """As `conv2d_forward`, where `fits` says yes."""
    (N, C, H, width), F = x.shape, len(W)
    (top, bottom), (left, right) = padding
    OH, OW = H + top + bottom - 2, width + left + right - 2
    pixels, fx = _maps_of(x, padding)
    fy = frame(OH, OW, F)
    maps = aligned_zeros(numbers(N, fy))
    bias = np.zeros(F, np.float32) if b is None else np.ascontiguousarray(b, np.float32)
    how = job(OH, OW, C, F)
    U = transformed(W, "CF", how.tile)
    forward_maps(N, pixels, fx, U, bias, how, maps, fy, _NO_WINNERS)
    y = np.empty((N, F, OH, OW), np.float32)
    export_images(maps, fy, y)
    return y


def backward(
    dy: Array,
    x: Array,
    W: Array,
    stride: Pair,
    padding: tuple[Pair, Pair],
    dilation: Pair,
    groups: int,
) -> tuple[Array, Array, Array]:
    """As `conv2d_backward`, where `fits` says yes."""
    (N, F, OH, OW), C = dy.shape, W.shape[1]
    pixels, fx = _maps_of(x, padding)
    upstream, fy = _maps_of(dy, ONE)
    dx, d_pixels = np.empty(x.shape, np.float32), np.empty_like(pixels)
    how = job(OH, OW, C, F)
    sums = empty_sums(C, F, how.tile)
    backward_maps(
        N, upstream, upstream, _NO_WINNERS, fy, pixels, fx, transformed(W, "FC", how.tile),
        how, d_pixels, sums, True,
    )  # fmt: skip
    dW, db = gradients(sums)
    export_images(d_pixels, fx, dx)
    return dx, dW, db
