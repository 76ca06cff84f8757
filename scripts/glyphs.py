#!/usr/bin/env python3
"""Generates the glyphs that rnn-plot draws on PNGs: src/bin/rnn-plot/canvas/glyphs.txt.

    pip install fonttools && scripts/glyphs.py [FOLDER]

FOLDER holds DejaVuSans.ttf and DejaVuSans-Bold.ttf (Debian: package fonts-dejavu-core, the default).
The result is committed; run this again only to add a character.

Each face begins with a line `face WEIGHT`; each of its other lines is a glyph:

    CODE_POINT ADVANCE CONTOUR / CONTOUR ...

The code point is hexadecimal, lengths are in 1/1024 of the font size, and y grows upwards. A contour is a closed
TrueType curve: points `X,Y`, each relative to the previous one (the first point of a glyph is relative to its origin),
where `~X,Y` is the control point of a quadratic curve. Between two control points, the curve passes through their
midpoint. A contour begins with a point on the curve.
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTFont

FACES = [("regular", "DejaVuSans.ttf"), ("bold", "DejaVuSans-Bold.ttf")]
UNITS = 1024
# Latin, Greek, Cyrillic, punctuation and mathematical symbols
CHARACTERS = [
    *range(0x20, 0x7F),
    *(c for c in range(0xA0, 0x180) if c != 0xAD),
    *range(0x386, 0x3CF),
    *range(0x400, 0x460),
    *map(ord, "⁰⁴⁵⁶⁷⁸⁹⁻–—―‘’‚“”„†‡•…‰′″‹›€←↑→↓↵∈−∓∘√∝∞∑≈≠≡≤≥⊕⊙⋅□�"),
]


def glyph(font, code):
    name = font.getBestCmap()[code]
    coordinates, ends, flags = font["glyf"][name].getCoordinates(font["glyf"])
    scale = UNITS / font["head"].unitsPerEm
    contours, x, y, start = [], 0, 0, 0
    for end in ends:
        points = []
        curve = list(zip(coordinates[start : end + 1], flags[start : end + 1]))
        first = next(i for i, (_, flag) in enumerate(curve) if flag & 1)
        for (px, py), flag in curve[first:] + curve[:first]:
            px, py = round(px * scale), round(py * scale)
            points.append(f"{'' if flag & 1 else '~'}{px - x},{py - y}")
            x, y = px, py
        contours.append(" ".join(points))
        start = end + 1
    return f"{code:x} {round(font['hmtx'][name][0] * scale)} {' / '.join(contours)}".rstrip()


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/fonts/truetype/dejavu")
    lines = []
    for weight, name in FACES:
        font = TTFont(folder / name)
        lines.append(f"face {weight}")
        lines += [glyph(font, code) for code in sorted(CHARACTERS) if code in font.getBestCmap()]
    target = Path(__file__).parent.parent / "src/bin/rnn-plot/canvas/glyphs.txt"
    target.write_text("\n".join(lines) + "\n")


main()
