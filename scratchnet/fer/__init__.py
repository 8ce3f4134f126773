"""Facial expressions: data, faces, networks, training and evaluation; the only part that uses haar.

load_fer2013(path)          FER2013 in Kaggle's CSV
load_folder(path)           one sub-folder of pictures a class
generate_faces(n, rng)      drawn faces, when there is no data
EmotionRecognizer           photo in, faces with their expressions out

A name is imported when it is first used: who only wants a network does not wait for pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scratchnet.fer.answers import Answer, Face
    from scratchnet.fer.datasets import DataError, Dataset
    from scratchnet.fer.faces import generate_faces
    from scratchnet.fer.fer2013 import load_fer2013
    from scratchnet.fer.folder import load_folder
    from scratchnet.fer.photos import PhotoError
    from scratchnet.fer.recognizer import EmotionRecognizer

_HOME = {
    "Answer": "answers",
    "DataError": "datasets",
    "Dataset": "datasets",
    "EmotionRecognizer": "recognizer",
    "Face": "answers",
    "PhotoError": "photos",
    "generate_faces": "faces",
    "load_fer2013": "fer2013",
    "load_folder": "folder",
}

__all__ = [
    "Answer",
    "DataError",
    "Dataset",
    "EmotionRecognizer",
    "Face",
    "PhotoError",
    "generate_faces",
    "load_fer2013",
    "load_folder",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found  # from now on a plain attribute
    return found
