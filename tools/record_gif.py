"""Records docs/tokens.gif: the tokens view on its way to the last merger, from screenshots of the real page."""

import io
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

PLACE = Path(__file__).parent.parent / "docs" / "tokens.gif"
FLAGS = ["--no-sandbox", "--enable-unsafe-swiftshader"]
VALUES = "n=8&beta=100&seed=0&embed=true"
TURN = "picture => picture.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft'}))"
FRAMES, SECONDS, WIDTH, COLOURS, TURNED = 56, 7.0, 720, 128, 3
"""Frames of the film, how long it takes, its width in pixels, colours of its palette, frames between two turns."""


def main() -> int:
    """Start a server, film the page, write the file."""
    command = [sys.executable, "-m", "fathometer", "app", "--port", "8890"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stdout is not None
        address = next(line.strip() for line in server.stdout if line.startswith("http"))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        images = film(browser.new_page(viewport={"width": 1000, "height": 600}), address)
        browser.close()
        server.terminate()
    save(images)
    return 0


def film(page: Page, address: str) -> list[Image.Image]:
    """Screenshots at equal steps from frame to frame of the run, while the sphere turns a little."""
    page.goto(f"{address}#tokens?{VALUES}")
    page.locator(".status", has_text="mergers over").wait_for(state="attached", timeout=300_000)
    page.locator(".merger-list, .merger-detail, .remark").evaluate_all(
        "parts => parts.forEach(part => (part.hidden = true))"
    )
    count = page.locator(".scrubber").evaluate("scrubber => Number(scrubber.dataset.frames)")
    images, shown = [], 0
    for k in range(FRAMES):
        if k % TURNED == 0:
            page.locator(".sphere-picture").evaluate(TURN)
        while shown < k * count // (FRAMES - 8):
            page.keyboard.press(".")
            shown += 1
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        images.append(Image.open(io.BytesIO(page.locator(".stage").screenshot())).convert("RGB"))
    return images


def save(images: list[Image.Image]) -> None:
    """One palette for all frames, no dithering: flat grounds are then small and stay still."""
    height = round(WIDTH * images[0].height / images[0].width)
    small = [image.resize((WIDTH, height), Image.Resampling.LANCZOS) for image in images]
    strip = Image.new("RGB", (WIDTH, 4 * height))
    for k in range(4):
        strip.paste(small[k * (FRAMES - 1) // 3], (0, k * height))
    palette = Image.new("P", (1, 1))
    palette.putpalette(_colours(strip, Image.Quantize.MEDIANCUT) + _colours(strip, Image.Quantize.MAXCOVERAGE))
    frames = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in small]
    durations = [int(1000 * SECONDS / FRAMES)] * (FRAMES - 1) + [1500]
    frames[0].save(PLACE, save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True)


def _colours(image: Image.Image, method: Image.Quantize) -> list[int]:
    """Half of the palette: the shades that are frequent, or the hues that are there."""
    return (image.quantize(COLOURS // 2, method=method).getpalette() or [])[: 3 * (COLOURS // 2)]


if __name__ == "__main__":
    sys.exit(main())
