"""```mermaid to SVG, while the site is built: Mermaid itself, run in a small engine (mermaidx)."""

from __future__ import annotations

import re


def svg(source: str, name: str) -> str:
    """A diagram as an SVG element whose ids and styles are its own, by `name`."""
    from mermaidx import render  # seconds: only pages with a diagram pay for it

    drawn = str(render(source, theme="neutral").svg()).replace("my-svg", name)
    drawn = re.sub(
        r'style="max-width: ([\d.]+px)', r'style="--width: \1; max-width: \1', drawn, count=1
    )
    return f'<figure class="diagram">{drawn}</figure>'
