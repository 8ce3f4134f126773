"""How much of each emotion, as a small picture: a pane of bars, or where it is narrow, a strip.

    pane    Angry    ▏      0 %          strip    Happy 83 %     as wide as the face's box
            Happy    ████  83 %                    █
            Neutral  ▌     15 %                  ▁ █ ▂

Both are dark and let the photo shine through; an emotion's colour is that of all figures
(`scratchnet.visualize.palette`). If something is wrong with the face, a last line says what.
"""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageDraw, ImageFont

from scratchnet.fer.answers import Face
from scratchnet.visualize.palette import class_colors

INK, FAINT, TROUGH, SHADE = "#FFFFFF", "#C9C9C9", "#4A4A4A", (18, 18, 18)
OPACITY = 0.8


def colors_of(face: Face) -> list[str]:
    """A colour for each emotion."""
    return class_colors(list(face.probabilities))


def color_of(face: Face) -> str:
    """The colour of the face's label."""
    return colors_of(face)[list(face.probabilities).index(face.label)]


class Pane:
    """A line for each emotion: its name, its bar, its percentage.

    Args:
        text: the height of the letters in pixels.

    Attributes:
        width, height: in pixels.
    """

    def __init__(self, face: Face, text: int) -> None:
        self.face = face
        self.font: Any = ImageFont.load_default(text)
        self.pad, self.line = max(3, text // 3), round(1.22 * text)
        self.names = round(max(self.font.getlength(name) for name in face.probabilities))
        self.bars, numbers = 4 * text, round(self.font.getlength("100%"))
        self.note = "" if face.status == "ok" else face.status.replace("_", " ")
        lines = len(face.probabilities) + bool(self.note)
        self.width = self.names + self.bars + numbers + 5 * self.pad
        self.height = self.line * lines + 2 * self.pad

    def draw(self, picture: Image.Image, x: int, y: int) -> None:
        """Onto a picture in RGB, its upper left corner at (x, y)."""
        shade(picture, x, y, self.width, self.height)
        draw = ImageDraw.Draw(picture)
        right, bottom = x + self.width, y + self.height
        draw.rectangle((x, y, x + self.pad // 2, bottom - 1), fill=color_of(self.face))
        left = x + 3 * self.pad + self.names  # where the bars begin
        half = max(2, round(0.28 * self.line))
        middle = y + self.pad + self.line / 2
        colors = colors_of(self.face)
        for (name, p), color in zip(self.face.probabilities.items(), colors, strict=True):
            ink = INK if name == self.face.label else FAINT
            draw.text((left - self.pad, middle), name, ink, self.font, anchor="rm")
            draw.rectangle((left, middle - half, left + self.bars, middle + half), fill=TROUGH)
            if p * self.bars >= 0.5:
                draw.rectangle(
                    (left, middle - half, left + p * self.bars, middle + half), fill=color
                )
            draw.text((right - self.pad, middle), f"{p:.0%}", ink, self.font, anchor="rm")
            middle += self.line
        draw.text((x + 2 * self.pad, middle), self.note, INK, self.font, anchor="lm")


class Strip:
    """The label in one line, and below it a column for each emotion.

    Args:
        width: that of the face's box; it may become wider, for the text.
        text: the height of the letters.
    """

    def __init__(self, face: Face, width: int, text: int) -> None:
        self.face = face
        self.font: Any = ImageFont.load_default(text)
        label, p = next(iter(face.mixture.items()))
        self.title = f"{label} {p:.0%}"
        self.pad, self.line = max(2, text // 4), round(1.22 * text)
        self.width = max(width, round(self.font.getlength(self.title)) + 2 * self.pad)
        self.columns = 2 * self.line
        self.note = "" if face.status == "ok" else face.status.replace("_", " ")
        self.height = (1 + bool(self.note)) * self.line + self.columns + 3 * self.pad

    def draw(self, picture: Image.Image, x: int, y: int) -> None:
        """Onto a picture in RGB, its upper left corner at (x, y)."""
        shade(picture, x, y, self.width, self.height)
        draw = ImageDraw.Draw(picture)
        middle = x + self.width / 2
        draw.text((middle, y + self.pad + self.line / 2), self.title, INK, self.font, anchor="mm")
        foot = y + 2 * self.pad + self.line + self.columns
        step = (self.width - 2 * self.pad) / len(self.face.probabilities)
        colors = colors_of(self.face)
        for k, (p, color) in enumerate(zip(self.face.probabilities.values(), colors, strict=True)):
            left, right = x + self.pad + k * step + 1, x + self.pad + (k + 1) * step - 1
            draw.rectangle((left, foot - self.columns, right, foot), fill=TROUGH)
            draw.rectangle((left, foot - max(1, p * self.columns), right, foot), fill=color)
        draw.text((middle, foot + self.line / 2), self.note, INK, self.font, anchor="mm")


def shade(picture: Image.Image, x: int, y: int, width: int, height: int) -> None:
    """Darken a part of a picture."""
    behind = picture.crop((x, y, x + width, y + height))
    dark = Image.new("RGB", behind.size, SHADE)
    picture.paste(Image.blend(behind, dark, OPACITY), (x, y))
