"""A session: what is kept of a run. Pure data; `coach.review` and `coach.edges.store` write it."""
