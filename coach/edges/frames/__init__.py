"""Where pictures come from: cameras, video files, network streams."""
