"""Belt speed as a runner says it: typed, or planned."""
