"""Reads aloud: a text becomes a WAV file, in Chinese and English, by a voice on this machine."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from kiosk.sound_files import SoundFiles, join, seconds
from kiosk.speech_process import SpeechProcess
from kiosk.speech_process import SpeechUnavailable as SpeechUnavailable
from language import personal
from language.readings import with_readings
from language.speaking import pieces, speakable, speakable_english
from language.texts import Texts

_Result = TypeVar("_Result")
Saying = tuple[str, str]  # a voice and the words it reads

# `cmn` reads most characters as English letters and `zh` falls back to English; this one speaks Mandarin.
VOICES: Mapping[str, str] = {"zh": "cmn-latn-pinyin+f2", "en": "en+f2"}
RATE_WPM = 165
_RATES_WPM = range(80, 401)  # what espeak-ng accepts
MAX_CHARS = 900  # about four minutes; the rest is on the screen
_MAX_WAITING = 16

# In an English text, what has Chinese characters goes to the Chinese voice, with its digits and marks.
_CHINESE_RUN = re.compile(r"[《“（]?[\u4e00-\u9fff][\u4e00-\u9fff\d《》“”（）()、，。：；！？\s]*")
# Numbers and codes of cases, starred values: personal, though no kind of personal data.
_OF_ONE_PERSON = re.compile(r"\d{6}|\*\*")


@dataclass(frozen=True)
class SpokenFile:
    """A WAV file: mono, 16 bits, `rate` frames a second. Read it at once: old files are deleted."""

    path: Path
    seconds: float
    rate: int = 22_050


class Speech:
    """Reads aloud, one text at a time in the order of asking. Starts its process at the first text.

    Safe to use from several threads and tasks. Sounds of texts with something personal, or with
    `cacheable=False`, are kept for minutes only.
    """

    def __init__(
        self, cache_folder: Path, voices: Mapping[str, str] = VOICES, timeout_seconds: float = 20
    ) -> None:
        self._files = SoundFiles(cache_folder)
        self._voices = voices
        self._process = SpeechProcess(timeout_seconds)
        self._lock = threading.Lock()
        self._queue: ThreadPoolExecutor | None = None
        self._waiting = 0

    def say(
        self, text: str, locale: str = "zh", rate_wpm: int = RATE_WPM, cacheable: bool | None = None
    ) -> SpokenFile:
        """Return the spoken text; a text without words gives a moment of silence.

        `cacheable`: None keeps the sound unless something personal is seen in the text. Waits its turn.
        Raises SpeechUnavailable.
        """
        return self._submit(text, self._voice(locale), rate_wpm, cacheable).result()

    async def wav(self, text: str, rate_wpm: int, voice: str, cacheable: bool | None = None) -> Path:
        """Return the file with the spoken text, read by `voice`. Raises SpeechUnavailable."""
        future = self._submit(text, voice, rate_wpm, cacheable)
        return (await asyncio.wrap_future(future)).path

    def check(self) -> str:
        """Return the name of the driver. Raises SpeechUnavailable where it or a voice is missing."""
        return self._enqueue(self._check).result()

    @property
    def process_id(self) -> int | None:
        """The id of the speaking process while it runs."""
        return self._process.pid

    def close(self) -> None:
        """End the speaking process and delete the sounds that held something personal."""
        with self._lock:
            queue, self._queue = self._queue, None
        self._process.interrupt()
        if queue is not None:
            queue.shutdown(wait=True, cancel_futures=True)
        self._process.stop()
        self._files.forget_brief()

    def _voice(self, locale: str) -> str:
        return self._voices.get(locale, self._voices["zh"])

    def _submit(self, text: str, voice: str, rate_wpm: int, cacheable: bool | None) -> Future[SpokenFile]:
        rate_wpm = min(max(rate_wpm, _RATES_WPM.start), _RATES_WPM.stop - 1)
        is_brief = _is_personal(text) if cacheable is None else not cacheable
        sayings = self._sayings(text, voice)
        path = self._files.path((sys.platform, rate_wpm, *sayings), is_brief)
        length = seconds(path)
        if length is None:
            return self._enqueue(lambda: self._make(sayings, rate_wpm, path))
        if not is_brief:
            self._files.touch(path)
        kept: Future[SpokenFile] = Future()
        kept.set_result(SpokenFile(path, length))
        return kept

    def _enqueue(self, work: Callable[[], _Result]) -> Future[_Result]:
        with self._lock:
            if self._waiting >= _MAX_WAITING:
                raise SpeechUnavailable("too many texts wait to be read aloud: try again in a moment")
            if self._queue is None:
                # One thread for good: the system ends the child together with the thread that made it.
                self._queue = ThreadPoolExecutor(1, thread_name_prefix="speech")
            self._waiting += 1
            future = self._queue.submit(work)
        future.add_done_callback(lambda _: self._one_less())
        return future

    def _one_less(self) -> None:
        with self._lock:
            self._waiting -= 1

    def _make(self, sayings: Sequence[Saying], rate_wpm: int, path: Path) -> SpokenFile:
        if (length := seconds(path)) is not None:  # the one before us in the queue asked for the same
            return SpokenFile(path, length)
        self._files.prepare(path)
        with tempfile.TemporaryDirectory(prefix="linli-speech-") as folder:
            parts = [Path(folder) / f"{number}.wav" for number in range(len(sayings))]
            length = sum(
                self._process.speak(words, voice, rate_wpm, part)
                for (voice, words), part in zip(sayings, parts, strict=True)
            )
            join(parts, path)
        return SpokenFile(path, length or seconds(path) or 0.0)

    def _check(self) -> str:
        for voice in self._voices.values():
            self._process.find_voice(voice)
        return self._process.driver

    def _sayings(self, text: str, voice: str) -> list[Saying]:
        """Return the sentences of a text, each with the voice that reads it."""
        chinese = voice if _is_chinese(voice) else self._voices["zh"]
        if len(text) > MAX_CHARS:
            text = text[:MAX_CHARS] + _texts().say("cut", "zh" if _is_chinese(voice) else "en")
        if voice == chinese:
            return _chinese_sayings(text, voice)
        sayings: list[Saying] = []
        end = 0
        for run in _CHINESE_RUN.finditer(text):
            sayings += _english_sayings(text[end : run.start()], voice) + _chinese_sayings(
                run.group(), chinese
            )
            end = run.end()
        return sayings + _english_sayings(text[end:], voice)


def _chinese_sayings(text: str, voice: str) -> list[Saying]:
    spelled = with_readings if voice.startswith("cmn-latn-pinyin") else str
    return [(voice, spelled(piece)) for piece in pieces(speakable(text))]


def _english_sayings(text: str, voice: str) -> list[Saying]:
    return [(voice, piece) for piece in pieces(speakable_english(text), most=200)]


def _is_chinese(voice: str) -> bool:
    return voice.lower().startswith(("cmn", "zh", "sit/cmn"))


def _is_personal(text: str) -> bool:
    return bool(_OF_ONE_PERSON.search(text) or personal.find(text))


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_name("speech_words.yml"))
