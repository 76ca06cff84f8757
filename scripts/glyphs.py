#!/usr/bin/env python3
"""Makes the letters that rnn-plot puts on PNGs: src/bin/rnn-plot/glyphs.png and glyphs.txt.

    pip install pillow && scripts/glyphs.py [FOLDER]

FOLDER holds DejaVuSans.ttf and DejaVuSans-Bold.ttf (Debian: package fonts-dejavu-core, the default).
The results are committed; this runs again only to add a size or a character.

glyphs.png is greyscale with 4 bits a pixel. Each face is a grid of equal cells, 32 to a row, one for each
character of CHARACTERS; faces lie one above the other. glyphs.txt is what a picture cannot say:

    characters ...
    face WEIGHT SIZE CELL_WIDTH CELL_HEIGHT ORIGIN BASELINE
    advance widths, in the order of the characters

A glyph's origin is ORIGIN pixels right of its cell's left edge and BASELINE pixels below the top.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FACES = [("regular", "DejaVuSans.ttf", 20), ("bold", "DejaVuSans-Bold.ttf", 20), ("bold", "DejaVuSans-Bold.ttf", 30)]
COLUMNS = 32
# printable ASCII and Latin-1 less the soft hyphen, and signs; sorted, for the reader searches in halves
CHARACTERS = "".join(
    sorted(
        "".join(map(chr, range(0x20, 0x7F)))
        + "".join(map(chr, range(0xA0, 0x100))).replace("\u00ad", "")
        + "–—‘’“”„…•→−≈≤≥∞□"
    )
)


def grid(font):
    boxes = [font.getbbox(c, anchor="ls") for c in CHARACTERS]
    left, top = -min(b[0] for b in boxes), -min(b[1] for b in boxes)
    width, height = left + max(b[2] for b in boxes), top + max(b[3] for b in boxes)
    rows = -(-len(CHARACTERS) // COLUMNS)
    image = Image.new("L", (COLUMNS * width, rows * height))
    draw = ImageDraw.Draw(image)
    for i, c in enumerate(CHARACTERS):
        x, y = i % COLUMNS * width, i // COLUMNS * height
        draw.text((x + left, y + top), c, font=font, fill=255, anchor="ls")
    return image, (width, height, left, top)


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/fonts/truetype/dejavu")
    target = Path(__file__).parent.parent / "src/bin/rnn-plot"
    lines, images = ["characters " + CHARACTERS], []
    for weight, name, size in FACES:
        font = ImageFont.truetype(folder / name, size, layout_engine=ImageFont.Layout.BASIC)
        image, cell = grid(font)
        images.append(image)
        lines.append(" ".join(map(str, ("face", weight, size, *cell))))
        lines.append(" ".join(str(round(font.getlength(c))) for c in CHARACTERS))
    atlas = Image.new("L", (max(i.width for i in images), sum(i.height for i in images)))
    y = 0
    for image in images:
        atlas.paste(image, (0, y))
        y += image.height
    levels = atlas.point(lambda a: (a + 8) // 17).convert("P")
    levels.putpalette(sum(([17 * i] * 3 for i in range(16)), []))
    levels.save(target / "glyphs.png", optimize=True, bits=4)
    (target / "glyphs.txt").write_text("\n".join(lines) + "\n")


main()
