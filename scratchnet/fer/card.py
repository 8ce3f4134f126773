"""The model card: what a packed network was trained on, how well it does, and what it is not for.

`model_card(card, name)` writes the entries of a card as Markdown. A card is a dict of plain values:

    network, parameters, macs         what it is
    members                           networks that are averaged, 1 for a single one
    command, epochs, minutes          how it was trained
    faces, held_out, votes            on how many faces; the share of FER+'s votes in the targets
    flip, temperature                 how it is asked (the recogniser does the same)
    results                           for each part of the data, what `report.summarize` says

Source of the form: Mitchell et al., "Model cards for model reporting", 2019.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DATA = """\
[FER2013](https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge)
(Goodfellow et al., 2013): faces of 48 × 48 grey pixels that an image search found for words of
emotion. The pictures come from the web under terms of their own, are not part of this package, and
cannot be recovered from the weights. Known faults:

- **Labels are noisy.** One label a face; people reach about 65 % on them, and the ten annotators of
  FER+ often disagree with it and with one another.
- **Duplicates.** Faces occur more than once, some with different labels, and some of PublicTest's
  are also in Training. All results are therefore given without those, too.
- **Classes are unequal**: a quarter of the faces is happy, 1.5 % show disgust.
- **No portrait of mankind.** Posed, watermarked and cropped by machine; ages, skin colours and
  cultures as an English image search of 2013 returned them. Nobody has measured this network by
  group; expect it to be less right for people who are rare in such pictures.
"""

USE = """\
It predicts **the label that annotators would give to a picture, not what a person feels.** Faces do
not show emotions reliably (Barrett et al., "Emotional expressions reconsidered", 2019).

For study, for demonstrations, and to sort pictures where a mistake harms nobody. Not for decisions
about people: not for hiring, teaching, policing, insurance, medicine, lie detection or advertising,
and not for watching anyone who has not agreed to it. In the European Union, placing on the market
or using AI systems to infer emotions at work and in schools is prohibited (Regulation (EU)
2024/1689, the AI Act, article 5(1)(f)), but for medical and safety reasons.
"""

SECTIONS = ("What it is", "Data", "How well it does", "What it is for, and not for")


def model_card(card: Mapping[str, Any], name: str) -> str:
    """A card as Markdown."""
    bodies = (_what(card), DATA, _results(card), USE)
    parts = [f"## {title}\n\n{body}" for title, body in zip(SECTIONS, bodies, strict=True)]
    return f"# {name}\n\n" + "\n".join(parts)


def _what(card: Mapping[str, Any]) -> str:
    several = "" if card["members"] == 1 else f"The mean of {card['members']} networks, each:\n"
    votes = f", whose labels FER+'s votes correct by {card['votes']:.0%}" if card["votes"] else ""
    flip = "the mean over the face and its mirror image" if card["flip"] else "one look at the face"
    return (
        f"{several}`{card['network']}` of `scratchnet.fer.networks`, "
        f"{card['parameters']:,} parameters, {card['macs'] / 1e6:.0f} million "
        f"multiply-accumulates a face. Trained on {card['faces']:,} faces{votes}, chosen on "
        f"{card['held_out']:,} others that were held out of the training part, by content. "
        f"It answers by {flip}, and its scores are divided by {card['temperature']:.3f}, "
        "a temperature fitted on the held-out faces.\n\n"
        f"    {card['command']}\n\n"
        f"{card['epochs']} epochs in {card['minutes']:.0f} minutes on two cores; "
        "`history.csv` is the log.\n"
    )


def _results(card: Mapping[str, Any]) -> str:
    return "\n".join(_result(part, result) for part, result in card["results"].items())


def _result(part: str, result: Mapping[str, Any]) -> str:
    low, high = result["accuracy_interval"]
    lines = [
        f"**{part}**, {result['images']:,} faces that took no part in training or choosing: "
        f"**{result['accuracy']:.1%}** right (95 % interval {low:.1%} to {high:.1%}), "
        f"macro-F1 {result['macro_f1']:.3f}, balanced accuracy "
        f"{result['balanced_accuracy']:.1%}.",
    ]
    if "without_leaked" in result:
        clean = result["without_leaked"]
        lines.append(
            f"Without the {result['leaked_images']} that are also in Training: "
            f"{clean['accuracy']:.1%}."
        )
    if "expected_calibration_error" in result:
        lines.append(
            f"Expected calibration error {result['expected_calibration_error']:.1%}, negative "
            f"log-likelihood {result['negative_log_likelihood']:.3f}."
        )
    lines += ["", "| class | precision | recall | F1 | faces |", "| --- | --- | --- | --- | --- |"]
    for name, score in result["classes"].items():
        ratios = " | ".join(f"{score[key]:.2f}" for key in ("precision", "recall", "f1"))
        lines.append(f"| {name} | {ratios} | {score['support']} |")
    return "\n".join(lines) + "\n"
