"""What the runner hears: tones, and phrases that a speech process renders ahead of time."""
