"""The composition root: settings → source, estimator, coach, sinks; owns threads and teardown."""
