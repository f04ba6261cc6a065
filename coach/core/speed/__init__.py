"""The belt: how fast it runs, who says so, and how well that is known."""
