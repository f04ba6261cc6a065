"""The set-up check before a run."""
