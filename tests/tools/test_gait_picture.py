"""The picture of the gait algorithm is drawn from what the tracker really does."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np

from tools.gait_picture import OUT, draw, film

SVG = "{http://www.w3.org/2000/svg}"


def test_the_line_that_is_drawn_lies_close_to_the_truth_and_the_faults_do_not() -> None:
    seen = film()
    shown = slice(180, 250)  # the frames that are drawn
    true = np.array(seen.true_deg[shown])
    assert np.sqrt(np.mean((np.array(seen.shown_deg[shown]) - true) ** 2)) < 4
    assert np.max(np.abs(np.array(seen.seen_deg[shown]) - true)) > 40


def test_it_is_a_picture() -> None:
    drawn = ET.fromstring(draw(film()))
    assert {place.get("class") for place in drawn.iter(f"{SVG}polyline")} == {"true", "shown"}
    assert len(list(drawn.iter(f"{SVG}circle"))) > 60
    assert ET.parse(OUT).getroot().tag == drawn.tag
