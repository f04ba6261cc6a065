"""A stride as it is shown, kept and written: what was measured, and speed, band and stage that held then."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from coach.core.coaching.target import HeelLiftTarget
from coach.core.columns import Column, FitField, Note, Shown, columns_of, note
from coach.core.gait import Stride
from coach.core.speed.belt_speed import BeltSpeed, SpeedOrigin
from coach.core.speed.belt_video import LEG_PER_HEIGHT_SD_SHARE


class Stage(StrEnum):
    """Where the session stands."""

    WARM_UP = "warm_up"
    BASELINE = "baseline"
    COACHING = "coaching"
    OBSERVING = "observing"


@dataclass(frozen=True, slots=True)
class StrideRecord(Stride):
    """A stride with the speed, band and stage that held when it ended; NaN or None where there was none.

    Everything that is written of strides (JSON and its schema, CSV, SQL, Parquet, FIT, page, the table in docs)
    follows from these fields and their notes.
    """

    speed_mps: float = field(
        default=math.nan,
        metadata=note(
            "belt speed when the stride ended; unknown while the feet contradict it", "belt", unit="mps", least=0
        ),
    )
    speed_source: SpeedOrigin | None = field(default=None, metadata=note("where that speed comes from", "belt"))
    vertical_oscillation_cm: float = field(
        default=math.nan,
        metadata=note(
            "the bounce in centimetres, where the runner's height is known",
            "measured",
            unit="cm",
            digits=2,
            least=0,
            summed=True,
            shown=Shown("Bounce in cm", " cm", digits=1),
            fit=FitField(14, "vertical_oscillation_cm", "cm"),
            sd="vertical_oscillation_sd_cm",
        ),
    )
    vertical_oscillation_sd_cm: float = field(
        default=math.nan,
        metadata=note("one-sigma uncertainty of that, the leg's length included", "measured", unit="cm", least=0),
    )
    incline_pct: float = field(default=math.nan, metadata=note("incline of the belt", "belt", unit="pct", digits=2))
    target_deg: float = field(
        default=math.nan,
        metadata=note(
            "target for the peak",
            "band",
            unit="deg",
            digits=2,
            near_only=True,
            fit=FitField(1, "target_knee_flexion", "deg"),
        ),
    )
    target_low_deg: float = field(
        default=math.nan, metadata=note("floor of the band", "band", unit="deg", digits=2, formerly=("low_deg",))
    )
    target_high_deg: float = field(
        default=math.nan, metadata=note("ceiling of the band", "band", unit="deg", digits=2, formerly=("high_deg",))
    )
    stage: Stage | None = field(default=None, metadata=note("where the session stood", "band"))

    @property
    def speed_doubted(self) -> bool:
        """Whether a speed was told that the feet contradicted: which one it was run at nobody knows."""
        return self.speed_source is not None and math.isnan(self.speed_mps)

    @property
    def in_band(self) -> bool | None:
        """Whether the peak lies between floor and ceiling; None where either is unknown."""
        peak = self.peak_knee_flexion_deg
        if math.isnan(peak) or math.isnan(self.target_low_deg):
            return None
        return self.target_low_deg <= peak <= self.target_high_deg


_MEASURED: Final = tuple(each.name for each in fields(Stride))


def stride_record(
    stride: Stride,
    belt: BeltSpeed | None,
    target: HeelLiftTarget | None,
    stage: Stage | None,
    leg_m: float = math.nan,
) -> StrideRecord:
    """The record of a stride that has just ended. leg_m: thigh and shank; NaN where the height is not known."""
    bounce_cm = 100 * leg_m * stride.vertical_oscillation_ll
    measured_cm = 100 * leg_m * stride.vertical_oscillation_sd_ll
    return StrideRecord(
        **{name: getattr(stride, name) for name in _MEASURED},
        speed_mps=belt.believed_mps if belt else math.nan,
        speed_source=belt.origin if belt else None,
        vertical_oscillation_cm=bounce_cm,
        vertical_oscillation_sd_cm=math.hypot(measured_cm, LEG_PER_HEIGHT_SD_SHARE * bounce_cm),
        incline_pct=belt.incline_pct if belt else math.nan,
        target_deg=target.target_deg if target else math.nan,
        target_low_deg=target.low_deg if target else math.nan,
        target_high_deg=target.high_deg if target else math.nan,
        stage=stage,
    )


_DERIVED: Final = (
    ("in_band", "stage", Note("whether the peak lies between floor and ceiling", "band")),
    ("valid", "reject_reason", Note("whether it is trusted; the others stay in the list, with their reason", "trust")),
)
STRIDE_COLUMNS: Final[tuple[Column, ...]] = columns_of(StrideRecord, _DERIVED)
"""All columns of a stride, in the order in which every table has them."""
STORED: Final = tuple(column for column in STRIDE_COLUMNS if not column.derived)
"""Those from which a record is made again."""
SUMMED: Final = tuple(column for column in STRIDE_COLUMNS if column.note.summed)
"""Those whose mean and SD over the run are told."""
SHOWN: Final = tuple(sorted((c for c in SUMMED if c.note.shown is not None), key=lambda column: column.note.near_only))
"""Those that are shown to a runner, what both legs tell first."""
