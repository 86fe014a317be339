"""Reading aloud, with a real voice: right lengths, real sound, and a process that may be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from kiosk.sound_files import SoundFiles, join
from kiosk.speech import MAX_CHARS, Speech, SpeechUnavailable

SENTENCE = "办理居住证请带好身份证和租房合同到一楼三号窗口交材料十五个工作日"  # 32 characters
VOICE = "cmn-latn-pinyin+f2"


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speech]:
    speech = Speech(tmp_path_factory.mktemp("speech"))
    yield speech
    speech.close()


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 22_050)
        return np.frombuffer(sound.readframes(sound.getnframes()), dtype=np.int16).astype(float)


def loudness(path: Path) -> float:
    return float(np.sqrt(np.mean(samples(path) ** 2)))


@pytest.mark.sound
def test_a_chinese_sentence_has_a_plausible_length_and_is_heard(speech: Speech) -> None:
    spoken = speech.say(SENTENCE, "zh")
    assert 7 < spoken.seconds < 13  # read as English letters it takes three times as long
    assert len(samples(spoken.path)) == pytest.approx(spoken.seconds * spoken.rate, abs=1)
    assert loudness(spoken.path) > 500


@pytest.mark.sound
def test_slower_is_longer(speech: Speech) -> None:
    normal, slow = speech.say(SENTENCE, rate_wpm=165), speech.say(SENTENCE, rate_wpm=115)
    assert slow.seconds > normal.seconds * 1.2


@pytest.mark.sound
def test_fifty_sentences_in_a_row_are_each_right(speech: Speech) -> None:
    for number in range(50):
        locale = "en" if number % 5 == 4 else "zh"
        words = (
            "Please go to window three " * (1 + number % 3)
            if locale == "en"
            else "请到三号窗口" * (1 + number % 3)
        )
        spoken = speech.say(
            f"{words}{'甲乙丙丁戊'[number // 10] if locale == 'zh' else 'abcde'[number // 10]}", locale
        )
        assert 0.9 < spoken.seconds / (1 + number % 3) < 3.5
        assert loudness(spoken.path) > 500


@pytest.mark.sound
def test_two_at_once_both_get_their_own_sound(speech: Speech) -> None:
    with ThreadPoolExecutor(2) as both:
        short, long = both.map(speech.say, ["您好，欢迎。", SENTENCE + "。" + SENTENCE + "完"])
    assert short.path != long.path
    assert short.seconds < 3 < 14 < long.seconds


@pytest.mark.sound
def test_the_kiosk_gets_a_file_from_a_coroutine(speech: Speech) -> None:
    path = asyncio.run(speech.wav("请出示身份证。", 165, VOICE))
    assert loudness(path) > 500


@pytest.mark.sound
def test_a_killed_child_is_replaced(speech: Speech) -> None:
    speech.say("先说一句，让它启动。")
    killed = speech.process_id
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert speech.say("再说一句，换了一个。").seconds > 1
    assert speech.process_id not in (None, killed)


@pytest.mark.sound
def test_a_child_that_hangs_is_replaced(tmp_path: Path) -> None:
    speech = Speech(tmp_path, timeout_seconds=1)
    speech.say("先说一句。")
    hanging = speech.process_id
    assert hanging is not None
    os.kill(hanging, signal.SIGSTOP)
    assert speech.say("再说一句。").seconds > 0.5
    assert speech.process_id != hanging
    speech.close()


@pytest.mark.sound
def test_a_missing_voice_is_told_and_nothing_else_is_heard(speech: Speech) -> None:
    with pytest.raises(SpeechUnavailable, match="install"):
        asyncio.run(speech.wav("你好", 165, "cmn-nobody+f2"))


@pytest.mark.sound
def test_the_check_tells_a_missing_voice(tmp_path: Path) -> None:
    speech = Speech(tmp_path, voices={"zh": "zz"})
    with pytest.raises(SpeechUnavailable, match="install"):
        speech.check()
    speech.close()


def test_a_missing_driver_is_told_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What pyttsx3 does where espeak-ng is not installed.
    (tmp_path / "pyttsx3.py").write_text("raise RuntimeError('you probably do not have eSpeak-ng installed')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    speech = Speech(tmp_path / "sounds")
    with pytest.raises(SpeechUnavailable, match="install espeak-ng"):
        speech.say("你好")
    with pytest.raises(SpeechUnavailable, match="install espeak-ng"):
        speech.check()
    speech.close()


@pytest.mark.sound
def test_the_check_names_the_driver(speech: Speech) -> None:
    assert speech.check() == "espeak"


@pytest.mark.sound
@pytest.mark.parametrize("text", ["", "  \n", "😀👍", "。。。", "[[phone:kfbamcdpeo]]", "\x00\ud800"])
def test_a_text_without_words_is_a_moment_of_silence(speech: Speech, text: str) -> None:
    spoken = speech.say(text)
    assert 0 < spoken.seconds < 1
    assert loudness(spoken.path) == 0


@pytest.mark.sound
@pytest.mark.parametrize(
    "text",
    [
        '<speak><break time="60s"/><prosody rate="x-slow">你好</prosody></speak>',
        "你好 [[h@l'oU]] <!-- --> &lt; \\n %s %n",
        '你好"}\n{"text": "恶意", "path": "/tmp/x"}',
    ],
)
def test_markup_and_broken_lines_are_read_as_plain_words(speech: Speech, text: str) -> None:
    assert 0.3 < speech.say(text).seconds < 12


@pytest.mark.sound
def test_a_very_long_text_is_cut_and_says_so(speech: Speech) -> None:
    spoken = speech.say("请到窗口办理。" * 715)
    assert 60 < spoken.seconds < MAX_CHARS * 0.5


@pytest.mark.sound
def test_english_text_with_a_chinese_name_has_both_voices(speech: Speech) -> None:
    english = speech.say("This service is called", "en").seconds
    both = speech.say("This service is called 上海市居住证申领(首次).", "en").seconds
    assert english + 1.5 < both < english + 6


@pytest.mark.sound
def test_a_sound_is_made_once_and_personal_ones_are_kept_apart(tmp_path: Path) -> None:
    speech = Speech(tmp_path)
    first, again = speech.say("居住证怎么办"), speech.say("《居住证》怎么办")
    told = speech.say("您的电话是13812345678")
    asked = speech.say("您反映路灯坏了", cacheable=False)
    assert first.path == again.path
    assert {first.path.parent.name, told.path.parent.name, asked.path.parent.name} == {"shared", "brief"}
    assert told.path.parent == asked.path.parent != first.path.parent
    child = speech.process_id
    speech.close()
    assert first.path.exists()
    assert not told.path.exists()
    assert child is not None
    assert not Path(f"/proc/{child}").exists()


@pytest.mark.sound
def test_the_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = """
        import sys, time
        from pathlib import Path
        from kiosk.speech import Speech
        speech = Speech(Path(sys.argv[1]))
        speech.say("你好")
        print(speech.process_id, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 5
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _runs(child)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"  # in a container nobody may collect a dead orphan


def test_old_sounds_go_and_then_the_oldest(tmp_path: Path) -> None:
    now = 1_000_000.0
    files = SoundFiles(tmp_path, max_bytes=25_000, max_age_seconds=1_000, brief_seconds=60, now=lambda: now)
    kept, too_much, too_old = (files.path(["espeak", text], is_brief=False) for text in ("甲", "乙", "丙"))
    personal, fresh = (files.path(["espeak", text], is_brief=True) for text in ("甲", "乙"))
    for path, age in ((kept, 1), (too_much, 500), (too_old, 2_000), (personal, 61), (fresh, 5)):
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(bytes(20_000))
        os.utime(path, (now - age, now - age))
    files.sweep()
    assert [path.exists() for path in (kept, too_much, too_old, personal, fresh)] == [
        True,
        False,
        False,
        False,
        True,
    ]


def test_the_name_of_a_personal_sound_does_not_follow_from_its_text(tmp_path: Path) -> None:
    one, other = SoundFiles(tmp_path), SoundFiles(tmp_path)
    assert one.path(["a"], is_brief=False) == other.path(["a"], is_brief=False)
    assert one.path(["a"], is_brief=True) != other.path(["a"], is_brief=True)


def test_no_parts_join_to_silence(tmp_path: Path) -> None:
    join([], tmp_path / "silence.wav")
    assert loudness(tmp_path / "silence.wav") == 0
