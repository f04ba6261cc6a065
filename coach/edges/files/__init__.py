"""Files that outlive a run: pose recordings, tables of frames, stills, datasets."""
