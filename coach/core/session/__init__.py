"""The session: what stays of a run, and what may be said of it afterwards."""
