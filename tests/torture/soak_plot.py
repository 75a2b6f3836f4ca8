"""Draws measurements over time as an SVG of small panels, one a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, PANEL, LEFT, GAP = 900, 120, 210, 26


def plot(title: str, minutes: Sequence[float], series: dict[str, Sequence[float]]) -> str:
    """Return the text of an SVG file.

    Args:
        minutes: When each measurement was taken.
        series: The values by the name and unit of what was measured.
    """
    height = 60 + len(series) * (PANEL + GAP)
    box = f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="16" font-weight="bold">{escape(title)}</text>',
    ]
    for place, (name, values) in enumerate(series.items()):
        parts += _panel(48 + place * (PANEL + GAP), name, minutes, values)
    last = f"{minutes[-1]:.1f} minutes" if minutes else ""
    parts.append(f'<text x="{WIDTH - 16}" y="{height - 8}" text-anchor="end" fill="#555555">{last}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(top: int, name: str, minutes: Sequence[float], values: Sequence[float]) -> list[str]:
    """Draw one quantity from zero to its largest value."""
    most = max([*values, 1e-9])
    last = max([*minutes, 1e-9])
    right = WIDTH - LEFT - 16
    spots = " ".join(
        f"{LEFT + right * at / last:.1f},{top + PANEL - PANEL * value / (1.15 * most):.1f}"
        for at, value in zip(minutes, values, strict=True)
    )
    words = (
        (20, "#000000", name),
        (42, "#555555", f"most {most:g}"),
        (62, "#555555", f"last {values[-1]:g}" if values else ""),
    )
    return [
        f'<rect x="{LEFT}" y="{top}" width="{right}" height="{PANEL}" fill="#f4f6f8"/>',
        f'<polyline points="{spots}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>',
        *(f'<text x="16" y="{top + y}" fill="{color}">{escape(text)}</text>' for y, color, text in words),
    ]
