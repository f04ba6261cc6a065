"""Benches are programs: what OpenCV and SDL read is set before they load."""

from coach.environment import prepare

prepare()
