"""The edges: the only code that knows devices, threads, files and clocks. They do not import each other."""
