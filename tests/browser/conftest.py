"""A small real Sanic app in a thread, and Chromium looking at it; nothing else can be reached."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Route,
    expect,
    sync_playwright,
)

from kiosk.door import COOKIE
from kiosk.needs import Timeouts
from tests.kiosk.fakes import FakeHall, make_hall
from tests.kiosk.served import ServedHall as ServedHall

CHROMIUM = "/usr/bin/chromium"
ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "tests" / "artifacts"
PORTRAIT = {"width": 1080, "height": 1920}
LANDSCAPE = {"width": 1920, "height": 1080}
# Nothing here measures how quick a page is; two processes share the tests, and a hall may be starting beside.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Visitor:
    """A browser window, the hall it looks at, and what it tried to reach elsewhere."""

    page: Page
    served: ServedHall
    strayed: list[str]
    faults: list[str]

    @property
    def hall(self) -> FakeHall:
        """The hall behind the screens."""
        return self.served.hall

    def open(self, path: str = "/") -> Page:
        """Open an address of the hall."""
        self.page.goto(self.served.url + path)
        return self.page

    def ask(self, text: str) -> None:
        """Ask a question on the home screen and wait for its answer."""
        self.open()
        self.page.fill("#question", text)
        self.page.press("#question", "Enter")
        self.page.wait_for_selector(".screen.answer")

    def keep(self, name: str) -> None:
        """Keep a picture of the window for the eye."""
        ARTIFACTS.mkdir(exist_ok=True)
        # Not page.screenshot: it brings a style of its own, which the page rightly refuses.
        picture = self.page.context.new_cdp_session(self.page).send(
            "Page.captureScreenshot", {"format": "png"}
        )
        (ARTIFACTS / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))

    def clipped(self) -> list[str]:
        """Return what does not fit where it is shown: the words of each cut element."""
        found: list[str] = self.page.evaluate(CLIPPED)
        return found

    def axe(self) -> list[str]:
        """Return what axe finds wrong, one line a finding."""
        before = list(self.faults)
        self.page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
        result: dict[str, Any] = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        # axe brings a style of its own, which the page rightly refuses.
        self.faults[:] = before
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]


def cookie(window: Visitor) -> str | None:
    """Return the token of the kiosk's session that the browser holds."""
    kept = {entry["name"]: entry["value"] for entry in window.page.context.cookies()}
    return kept.get(COOKIE)


# Scrolling areas may be taller than what they show; nothing may be wider, and no box may cut its words.
CLIPPED = """() => {
  const found = [];
  const skipped = '.unseen, .unseen *, .skip, svg, svg *, input, select, br';
  for (const e of document.querySelectorAll('body *')) {
    const s = getComputedStyle(e);
    if (!e.checkVisibility() || e.matches(skipped) || s.display === 'inline') continue;
    const words = e.textContent.trim().slice(0, 30);
    const say = (what) => found.push(`${what} ${e.tagName}.${e.className}: ${words}`);
    const isWide = e.scrollWidth > e.clientWidth + 1, isTall = e.scrollHeight > e.clientHeight + 2;
    if (isWide && e.clientWidth && !/auto|scroll/.test(s.overflowX)) say(`${e.scrollWidth} wide`);
    if (isTall && e.clientHeight && s.overflowY === 'hidden') say(`${e.scrollHeight} tall`);
    const box = e.getBoundingClientRect();
    if (!e.closest('.candidates') && (box.right > innerWidth + 1 || box.left < -1)) say('outside');
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page is wider than the window');
  return found;
}"""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright, for one file: while it runs, nothing else in this thread can have an event loop."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium."""
    running = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--font-render-hinting=none",
            "--autoplay-policy=no-user-gesture-required",
        ],
    )
    yield running
    running.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHall]:
    """A hall with the time-outs of a real one."""
    served = ServedHall(make_hall(tmp_path_factory.mktemp("kiosk")), "kiosk_tests")
    yield served
    served.close()


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[ServedHall]:
    """A hall whose kiosk loses patience at once."""
    quick = Timeouts(browse_seconds=1.2, read_seconds=1.5, warn_seconds=1.0)
    served = ServedHall(make_hall(tmp_path, quick), "kiosk_impatient")
    yield served
    served.close()


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[ServedHall]:
    """A hall whose kiosk waits only a few seconds for an answer."""
    served = ServedHall(make_hall(tmp_path, Timeouts(answer_seconds=4.0)), "kiosk_hurried")
    yield served
    served.close()


Opener = Callable[..., Visitor]


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Opener]:
    """Open windows: `visitor(served, size)`; at the end none may have strayed or failed."""
    contexts: list[tuple[BrowserContext, Visitor]] = []

    def open_window(served: ServedHall, viewport: dict[str, int] | None = None) -> Visitor:
        context = browser.new_context(viewport=viewport or PORTRAIT, has_touch=True, locale="zh-CN")
        strayed: list[str] = []

        def guard(route: Route) -> None:
            if route.request.url.startswith((served.url, "data:")):
                route.continue_()
            else:
                strayed.append(route.request.url)
                route.abort()

        context.route("**/*", guard)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        window = Visitor(page, served, strayed, [])
        page.on("pageerror", lambda error: window.faults.append(str(error)))

        def listen(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text:
                window.faults.append(message.text)

        page.on("console", listen)
        contexts.append((context, window))
        return window

    yield open_window
    for context, window in contexts:
        context.close()
        assert not window.strayed, f"requests left this machine: {window.strayed}"
        assert not window.faults, f"faults in the page: {window.faults}"
