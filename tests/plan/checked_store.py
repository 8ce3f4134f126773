"""A store that trusts nobody: what it gives out is poisoned, what it takes back is inspected."""

from collections import Counter

from scratchnet.plan.store import Maps, Store
from tests.kernels.layout import nothing_outside, poison


class CheckedStore(Store):
    """Like `Store`, but stale or fresh memory holds NaN inside of images, and winners of 255.

    Whoever reads what it has not written meets NaN. Whoever gives back maps with something outside
    of the images, or twice, or what is not from here, is caught.

    Attributes:
        taken: the arrays that were given out and not yet given back, by the address of each.
        places: the addresses of all that were ever given out.
    """

    def __init__(self):
        super().__init__()
        self.taken = {}
        self.places = set()
        self.counts = Counter()

    def array(self, N, frame, dtype="float32"):
        array = super().array(N, frame, dtype)
        assert nothing_outside(array, frame)
        poison(array, frame)
        self.taken[array.ctypes.data] = array, frame
        self.places.add(array.ctypes.data)
        self.counts["taken"] += 1
        return array

    def give_back(self, what, frame=None):
        if isinstance(what, Maps):
            what, frame = what.pixels, what.frame
        if frame is not None and what is not None:
            _, its_frame = self.taken.pop(what.ctypes.data)
            assert its_frame == frame
            assert nothing_outside(what, frame), "the outside of the images is not zero any more"
            self.counts["given back"] += 1
        super().give_back(what, frame)
