"""All parameters in two flat buffers, those that weight decay shrinks and those that it leaves out.

All gradients lie in two more. A layer's `params` and `grads` are views of them; an optimiser sees
two long vectors whatever the network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scratchnet.layers.base import Layer
from scratchnet.optimizers import Parameter


def flatten_parameters(named_layers: Sequence[tuple[str, Layer]]) -> list[Parameter]:
    """Move the parameters of plain layers into flat buffers; the layers keep views of them."""
    flat = []
    for decays, name in ((True, "weights"), (False, "biases_and_norms")):
        members = [
            (layer, key)
            for _, layer in named_layers
            for key in layer.params
            if (key in layer.decayed) is decays
        ]
        if not members:
            continue
        sizes = [layer.params[key].size for layer, key in members]
        dtype = members[0][0].params[members[0][1]].dtype
        value, grad = np.empty(sum(sizes), dtype), np.zeros(sum(sizes), dtype)
        start = 0
        for (layer, key), size in zip(members, sizes, strict=True):
            shape = layer.params[key].shape
            value[start : start + size] = layer.params[key].reshape(-1)
            layer.params[key] = value[start : start + size].reshape(shape)
            layer.grads[key] = grad[start : start + size].reshape(shape)
            start += size
        flat.append(Parameter(name, value, grad, decays))
    return flat
