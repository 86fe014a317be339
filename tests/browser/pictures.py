"""Takes the pictures of README and docs from a real hall: `python -m tests.browser.pictures`.

Starts `linli serve` with the real Rasa in a folder of its own, asks as a visitor does, and writes
docs/pictures/. The browser itself draws them small: the kiosk's screen at six tenths of its size.
"""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.running_hall import RunningHall

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
QUESTION = "居住证怎么办"
KIOSK_SCALE = 0.6
CHAT_SCALE = 1.5
MOST_BYTES = 400_000


def main() -> int:
    """Take every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        hall = RunningHall.start(ROOT, Path(folder))
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]
        )
        try:
            _take_kiosk(browser, hall.url)
            _take_chat(browser, hall.url)
        finally:
            browser.close()
            hall.stop()
    return 0


def _take_kiosk(browser: Browser, url: str) -> None:
    page = browser.new_context(viewport={"width": 1080, "height": 1920}, locale="zh-CN").new_page()
    page.goto(url)
    _keep(page, "kiosk-home", KIOSK_SCALE)
    page.fill("#question", QUESTION)
    page.press("#question", "Enter")
    page.wait_for_selector(".screen.answer .sources")
    page.wait_for_selector("#waiting", state="hidden")
    _keep(page, "kiosk-answer", KIOSK_SCALE)


def _take_chat(browser: Browser, url: str) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page()
    page.goto(url + "/chat")
    for count, words in enumerate((QUESTION, "多少钱"), start=1):
        page.fill("#text", words)
        page.press("#text", "Enter")
        page.wait_for_function("n => document.querySelectorAll('.source').length === n", arg=count)
    _keep(page, "chat", CHAT_SCALE)


def _keep(page: Page, name: str, scale: float) -> None:
    """Write a picture of at most MOST_BYTES."""
    # Not page.screenshot: it brings a style of its own, which the page rightly refuses.
    size = page.viewport_size
    assert size is not None
    taken = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "png", "clip": {"x": 0, "y": 0, **size, "scale": scale}}
    )
    file = PICTURES / f"{name}.png"
    file.write_bytes(base64.b64decode(taken["data"]))
    weight = file.stat().st_size
    assert weight < MOST_BYTES, f"{file} has {weight} bytes: draw it smaller"
    print(f"{file.relative_to(ROOT)}: {weight // 1000} KB")  # noqa: T201  a command's own output


if __name__ == "__main__":
    raise SystemExit(main())
