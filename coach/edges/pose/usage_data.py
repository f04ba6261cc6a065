"""MediaPipe reports home, so it is used only by who knows that.

Since some version after 0.10.21 every MediaPipe task starts a sender of usage data to Google's servers. Coach's own
finder and networks run without MediaPipe and send nothing.
"""

from __future__ import annotations

from typing import Final

from coach.errors import ConfigError
from coach.settings import PoseSettings

_LINE: Final = "MediaPipe sends usage data to Google"


def usage_data_line(settings: PoseSettings) -> str | None:
    """What the runner has to be told before these settings are used; None where nothing is sent.

    Raises ConfigError where MediaPipe is asked for and the runner has not allowed it to report.
    """
    if settings.backend != "mediapipe":
        return None
    if not settings.mediapipe_may_report:
        raise ConfigError(
            f"{_LINE}; to use it all the same set pose.mediapipe_may_report = true, "
            'or set pose.backend = "follower", which sends nothing'
        )
    return f"{_LINE}: pose.backend is mediapipe"
