"""Draw the sample receipts of ``sandbox/samples/receipts``.

Scans of other people's receipts cannot be given away, and clean renderings would not show
whether the reader copes with a photo: uneven light, a slanted view, creases, noise, a stain.
The same seed draws the same picture.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sandbox.samples import RECEIPTS
from sandbox.samples.sample_receipts import COLUMNS, PHOTOS, Photo, Point, Stain

PHOTO_SIZE = (1200, 1600)
# Cell of Pillow's built-in bitmap font, which looks like a receipt printer's, and how many
# pixels of the paper a dot of it takes.
CELL = (6, 11)
SCALE = 4
TALL = 1.15
LINE_HEIGHT = 58
NAME_SIZE = 58
NAME_HEIGHT = 96
MARGIN = 40
JPEG_QUALITY = 60

Pixels = NDArray[np.float32]


def draw(photo: Photo) -> Image.Image:
    """Draw one photo; the same photo always has the same pixels."""
    random = np.random.default_rng(photo.seed)
    paper = _paper(_print(photo.text), photo, random)
    return _photograph(paper, photo, random)


def _print(text: str) -> Pixels:
    """Return the ink of the text, between 0 and 1, in the size of the paper."""
    name, *lines = text.split("\n")
    width = CELL[0] * (COLUMNS + 1) * SCALE
    printed = Image.new("L", (width, NAME_HEIGHT + LINE_HEIGHT * len(lines)), 0)
    ImageDraw.Draw(printed).text(
        (width // 2, NAME_HEIGHT // 2),
        name.strip(),
        font=ImageFont.load_default(NAME_SIZE),
        fill=255,
        anchor="mm",
        stroke_width=1,
    )
    for number, line_text in enumerate(lines):
        printed.paste(_print_line(line_text), (0, NAME_HEIGHT + number * LINE_HEIGHT))
    # Heat spreads between the dots, so that edges are round and soft.
    blurred = _as_pixels(printed.filter(ImageFilter.GaussianBlur(SCALE * 0.32)))
    return np.pad(np.clip((blurred - 0.45) / 0.35, 0, 1), MARGIN)


def _print_line(text: str) -> Image.Image:
    width, height = CELL[0] * (COLUMNS + 1), CELL[1]
    dots = Image.new("L", (width, height), 0)
    # A space first: some glyphs begin left of their cell.
    ImageDraw.Draw(dots).text((0, 0), f" {text}", font=ImageFont.load_default_imagefont(), fill=255)
    return dots.resize((width * SCALE, round(height * SCALE * TALL)), Image.Resampling.BICUBIC)


def _paper(ink: Pixels, photo: Photo, random: np.random.Generator) -> Image.Image:
    """Return the paper with print, creases, wear and stain, cut off in teeth: RGBA."""
    height, width = ink.shape
    # The head of a thermal printer does not heat evenly over the paper's width and length.
    strength = photo.ink * (0.8 + 0.2 * _clouds(height, width, 60, random))
    ink = ink * strength
    tone = 0.95 - 0.025 * _clouds(height, width, 12, random) - _creases(height, width, random)
    colour = np.stack([tone, tone * 0.99, tone * 0.95], axis=-1)
    if photo.stain:
        amount = _stain(photo.stain, height, width, random)
        ink = ink * (1 - np.clip(amount * 1.6, 0, 1))
        colour *= 1 - amount[..., None] * np.array([0.22, 0.38, 0.55], np.float32)
    colour *= 1 - ink[..., None] * np.array([0.82, 0.82, 0.78], np.float32)
    paper = _as_image(colour).convert("RGBA")
    paper.putalpha(_teeth(width, height))
    return paper


def _creases(height: int, width: int, random: np.random.Generator) -> Pixels:
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    shade = np.zeros((height, width), np.float32)
    for _ in range(3):
        distance = rows - random.uniform(0.1, 0.9) * height - random.uniform(-0.06, 0.06) * columns
        # One side of a fold lies in shadow, the other catches the light.
        shade += 0.05 * np.sign(distance) * np.exp(-np.abs(distance) / random.uniform(8, 25))
    return shade


def _stain(stain: Stain, height: int, width: int, random: np.random.Generator) -> Pixels:
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) / width
    wobble = 0.05 * (_clouds(height, width, 90, random) - 0.5)
    distance = np.hypot(columns - stain.centre[0], rows - stain.centre[1]) + wobble
    inside = 1 / (1 + np.exp(np.minimum((distance - stain.radius) * 120, 80)))
    # Coffee dries darkest at its rim.
    rim = np.exp(-(((distance - stain.radius) * 60) ** 2))
    amount: Pixels = np.clip(0.72 * inside + 0.5 * rim, 0, 1)
    return amount


def _teeth(width: int, height: int) -> Image.Image:
    """Return the paper's outline: the cutter leaves teeth at top and bottom."""
    tooth = 12
    tops = [(x, tooth if x // tooth % 2 else 0) for x in range(0, width + tooth, tooth)]
    bottoms = [(x, height - 1 - depth) for x, depth in tops]
    outline = Image.new("L", (width, height), 0)
    ImageDraw.Draw(outline).polygon([*tops, *reversed(bottoms)], fill=255)
    return outline


def _photograph(paper: Image.Image, photo: Photo, random: np.random.Generator) -> Image.Image:
    """Put the paper on a table, slanted, and take the picture."""
    width, height = PHOTO_SIZE
    corners = [(x * width, y * height) for x, y in photo.corners]
    laid = paper.transform(
        PHOTO_SIZE,
        Image.Transform.PERSPECTIVE,
        _perspective(corners, paper.size),
        Image.Resampling.BICUBIC,
    )
    outline = laid.getchannel("A")
    scene = _table(photo.table, random)
    shadow = Image.new("L", PHOTO_SIZE, 0)
    shadow.paste(outline, (14, 20))
    dark = _as_pixels(shadow.filter(ImageFilter.GaussianBlur(18)))[..., None]
    image = _as_image(scene * (1 - 0.6 * dark))
    image.paste(laid.convert("RGB"), (0, 0), outline)
    pixels = _as_pixels(image.filter(ImageFilter.GaussianBlur(photo.blur)))
    light = 0.82 + 0.18 * _clouds(height, width, 500, random)
    grain = _as_image(0.5 + random.normal(0, 2 * photo.noise, (height, width)))
    noise = _as_pixels(grain.filter(ImageFilter.GaussianBlur(0.9))) - 0.5
    return _as_image(pixels * light[..., None] + noise[..., None])


def _perspective(corners: list[Point], size: tuple[int, int]) -> list[float]:
    """Return the coefficients that take a point of the photo to its point on the paper."""
    right, bottom = size
    targets = [(0, 0), (right, 0), (right, bottom), (0, bottom)]
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, targets, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    coefficients: list[float] = np.linalg.solve(np.array(rows), np.array(values)).tolist()
    return coefficients


def _table(colour: tuple[int, int, int], random: np.random.Generator) -> Pixels:
    """Return wood: fine noise drawn out along the grain."""
    width, height = PHOTO_SIZE
    fine = _as_image(random.random((height // 2, width // 40))).resize(
        PHOTO_SIZE, Image.Resampling.BICUBIC
    )
    grain = 0.7 * _as_pixels(fine) + 0.6 * _clouds(height, width, 200, random)
    shade = np.array(colour) / 255
    wood: Pixels = np.multiply(0.6 + 0.5 * grain[..., None], shade, dtype=np.float32)
    return wood


def _clouds(height: int, width: int, size: int, random: np.random.Generator) -> Pixels:
    """Return smooth noise between 0 and 1 with features of about ``size`` pixels."""
    coarse = random.random((height // size + 2, width // size + 2))
    return _as_pixels(_as_image(coarse).resize((width, height), Image.Resampling.BICUBIC))


def _as_pixels(image: Image.Image) -> Pixels:
    pixels: Pixels = np.divide(np.asarray(image), 255, dtype=np.float32)
    return pixels


def _as_image(pixels: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))


def main() -> None:
    """Draw all samples into a folder."""
    parser = argparse.ArgumentParser(description="Draw the sample receipts.")
    parser.add_argument("folder", nargs="?", type=Path, default=RECEIPTS)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for photo in PHOTOS:
        path = folder / f"{photo.name}.jpg"
        draw(photo).save(path, quality=JPEG_QUALITY)
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
