"""Detection: every window at every scale, then one rectangle for each cluster of accepted windows.

    grey  ─▶ levels ─▶ candidates ─▶ groups ─▶ clipped to the image
             scales.py   ops.py       grouping.py

The middle step is where the time goes, and it is the seam: one operation, defined in NumPy in
`haar.reference.detect` and made fast in `haar.kernels.detect`; `haar.ops` chooses.

    find_candidates(grey, cascade, levels, threads) -> (rectangles, sums)

        grey        (H, W) uint8, C-contiguous, at least as large as the window
        cascade     Cascade; `cascade.tables()` has its arrays, `cascade.prepared` is a dict for
                    what an implementation derives from them and keeps
        levels      list[Level], what `plan_levels` returned, in order
        threads     int >= 1; the result does not depend on it
        rectangles  (N, 4) int32: x, y, width, height in the original image, ordered by level,
                    then y, then x
        sums        (N,) float64: the sum of the last stage, of each of them
"""
