"""Many videos: which are to do, one task each on a Dask cluster, and a dataset of what came of them."""

from coach.app.batch.archive import Archive
from coach.app.batch.batch_run import BatchCounts, run_batch
from coach.app.batch.cluster import Where
from coach.app.batch.speeds import SpeedFrom

__all__ = ["Archive", "BatchCounts", "SpeedFrom", "Where", "run_batch"]
