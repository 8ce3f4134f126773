"""The model card: what packed networks learned from, how right they are, what they are not for.

`model_card(card, name)` writes the entries of a card as Markdown. A card is a dict of plain values:

    networks      for each network whose answers are averaged, one or several:
                  network, parameters, macs              what it is
                  command, recipe, epochs, best_epoch, minutes, validation_accuracy
                                                         how it was trained
                  weights_sha256, temperature, accuracy  its weights; how it does alone
    data          file, fer_plus, sha256_of_pixels_and_labels, faces, learned_from, held_out
    recipe        of the first network: `evaluate` finds by it which faces were held out
    results       for each part of the data, what `report.summarize` says of the mean, and
                  calibration_error_unscaled, which is that of the temperature 1
    flip, temperature, temperatures_of_fewer, eyes
                  how it is asked, which the recogniser does: `scratchnet.fer.pretrained`
    answers_changed_by_float16
                  of the held-out faces

Source of the form: Mitchell et al., "Model cards for model reporting", 2019.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

CARD = "card.md"

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

LIMITS = """\
- **Upright faces that look here**, framed as FER2013's are: a crop of another framing, a profile or
  a covered mouth is answered, and answered less well.
- **24 pixels at least.** Smaller, blurred and cut-off faces are marked by the recogniser's status:
  about ten more of a hundred answers are wrong on them.
- **One picture, one moment.** It knows no sequence, no context and no person; a resting face may
  look sad or angry to it.
- **A probability is a share of labels.** "Happy 80 %" means that of such faces four in five bore
  that label in the data, and says nothing of faces from elsewhere.
"""

SECTIONS = ("What it is", "Data", "How well it does", "Limits", "What it is for, and not for")


def model_card(card: Mapping[str, Any], name: str) -> str:
    """A card as Markdown."""
    bodies = (_what(card), _data(card), _results(card), LIMITS, USE)
    parts = [f"## {title}\n\n{body}" for title, body in zip(SECTIONS, bodies, strict=True)]
    return f"# {name}\n\n" + "\n".join(parts)


def _paragraph(text: str) -> str:
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False) + "\n"


# -- what it is -----------------------------------------------------------------------------------


def _what(card: Mapping[str, Any]) -> str:
    networks = card["networks"]
    first = networks[0]
    several = fewer = rounded = ""
    if len(networks) > 1:
        several = f"The mean of {len(networks)} networks, each "
        fewer = " `EmotionRecognizer.pretrained(networks=1)` asks only the first."
    if "answers_changed_by_float16" in card:
        rounded = (
            f" The weights are kept in half precision, which changes the answers to "
            f"{card['answers_changed_by_float16']:,} of the {card['data']['held_out']:,} held-out "
            "faces."
        )
    flip = "the mean over the face and its mirror image" if card["flip"] else "one look at the face"
    eyes = ""
    if "eyes" in card:
        eyes = f" Faces are turned upright first, by the eyes that `{card['eyes']}` finds."
    text = (
        f"{several}`{first['network']}` of `scratchnet.fer.networks`, {first['parameters']:,} "
        f"parameters, {first['macs'] / 1e6:.0f} million multiply-accumulates a pass. It answers by "
        f"{flip}; scores are divided by {card['temperature']:.3f}, the temperature that fits this "
        f"answer best on the held-out faces.{eyes}{fewer}{rounded}"
    )
    told = (_network(network, several=len(networks) > 1) for network in networks)
    return "\n".join([_paragraph(text), *told])


def _network(network: Mapping[str, Any], *, several: bool) -> str:
    shares = ", ".join(f"{part} {share:.1%}" for part, share in network["accuracy"].items())
    alone = f" Right alone: {shares}." if several else ""
    text = (
        f"{network['epochs']} epochs in {network['minutes']:.0f} minutes on two cores, of which "
        f"number {network['best_epoch']} was kept, the best on the held-out faces "
        f"({network['validation_accuracy']:.1%}); `history.csv` is the log.{alone} "
        f"SHA-256 of its weights: `{network['weights_sha256']}`."
    )
    return f"    {network['command']}\n\n{_paragraph(text)}"


# -- data -----------------------------------------------------------------------------------------


def _data(card: Mapping[str, Any]) -> str:
    data, votes = card["data"], card["recipe"]["votes"]
    counts = ", ".join(f"{count:,} {usage}" for usage, count in data["faces"].items())
    voted = ""
    if votes:
        voted = (
            f" The votes of FER+ (`{data['fer_plus']}`, Barsoum et al., 2016) decide {votes:.0%} "
            "of each target, and pictures that they take for no faces were left out; the biases of "
            "the last layer were fitted to the labels of the held-out faces in the end "
            "(`scratchnet.fer.label_shift`), which costs agreement with FER+."
        )
    about = f"{DATA}\n" if {"PublicTest", "PrivateTest"} & set(data["faces"]) else ""
    text = (
        f"`{data['file'] or 'generated faces'}`: {counts}; SHA-256 of pixels and labels "
        f"`{data['sha256_of_pixels_and_labels']}`. Trained on {data['learned_from']:,} faces; "
        f"{data['held_out']:,} others of Training were held out by content, to choose the epoch "
        f"and the temperature.{voted}"
    )
    return about + _paragraph(text)


# -- how well it does -----------------------------------------------------------------------------


def _results(card: Mapping[str, Any]) -> str:
    return "\n".join(_result(part, result) for part, result in card["results"].items())


def _result(part: str, result: Mapping[str, Any]) -> str:
    low, high = result["accuracy_interval"]
    sentences = [
        f"**{part}**, {result['images']:,} faces that took no part in training or choosing: "
        f"**{result['accuracy']:.1%}** right (95 % interval {low:.1%} to {high:.1%}), "
        f"macro-F1 {result['macro_f1']:.3f}, balanced accuracy "
        f"{result['balanced_accuracy']:.1%}.",
    ]
    if "without_leaked" in result:
        clean = result["without_leaked"]
        sentences.append(
            f"Without the {result['leaked_images']} that are also in Training: "
            f"{clean['accuracy']:.1%}."
        )
    if "expected_calibration_error" in result:
        before = result["calibration_error_unscaled"]
        sentences.append(
            f"Expected calibration error {result['expected_calibration_error']:.1%} ({before:.1%} "
            f"without the temperature), negative log-likelihood "
            f"{result['negative_log_likelihood']:.3f}."
        )
    if result["most_confused"]:
        sentences.append(f"Most often confused: {', '.join(_confused(result))}.")
    lines = [_paragraph(" ".join(sentences)), "| class | precision | recall | F1 | faces |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for name, score in result["classes"].items():
        ratios = " | ".join(f"{score[key]:.2f}" for key in ("precision", "recall", "f1"))
        lines.append(f"| {name} | {ratios} | {score['support']} |")
    return "\n".join(lines) + "\n"


def _confused(result: Mapping[str, Any]) -> Iterator[str]:
    for pair in result["most_confused"][:3]:
        yield f"{pair['true']} taken for {pair['predicted']} ({pair['share']:.0%})"
