"""`make pictures`: the pictures of the README and the manual, taken of the webmail with the sample mailbox.

They are to look alike wherever they are made, so the font is Inter where the machine has it (Debian: fonts-inter, and
fonts-droid-fallback for other alphabets). Prints the size of each file.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, ViewportSize

from cfml_pop import Connection
from cfml_pop.testing import EmbeddedServer, sample_messages
from tests.webmail_support import application, launch, served

FOLDER = Path(__file__).parent.parent / "docs" / "images"
WIDTH = 1200
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><dir prefix="xdg">fonts</dir>
<alias binding="strong"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
</fontconfig>
"""


def take(browser: Browser, base: str) -> None:
    """inbox.png and message.png."""
    page = browser.new_page(viewport=ViewportSize(width=WIDTH, height=860), color_scheme="light")
    page.goto(base)
    page.get_by_label("Toner low").check()
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / "inbox.png", full_page=True)
    page.goto(f"{base}/?q=order")
    page.get_by_role("link", name="Your order 2041").click()
    page.frame_locator("iframe").get_by_alt_text("The Wanderer 7 in red").wait_for()
    page.screenshot(path=FOLDER / "message.png", full_page=True)


def shrink(path: Path) -> None:
    """The same picture, packed as well as PNG can, in place."""
    with Image.open(path) as picture:
        picture.convert("RGB").save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size} octets, {picture.width} x {picture.height}")  # noqa: T201 - a program


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("the pictures need Chromium (Debian: chromium)", file=sys.stderr)  # noqa: T201 - a program
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with EmbeddedServer(sample_messages()) as server, tempfile.TemporaryDirectory() as folder:
        fonts = Path(folder, "fonts.conf")
        fonts.write_text(FONTS, "utf-8")
        stored = Connection(server=server.host, port=server.port, username=server.user, password=server.password, secure=False)
        app = application(stored, title="Lindmark Cycles", page_size=8)
        with served(app) as base, launch(chromium, env={**os.environ, "FONTCONFIG_FILE": str(fonts)}) as browser:
            take(browser, base)
    for path in sorted(FOLDER.glob("*.png")):
        shrink(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
