"""The foot pod from `tell` to what a watch hears, through a real D-Bus daemon and an emulated BlueZ."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from coach.core.speed.treadmill_feed import TreadmillFeed, parse_running_speed
from coach.edges.bluetooth.foot_pod import RSC_FEATURE, FootPod, Pace
from coach.edges.bluetooth.radio import RSC_MEASUREMENT, RUNNING_SPEED_SERVICE
from coach.languages import load_words
from coach.settings import FootPodSettings
from tests.edges.bluetooth.hurried_link import eventually
from tests.edges.emulated_bluez import GATT, EmulatedBluez, private_bus

WORDS = load_words("en")
QUICK = Pace(send_s=0.01, first_wait_s=0.02, longest_wait_s=0.05)


def told(pod: FootPod) -> list[str]:
    return [notice.text(WORDS, "metric") for notice in pod.notices()]


def first_told(pod: FootPod) -> list[str]:
    lines: list[str] = []

    def heard() -> bool:
        lines.extend(told(pod))
        return bool(lines)

    eventually(heard)
    return lines


@pytest.fixture
def bus() -> Iterator[str]:
    with private_bus() as address:
        yield address


@pytest.fixture
def bluez(bus: str) -> Iterator[EmulatedBluez]:
    bluez = EmulatedBluez(bus)
    yield bluez
    bluez.close()


@pytest.fixture
def pod(bus: str, bluez: EmulatedBluez) -> Iterator[FootPod]:
    pod = FootPod(FootPodSettings(advertise=True, name="Coach"), bus_address=bus, pace=QUICK)
    eventually(lambda: bluez.adverts.advertisements)
    yield pod
    pod.close()


def test_a_watch_finds_a_running_sensor_that_takes_no_writes(pod: FootPod, bluez: EmulatedBluez) -> None:
    advert = bluez.advertised()
    assert (advert["LocalName"].value, advert["ServiceUUIDs"].value) == ("Coach", [RUNNING_SPEED_SERVICE])
    assert advert["Type"].value == "peripheral"
    flags = [found[GATT]["Flags"].value for found in bluez.objects().values() if GATT in found]
    assert sorted(flags) == [["notify"], ["read"], ["read"]]
    assert bluez.read(RSC_FEATURE) == b"\x04\x00", "it tells walking from running, and no more"
    assert told(pod) == ["foot pod ready, pair your watch: Coach"]


def test_a_watch_hears_speed_and_the_strides_of_one_foot(pod: FootPod, bluez: EmulatedBluez) -> None:
    pod.tell(3.0, 168.0, running=True)
    bluez.listen(RSC_MEASUREMENT)
    eventually(lambda: bluez.notified)

    heard = parse_running_speed(bluez.notified[-1])
    assert (heard.speed_mps, heard.cadence_per_min, heard.running) == (3.0, 84.0, True)
    # Coach itself takes it for a foot pod.
    feed = TreadmillFeed()
    feed.foot_pod_packet(1.0, bluez.notified[-1])
    belt = feed.current(1.0)
    assert belt is not None
    assert belt.speed_mps == 3.0
    eventually(lambda: "a watch listens to the foot pod" in told(pod))


def test_steps_of_both_feet_where_they_are_asked_for(bus: str, bluez: EmulatedBluez) -> None:
    pod = FootPod(FootPodSettings(advertise=True, cadence="steps"), bus_address=bus, pace=QUICK)
    eventually(lambda: bluez.adverts.advertisements)
    pod.tell(3.0, 168.0, running=True)
    bluez.listen(RSC_MEASUREMENT)
    eventually(lambda: bluez.notified)
    pod.close()
    assert parse_running_speed(bluez.notified[-1]).cadence_per_min == 168.0


@pytest.mark.parametrize(("speed_mps", "cadence_spm"), [(math.nan, 168.0), (3.0, math.nan)])
def test_what_is_not_known_is_not_sent(
    pod: FootPod, bluez: EmulatedBluez, speed_mps: float, cadence_spm: float
) -> None:
    bluez.listen(RSC_MEASUREMENT)
    pod.tell(speed_mps, cadence_spm, running=True)
    eventually(lambda: "a watch listens to the foot pod" in told(pod))
    assert bluez.notified == []
    pod.tell(0.0, 0.0, running=False)
    eventually(lambda: bluez.notified)
    assert bluez.notified[-1] == bytes(4), "who stands does not move"


def test_closing_takes_the_sensor_away(pod: FootPod, bluez: EmulatedBluez) -> None:
    pod.close()
    pod.close()
    assert (bluez.gatt.applications, bluez.adverts.advertisements) == ([], [])


def test_bluez_may_go_and_come_back(bus: str, pod: FootPod, bluez: EmulatedBluez) -> None:
    bluez.close()
    eventually(lambda: any(line.startswith("no foot pod: ") for line in told(pod)))
    again = EmulatedBluez(bus)
    eventually(lambda: again.adverts.advertisements)
    again.close()


class TestWithout:
    """What is lacking is one notice, and the run goes on."""

    def test_a_bus(self) -> None:
        pod = FootPod(bus_address="unix:path=/nowhere/at/all", pace=QUICK)
        pod.tell(3.0, 168.0, running=True)
        lines = first_told(pod)
        pod.close()
        assert lines == ["no foot pod: Bluetooth is off or not there; switch it on (and allow this program to use it)"]

    def test_a_radio_that_is_on(self, bus: str) -> None:
        bluez = EmulatedBluez(bus, powered=False)
        pod = FootPod(bus_address=bus, pace=QUICK)
        lines = first_told(pod)
        pod.close()
        bluez.close()
        assert lines == ["no foot pod: Bluetooth is off; switch it on"]
