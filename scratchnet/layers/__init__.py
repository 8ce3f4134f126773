"""The layers: one file each, with its equations, its forward and its backward."""

from scratchnet.layers.avg_pool import AvgPool2D
from scratchnet.layers.base import LAYERS, Layer, layer_from_spec, layer_spec, leaves
from scratchnet.layers.batch_norm import BatchNorm
from scratchnet.layers.conv2d import Conv2D
from scratchnet.layers.dense import Dense
from scratchnet.layers.dropout import Dropout
from scratchnet.layers.flatten import Flatten
from scratchnet.layers.global_avg_pool import GlobalAvgPool2D
from scratchnet.layers.max_pool import MaxPool2D
from scratchnet.layers.relu import ReLU
from scratchnet.layers.residual import Residual
from scratchnet.layers.sigmoid import Sigmoid
from scratchnet.layers.softmax import Softmax
from scratchnet.layers.tanh import Tanh
from scratchnet.layers.zero_padding import ZeroPadding2D

__all__ = [
    "Layer",
    "LAYERS",
    "Conv2D",
    "ZeroPadding2D",
    "MaxPool2D",
    "AvgPool2D",
    "GlobalAvgPool2D",
    "Dense",
    "Flatten",
    "ReLU",
    "Sigmoid",
    "Tanh",
    "Softmax",
    "Dropout",
    "BatchNorm",
    "Residual",
    "layer_from_spec",
    "layer_spec",
    "leaves",
]
