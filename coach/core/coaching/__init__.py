"""Coaching: the band, the runner's own baseline, the programme, and what is said when."""
