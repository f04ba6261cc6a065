"""Finding the runner in a picture: the pose model, the networks and the region that follows."""
