"""scratchnet info: what a model is, and what its card says of it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from scratchnet.fer.card import CARD
from scratchnet.fer.pack import is_packed
from scratchnet.fer.pretrained import load_networks, pretrained_folder, read_card


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="a model folder; default: the one in the box"
    )
    parser.add_argument("--layers", action="store_true", help="the layers, one a line, too")


def run(options: argparse.Namespace) -> int:
    folder = pretrained_folder() if options.model is None else options.model
    models = load_networks(folder)
    model = models[0]
    size = sum(file.stat().st_size for file in folder.rglob("*.npz")) / 1e6
    checksum = ", SHA-256 as it was packed" if is_packed(folder) else ""
    print(f"model          {folder}")
    if len(models) > 1:
        print(f"networks       {len(models)}, whose mean is the answer; each of them:")
    print(f"classes        {', '.join(model.class_names or ['not named'])}")
    print(f"input          {' × '.join(map(str, model.input_shape or ()))}")
    print(f"pre-processing {json.dumps(model.preprocessing)}")
    print(f"parameters     {model.parameter_count():,}")
    print(f"arithmetic     {model.macs() / 1e6:.1f} million multiply-accumulates a pass")
    print(f"on disk        {size:.1f} MB{checksum}")
    if options.layers:
        print(f"\n{model.summary()}")
    if (folder / CARD).is_file():
        print(f"\n{(folder / CARD).read_text(encoding='utf-8').rstrip()}")
    elif card := read_card(folder):
        print(f"\ncard {json.dumps(card, indent=2)}")
    return 0
