"""A phone that lies on its side: whoever would run in the picture, were it upright, is told as he lies in it."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from coach.core.gait.camera_view import leg_length_px
from coach.core.gait.scene import Finding, placed
from coach.core.pose import Keypoint
from coach.core.units import FloatArray
from coach.edges.pose.people_finder import BLAZEPOSE_ROWS, Person
from coach.edges.pose.turned_picture import TurnedPicture
from coach.ports import Frame, ImageBGR
from tests.core.movers import runner

SIZE = WIDTH, HEIGHT = 640, 480
TURNS = {None: None, "head": cv2.ROTATE_180, "left": cv2.ROTATE_90_COUNTERCLOCKWISE, "right": cv2.ROTATE_90_CLOCKWISE}
FIGURE = runner(0.0) + np.column_stack([np.arange(13), np.zeros(13)])
"""(13, 2): where they stand in the upright picture, no two in one place."""


def picture(turn: int | None, *, empty: bool = False) -> ImageBGR:
    """A dot of its own grey at every keypoint, in a picture that was turned afterwards."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    if not empty:
        for row, (x, y) in enumerate(FIGURE.round().astype(int)):
            image[y, x] = 10 + row
    return image if turn is None else np.asarray(cv2.rotate(image, turn), np.uint8)


def dots(image: ImageBGR) -> FloatArray:
    """Where they lie."""
    found = [np.argwhere(image[:, :, 0] == 10 + row)[:1, ::-1] for row in range(len(Keypoint))]
    return np.concatenate(found).astype(float)


class Finder:
    """Stands in for the network, which is tested on clips: it finds who stands upright, and nobody else."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, image: ImageBGR) -> list[Person]:
        self.asked += 1
        xy_px = dots(image)
        if not len(xy_px) or placed(xy_px[None], leg_length_px(xy_px[None])) is not None:
            return []
        landmarks = np.zeros((33, 2))
        landmarks[[BLAZEPOSE_ROWS[keypoint] for keypoint in Keypoint]] = xy_px
        return [Person(landmarks, np.ones(33))]


@pytest.fixture
def finder() -> Finder:
    return Finder()


@pytest.fixture
def turned(finder: Finder) -> TurnedPicture:
    return TurnedPicture(finder)


def times() -> Iterator[float]:
    yield from np.arange(0, 3, 0.1).tolist()


@pytest.mark.parametrize(
    ("turn", "finding"),
    [("head", Finding.UPSIDE_DOWN), ("left", Finding.ON_ITS_SIDE), ("right", Finding.ON_ITS_SIDE)],
)
def test_who_lies_in_the_picture_is_told_where_he_lies(turned: TurnedPicture, turn: str, finding: Finding) -> None:
    frame = Frame(0, 0.0, picture(TURNS[turn]))

    assert turned.look(frame, [])
    pose = turned.follow(frame)

    assert pose is not None
    np.testing.assert_allclose(pose.xy_px, dots(frame.image_bgr))
    assert placed(pose.xy_px[None], leg_length_px(pose.xy_px[None])) is finding


def test_who_stands_upright_is_left_to_others(turned: TurnedPicture, finder: Finder) -> None:
    frame = Frame(0, 0.0, picture(None))

    assert not turned.look(frame, finder(frame.image_bgr))
    assert turned.follow(frame) is None
    assert finder.asked == 1, "and costs nothing more"


def test_an_empty_room_is_looked_at_from_all_sides_once_a_second(turned: TurnedPicture, finder: Finder) -> None:
    for t_s in times():
        assert not turned.look(Frame(0, t_s, picture(None, empty=True)), [])

    assert finder.asked == 3 * 3


def test_once_the_phone_stands_up_he_is_let_go(turned: TurnedPicture, finder: Finder) -> None:
    turned.look(Frame(0, 0.0, picture(TURNS["left"])), [])
    followed = [turned.follow(Frame(0, t_s, picture(None))) for t_s in times()]

    assert followed == [None] * len(followed)
    assert finder.asked < 10


def test_a_body_that_is_none_is_looked_at_at_once(turned: TurnedPicture) -> None:
    """As networks find in a picture that is turned."""
    upside_down = Person(np.zeros((33, 2)), np.ones(33))
    upside_down.xy_px[[BLAZEPOSE_ROWS[keypoint] for keypoint in Keypoint]] = SIZE - FIGURE
    turned.look(Frame(0, 0.0, picture(None, empty=True)), [])

    assert turned.look(Frame(1, 0.1, picture(TURNS["head"])), [upside_down])
