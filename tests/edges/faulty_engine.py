"""A speech engine that misbehaves as asked, in a real process: `faulty_engine.py FAULT DIARY`.

It speaks the protocol of `coach.edges.audio.speech_engine`; DIARY gets a line for each start and each text.
"""

import json
import math
import struct
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

FAULT, DIARY = sys.argv[1], Path(sys.argv[2])


def reply(**answer: object) -> None:
    print(json.dumps(answer), flush=True)


def note(line: str) -> None:
    with DIARY.open("a", encoding="utf-8") as diary:
        diary.write(line + "\n")


def hum(path: str, seconds: float = 0.3) -> None:
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22_050)
        tone = (round(9000 * math.sin(0.08 * i)) for i in range(round(seconds * 22_050)))
        file.writeframes(b"".join(struct.pack("<h", s) for s in tone))


def sleep(_request: dict[str, str]) -> None:
    time.sleep(600)


def crash(_request: dict[str, str]) -> None:
    sys.exit(3)


def write_empty(request: dict[str, str]) -> None:
    Path(request["path"]).touch()
    reply(voice="Nobody", as_wished=True)


def write_silence(request: dict[str, str]) -> None:
    hum(request["path"], 0)
    reply(voice="Nobody", as_wished=True)


def write_nothing(_request: dict[str, str]) -> None:
    reply(error="the engine wrote no sound", silent=True)


FAULTS: dict[str, Callable[[dict[str, str]], None]] = {
    "hangs": sleep,
    "hangs once": sleep,
    "crashes": crash,
    "crashes once": crash,
    "writes an empty file": write_empty,
    "writes silence": write_silence,
    "writes nothing": write_nothing,
    "writes no word for dots": write_nothing,
    "talks nonsense": lambda _: print("Audio saved to nowhere", flush=True),
    "refuses": lambda _: reply(error="ValueError: unknown property"),
    "has no voice": lambda _: reply(error="no installed voice speaks 'xx'", voiceless=True),
}


def is_well(request: dict[str, str]) -> bool:
    """Whether this request is answered as it should be."""
    started = DIARY.read_text("utf-8").split("\n").count("start")
    return (
        FAULT not in FAULTS
        or (FAULT.endswith(" once") and started > 1)
        or (FAULT.endswith("for dots") and bool(request["text"].strip(".")))
    )


note("start")
if FAULT == "hangs at the start":
    time.sleep(600)
if FAULT == "is not installed":
    reply(error="OSError: libespeak-ng.so.1: cannot open shared object file", missing=True)
    sys.exit()
reply(engine="faulty")
for line in sys.stdin:
    request = json.loads(line)
    note(request["text"])
    if FAULT == "takes its time":
        time.sleep(1.5)
    if is_well(request):
        hum(request["path"])
        reply(voice="Hum", as_wished=FAULT != "has only others")
    else:
        FAULTS[FAULT](request)
