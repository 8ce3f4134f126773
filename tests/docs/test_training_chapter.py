"""docs/training.md: its numbers, from the code and from the runs kept in docs/data.

`python -m tests.docs.test_training_chapter` writes them into the chapter.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import ceil, log, sqrt
from types import SimpleNamespace

import numpy as np
import pandas as pd

from docs.figures import make_training
from scratchnet.callbacks import EarlyStopping
from scratchnet.fer.content import leaks
from scratchnet.schedules import OneCycle
from tests.docs.arithmetic import columns, result, rounded
from tests.docs.by_hand import block
from tests.docs.chapters import Chapter, ChapterTests

CHAPTER = Chapter("training.md")
SECTIONS = (
    "What it is for", "Three sets", "Split by content", "Batches, steps, epochs",
    "Early stopping by hand", "Over-fitting, on real curves", "What to do against it",
    "Under-fitting", "The learning rate", "The code", "A pitfall", "Exercises", "Sources",
)  # fmt: skip

LOSSES = [1.00, 0.80, 0.70, 0.74, 0.72, 0.65, 0.66, 0.69, 0.71]
SLOW = [0.9, 0.7, 0.69, 0.68, 0.67, 0.71]


# -- three sets -----------------------------------------------------------------------------------


@CHAPTER.computed
def best_of_guessers():
    chances = {k: 1 - Fraction(3, 4) ** k for k in (1, 2, 4, 10)}
    rows = [
        [f"{k} candidate{'s' * (k > 1)}", f"1 − (3/4)^{k}", f"= {chance}" if k < 10 else "",
         f"→ {float(chance):.2f}"]
        for k, chance in chances.items()
    ]  # fmt: skip
    return block(columns(rows))


def right_on_test():
    table = pd.read_csv(make_training.DATA / "fer_seven_test.csv").set_index("faces_of")
    return {name: (int(row["right"]), int(row["faces"])) for name, row in table.iterrows()}


@CHAPTER.computed
def how_exact():
    right, faces = right_on_test()["PublicTest"]
    p = right / faces
    deviation = sqrt(p * (1 - p) / faces)
    shown = f"√({p:.3f}·{1 - p:.3f} / {faces}) → {deviation:.4f}"
    return block(
        [
            f"p = {right} / {faces} → {p:.3f}",
            f"deviation = {shown}",
            f"{p:.1%} ± {2 * deviation:.1%}".replace("%", " %"),
        ]
    )


# -- split by content -----------------------------------------------------------------------------


@CHAPTER.computed
def six_pictures():
    names = "AAABCD"
    pictures = np.array([[[ord(name)]] for name in names], np.uint8)
    counts: Counter[tuple[str, int]] = Counter()
    for held in combinations(range(6), 2):
        learn = [i for i in range(6) if i not in held]
        given_away = int(leaks(pictures[learn], pictures[list(held)]).sum())
        repeated = sum(names[i] == "A" for i in held)
        counts["A A" if repeated == 2 else "A ?" if repeated else "? ?", given_away] += 1
    words = {"A A": "both are A", "A ?": "one is A", "? ?": "none is A"}
    lines = [
        [words[kind], f"{n} splits", f"{given_away} of 2 given away"]
        for (kind, given_away), n in counts.items()
    ]
    total = sum(n * given_away for (_, given_away), n in counts.items())
    terms = " + ".join(f"{n}·{given_away}" for (_, given_away), n in counts.items())
    splits = sum(counts.values())
    return block(
        [*columns(lines), "", f"on average ({terms}) / {splits} = {rounded(total / splits)}"]
    )


@CHAPTER.computed
def leaked():
    table = pd.read_csv(make_training.DATA / "leaks.csv").set_index("split")
    rows = [["held out", "faces", "also on the other side", ""]]
    names = {
        "its own": "PublicTest",
        "random": "a fifth, at random",
        "by content": "a fifth, by content",
    }
    for split, words in names.items():
        held, lost = int(table["held_out"][split]), int(table["leaked"][split])
        rows.append([words, f"{held:,}", str(lost), f"{100 * lost / held:.1f} %"])
    return block(columns(rows))


@CHAPTER.computed
def flattered():
    rows = [["faces", "right", ""]]
    words = {"PublicTest": "all", "PublicTest, not in Training": "not in Training"}
    known = dict(zip(words, right_on_test().values(), strict=True))
    for name, (right, faces) in known.items():
        rows.append([words[name], f"{right} of {faces}", f"{100 * right / faces:.1f} %"])
    (all_right, all_faces), (new_right, new_faces) = known.values()
    right, faces = all_right - new_right, all_faces - new_faces
    rows.append(["in Training, too", f"{right} of {faces}", f"{100 * right / faces:.1f} %"])
    return block(columns(rows))


# -- batches --------------------------------------------------------------------------------------


@CHAPTER.computed
def steps():
    faces, batch, epochs = 100, 32, 20
    whole, rest = divmod(faces, batch)
    assert ceil(faces / batch) == whole + 1
    return block(
        [
            f"{faces} samples in batches of {batch}: {whole}·{batch} + {rest} = {faces}",
            f"{whole} + 1 = {whole + 1} steps an epoch, the last one with {rest} samples",
            f"{epochs} epochs: {epochs}·{whole + 1} = {epochs * (whole + 1)} steps",
        ]
    )


# -- early stopping -------------------------------------------------------------------------------


@dataclass
class Run:
    """What a callback sees of a training: enough for EarlyStopping."""

    epoch: int = 0
    stop: bool = False
    restored: dict = field(default_factory=dict)

    @property
    def model(self):
        return SimpleNamespace(state=lambda: {"epoch": self.epoch}, set_state=self.restored.update)


def follow(losses, patience, min_delta=0.0):
    """What EarlyStopping thinks after each epoch, and the epoch whose weights come back."""
    callback, run, seen = EarlyStopping(patience, min_delta=min_delta), Run(), []
    callback.on_train_begin(run)
    for epoch, loss in enumerate(losses, 1):
        run.epoch = epoch
        callback.on_epoch_end(run, {"epoch": epoch, "val_loss": loss})
        seen.append((epoch, loss, callback.best, callback.wait))
        if run.stop:
            break
    callback.on_train_end(run)
    assert run.restored["epoch"] == callback.best_epoch
    return seen, callback.best_epoch, run.stop


@CHAPTER.computed
def patience():
    rows = [["epoch", *map(str, range(1, 10))], ["loss", *(f"{loss:.2f}" for loss in LOSSES)]]
    ends = []
    for patience in (2, 3):
        seen, best, stopped = follow(LOSSES, patience)
        assert stopped
        waits = [str(wait) for *_, wait in seen] + [""] * (len(LOSSES) - len(seen))
        rows.append([f"waited, patience {patience}", *waits])
        ends.append(
            f"patience {patience}: stops after epoch {len(seen)}, back to epoch {best} "
            f"with {LOSSES[best - 1]:.2f}"
        )
    assert ends[0].startswith("patience 2: stops after epoch 5, back to epoch 3")  # on paper
    assert ends[1].startswith("patience 3: stops after epoch 9, back to epoch 6")
    return block([*columns(rows), "", *ends])


@CHAPTER.computed
def slow_gain():
    seen, best, stopped = follow(SLOW, 2, 0.05)
    assert (len(seen), best, stopped) == (4, 2, True)
    return (
        "0.69 is only 0.01 below 0.7, and 0.68 only 0.02: neither counts. So training stops after\n"
        f"epoch {len(seen)}, and the weights of epoch {best} come back, though epoch 4 was a bit\n"
        "better. Slow progress looks like none."
    )


# -- curves ---------------------------------------------------------------------------------------


def percent(value):
    return f"{100 * value:.1f} %"


@CHAPTER.computed
def both_runs():
    rows = [["", "epoch", "loss", "val_loss", "accuracy", "val_accuracy"]]
    for name, words in (("bare", "nothing against it"), ("usual", "the usual recipe")):
        history = make_training.histories()[name]
        best = int(history["val_loss"].idxmin())
        for row in sorted({best, len(history) - 1}):
            values = history.iloc[row]
            rows.append(
                [words, str(int(values["epoch"])), *(f"{values[c]:.2f}" for c in rows[0][2:4]),
                 *(percent(values[c]) for c in rows[0][4:])]
            )  # fmt: skip
            words = ""
    return block(columns(rows))


@CHAPTER.computed
def guessing():
    return f"ln 6 → {log(6):.2f}"


@CHAPTER.computed
def coin():
    return f"ln 2 → {log(2):.2f}"


@CHAPTER.computed
def would_have_stopped():
    history = make_training.histories()["bare"]
    losses = history["val_loss"].tolist()
    lines = []
    for patience in (1, 2, 3, 5):
        seen, best, stopped = follow(losses, patience)
        assert stopped
        lines.append(
            [f"patience {patience}", f"stops after epoch {len(seen)}", f"back to epoch {best}"]
        )
    return block(columns(lines))


@CHAPTER.computed
def seven_gap():
    history = make_training.histories()["seven"].set_index("epoch")
    rows = [["epoch", "accuracy", "val_accuracy", "gap"]]
    for epoch in (1, 5, 10, 15, 20):
        mine, theirs = history.loc[epoch, "accuracy"], history.loc[epoch, "val_accuracy"]
        gap = f"{100 * (mine - theirs):+.1f}".replace("-", "−")
        rows.append([str(epoch), percent(mine), percent(theirs), gap])
    return block(columns(rows))


def test_the_curves_are_as_the_page_says():
    runs = make_training.histories()
    bare, usual, seven = runs["bare"], runs["usual"], runs["seven"]
    last = bare.iloc[-1]
    assert last["accuracy"] > 0.9 and last["val_accuracy"] < 0.5
    assert last["val_loss"] > log(6) > bare["val_loss"].min()
    assert bare["val_accuracy"].max() - last["val_accuracy"] < 0.04
    end = usual.iloc[-1]
    assert (
        0 < end["accuracy"] - end["val_accuracy"] < 0.25 * (last["accuracy"] - last["val_accuracy"])
    )
    assert end["val_accuracy"] > bare["val_accuracy"].max() + 0.05
    better = seven["val_accuracy"] > seven["accuracy"]
    assert better[:10].all() and not better[14:].any()


def test_the_runs_differ_in_the_remedies_alone():
    bare, usual = make_training.BARE, make_training.USUAL
    different = {n for n in vars(bare) if getattr(bare, n) != getattr(usual, n)}
    assert different == {"schedule", "weight_decay", "augment", "label_smoothing", "average"}
    assert usual.schedule == "one-cycle" and OneCycle(usual.max_rate, 10)(3) > 0


# -- the learning rate ----------------------------------------------------------------------------


@CHAPTER.computed
def valley():
    lines = []
    for rate in (0.05, 0.25, 0.4, 0.5, 0.6):
        factor = 1 - 4 * rate
        path = [rounded(factor**step) for step in range(5)]
        name = f"lr = {rate}"
        lines.append([name, result("factor", f"1 − {rate}·4", factor), "w: " + "  ".join(path)])
    return block(columns(lines))


# -- exercises ------------------------------------------------------------------------------------


@CHAPTER.computed
def count_steps():
    whole, rest = divmod(1000, 64)
    assert ceil(1000 / 64) == whole + 1 == 16
    return (
        f"{whole}·64 + {rest} = 1000, so {whole + 1} steps an epoch, the last one with {rest}"
        f" faces;\nin ten epochs 10·{whole + 1} = {10 * (whole + 1)}, which a schedule gets."
    )


@CHAPTER.computed
def how_many():
    needed = {points: ceil(0.25 / (points / 2) ** 2 - 1e-6) for points in (0.01, 0.005)}
    assert needed[0.005] == 4 * needed[0.01]
    return (
        f"2 √(0.25 / n) = 0.01 for n = {needed[0.01]:,}; half of it takes four times as many, "
        f"{needed[0.005]:,}."
    )


@CHAPTER.computed
def one_of_six():
    pictures = np.array([[[ord(name)]] for name in "AAABCD"], np.uint8)
    lost = [leaks(np.delete(pictures, i, 0), pictures[[i]])[0] for i in range(6)]
    assert sum(lost) == 3
    return (
        "It is given away if it is one of the three: 3 / 6 = 0.5. Only one *different* picture in\n"
        "four is repeated, but it stands for half of the faces."
    )


# -- tests ----------------------------------------------------------------------------------------


class TestChapter(ChapterTests):
    chapter = CHAPTER

    def test_sections_follow_the_template(self) -> None:
        assert not (found := self.chapter.missing_sections(SECTIONS)), found


if __name__ == "__main__":
    CHAPTER.rewrite()
