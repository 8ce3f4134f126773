"""Facial expressions: data, faces, networks, training and evaluation; the only part that uses haar.

load_fer2013(path)          FER2013 in Kaggle's CSV
load_folder(path)           one sub-folder of pictures a class
generate_faces(n, rng)      drawn faces, when there is no data
"""

from scratchnet.fer.datasets import DataError, Dataset
from scratchnet.fer.faces import generate_faces
from scratchnet.fer.fer2013 import load_fer2013
from scratchnet.fer.folder import load_folder

__all__ = ["DataError", "Dataset", "generate_faces", "load_fer2013", "load_folder"]
