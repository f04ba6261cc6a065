"""Whether time runs as it should: slow motion baked into a file, or a header that lies about its rate.

Gravity tells. Over a step the ground gives back one body weight, so the hips of anybody who runs bounce at the step's
rate with about 1.4 g, at every pace; seen k times slower, it is k² times less.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Sequence
from statistics import median
from typing import Final

from coach.core.gait.activity import is_running
from coach.core.gait.cadence_search import CadenceFit, search
from coach.core.gait.kinematics import ANKLE, HIP, Legs
from coach.core.gait.mean_cycle import HARMONICS, HIP_UP, MeanCycle
from coach.core.gait.scene import Finding
from coach.core.units import FloatArray

PLAUSIBLE_SPM: Final = (130.0, 230.0)
"""Cadence of anybody who runs; a slower or faster one asks whether time runs as it should."""

SCALE_OPTION: Final = "--time-scale"

_BOUNCE_G: Final = 1.38
"""Amplitude of the hips' acceleration at the step's rate, in g, with the leg below: the median over 20 measured
treadmill recordings and nine clips as a network sees them. It varies so that the scale is known to 8 % (SD)."""
_LEG_M: Final = 0.84
"""0.478 to 0.53 of a height of 1.6 to 1.75 m; a leg 10 % longer moves the scale by 5 %."""
_GRAVITY: Final = 9.81
_GRAVITY_SD: Final = 0.12
"""Of the logarithm: 0.08 between recordings, and as much for the leg's true length."""
_USUAL_SPM: Final = 170.0
_CADENCE_SD: Final = 0.10
"""Of the logarithm: runners at 2.5 to 4.5 m/s take 162 to 184 steps a minute, ± 6 to 8 % (Fukuchi 2017)."""
_OWN_CADENCE_SD: Final = 0.05
"""Of a runner who was measured before, at another speed of the belt too."""
_BELIEVED_AGAIN: Final = 1.1
_COMMON: Final = (0.5, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Slow motion that cameras make: 60 to 240 pictures a second, played at 24 to 30; and a file told twice its rate."""
_TRIED: Final = (2.0, 4.0, 8.0, 0.5)
_WINDOW_S: Final = 2.2
"""True seconds that a search looks at: three strides, or four."""
_KEPT_S: Final = _WINDOW_S * max(_TRIED) + 0.5
_ROWS_PER_S: Final = 33.0
"""What a search needs of them."""
_EVERY_S: Final = 2.0
_ANKLE_LL_S: Final = 7.0
"""Median speed of an ankle against its hip, at the most: a runner's is the belt's for most of the time, 4 at 3.5 m/s
and 6 at 5. Where pictures are few a runner at the speed of life may look like a slow one, whose ankles then leap."""


def scale_option(scale: float) -> str:
    """What to type for pictures that run so many times slower than life; the option alone where that is NaN."""
    return SCALE_OPTION if math.isnan(scale) else f"{SCALE_OPTION} {scale:g}"


def gravity_scale(coefficients: FloatArray, rate_rad_s: float) -> float:
    """How many times slower than life a rhythm is seen, by how the hips fall; NaN where they do not bounce.

    coefficients: a template's (2, 6, 2, 13); rate_rad_s: of the stride, as seen.
    """
    hips = coefficients[:, HIP_UP, 0].mean(0)
    bounce_ll = math.hypot(hips[2], hips[2 + HARMONICS])
    acceleration = bounce_ll * _LEG_M * (2 * rate_rad_s) ** 2
    return math.sqrt(_BOUNCE_G * _GRAVITY / acceleration) if acceleration > 0 else math.nan


def plausible_scale(cadence_spm: float, by_gravity: float, own_spm: float = math.nan) -> float:
    """The common time scale that makes a runner of a rhythm, as gravity has it too; NaN where none does, or is needed.

    cadence_spm: as seen, at the file's own time; own_spm: the runner's, measured at the speed of life, NaN: unknown.
    """
    usual_spm, sd = (_USUAL_SPM, _CADENCE_SD) if math.isnan(own_spm) else (own_spm, _OWN_CADENCE_SD)
    fits = [k for k in _COMMON if PLAUSIBLE_SPM[0] <= k * cadence_spm <= PLAUSIBLE_SPM[1]]

    def doubt(scale: float) -> float:
        fall, pace = math.log(scale / by_gravity), math.log(scale * cadence_spm / usual_spm)
        return (fall / _GRAVITY_SD) ** 2 + (pace / sd) ** 2

    best = min(fits, key=doubt, default=math.nan)
    return best if abs(math.log(best / by_gravity)) < 3 * _GRAVITY_SD else math.nan


def falls_as_in_life(by_gravity: float) -> bool:
    """Whether a time scale that gravity tells is 1, as far as it is known."""
    return abs(math.log(by_gravity)) < 3 * _GRAVITY_SD


def doubtful(cadence_spm: float, already: bool = False) -> bool:
    """Whether nobody runs at this cadence; what is doubted `already` must come clearly nearer to be believed."""
    margin = _BELIEVED_AGAIN if already else 1.0
    return not PLAUSIBLE_SPM[0] * margin <= cadence_spm <= PLAUSIBLE_SPM[1] / margin


class TimeScaleWatch:
    """Looks for a runner at other speeds of time, where none is found at the file's own."""

    def __init__(self) -> None:
        self._frames: deque[Legs] = deque()
        self._work: Generator[None, None, float] | None = None
        self._next_s = 0.0
        self._found = self._own_spm = math.nan
        self.scale = math.nan
        """How many times slower than life the last seconds seem to run; NaN where there is no sign of it."""

    def see(self, legs: Legs) -> None:
        """Remember a frame."""
        if self._frames and legs.t_s - self._frames[-1].t_s < 0.5 / _ROWS_PER_S:
            return
        self._frames.append(legs)
        while legs.t_s - self._frames[0].t_s > _KEPT_S:
            self._frames.popleft()

    def look(self, t_s: float, dt_s: float, *, few: bool = False) -> None:
        """Work on the search, a little with every frame; of few pictures a second it is believed once found twice."""
        if self._work is None:
            if t_s < self._next_s:
                return
            self._work = self._search()
        for _ in range(max(1, math.ceil(min(dt_s, 0.1) / 0.012))):
            try:
                next(self._work)
            except StopIteration as done:
                self._work, self._next_s = None, t_s + _EVERY_S
                before, self._found = self._found, done.value
                agree = abs(math.log(self._found / before)) < 3 * _GRAVITY_SD
                self.scale = self._found if agree or not few else math.nan
                return

    def odd(self, coefficients: FloatArray, rate_rad_s: float, *, already: bool) -> bool:
        """Whether somebody runs at a cadence that nobody has, and falls as slowly, or as fast, as that says.

        coefficients: the followed template's (2, 6, 2, 13); already: it was odd before.
        """
        cadence_spm = rate_rad_s * 60 / math.pi
        if not doubtful(cadence_spm, already):
            return False
        by_gravity = gravity_scale(coefficients, rate_rad_s)
        if not math.isnan(scale := plausible_scale(cadence_spm, by_gravity, self._own_spm)):
            self.scale = scale
        return not falls_as_in_life(by_gravity)

    @property
    def finding(self) -> Finding | None:
        """The name of a time that does not run as in life; None where there is no sign of it."""
        if math.isnan(self.scale):
            return None
        return Finding.SLOW_MOTION if self.scale > 1 else Finding.FAST_MOTION

    def rest(self, own_spm: float) -> None:
        """A runner was measured, at this cadence: time is as it should be."""
        self._work, self.scale, self._own_spm = None, math.nan, own_spm

    def _search(self) -> Generator[None, None, float]:
        frames = list(self._frames)
        for tried in _TRIED:
            end_s = frames[-1].t_s if frames else 0.0
            window = [f for f in frames if end_s - f.t_s <= _WINDOW_S * tried]
            if not window or end_s - window[0].t_s < 0.9 * _WINDOW_S * tried:
                continue
            yield
            lock = yield from search([f._replace(t_s=f.t_s / tried) for f in window])
            scale = math.nan if lock is None else _scale_of(lock, tried, self._own_spm)
            if _ankle_speed_ll_s(window, scale) < _ANKLE_LL_S:
                return scale
        return math.nan


def _scale_of(lock: CadenceFit, tried: float, own_spm: float) -> float:
    """The scale that a rhythm found at a tried one stands for; NaN for none."""
    if not is_running(MeanCycle(lock.coefficients), lock.rate_rad_s):
        return math.nan
    cadence_spm = lock.rate_rad_s * 60 / math.pi / tried
    return plausible_scale(cadence_spm, tried * gravity_scale(lock.coefficients, lock.rate_rad_s), own_spm)


def _ankle_speed_ll_s(frames: Sequence[Legs], scale: float) -> float:
    """Median speed of the ankles against their hips, seen at a time scale; NaN without one.

    Taken over a thirtieth of a true second or more, so that noise adds little to it.
    """
    if math.isnan(scale):
        return math.nan
    moves: list[float] = []
    before = frames[0]
    for now in frames[1:]:
        true_s = (now.t_s - before.t_s) / scale
        if true_s >= 1 / _ROWS_PER_S:
            reach = [leg[ANKLE] - leg[HIP] for leg in (*before.points_ll, *now.points_ll)]
            moves += [abs(reach[2] - reach[0]) / true_s, abs(reach[3] - reach[1]) / true_s]
            before = now
    known = [speed for speed in moves if not math.isnan(speed)]
    return median(known) if known else math.nan
