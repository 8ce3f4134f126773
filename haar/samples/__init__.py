"""Samples to train a cascade with: objects, each a box in a picture, and pictures without any.

    pictures with boxes: CSV, info.dat ─▶ lists ─┐
    cropped objects, with a margin ──────────────┼─▶ Sample(grey, box) ─▶ cut, vary ─▶ (N, h, w)
                                  conventions ───┘      ▲                              │    ▲
                                                      align, eyes         write_vec ─▶ .vec ─┘

A box is x, y, width, height in pixels: pixel (0, 0) covers 0 … 1, so that (0, 0, W, H) is the whole
of a picture. All boxes of one training set must frame the object alike: a cascade learns the frame.
"""

from haar.samples.align import align
from haar.samples.conventions import eye_boxes, face_box
from haar.samples.cut import Sample, cut, cut_all
from haar.samples.eyes import find_eyes
from haar.samples.lists import SampleError, read_background, read_csv, read_info, write_csv
from haar.samples.pictures import from_boxes, from_crops, read_crops, read_grey
from haar.samples.variation import Variation, vary
from haar.samples.vec import read_vec, write_vec

__all__ = [
    "Sample",
    "SampleError",
    "Variation",
    "align",
    "cut",
    "cut_all",
    "eye_boxes",
    "face_box",
    "find_eyes",
    "from_boxes",
    "from_crops",
    "read_background",
    "read_crops",
    "read_csv",
    "read_grey",
    "read_info",
    "read_vec",
    "vary",
    "write_csv",
    "write_vec",
]
