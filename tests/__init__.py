"""The tests, and the virtual runners that benches borrow from them.

A package that is installed beside them brings a `tests` of its own; this one goes before it.
"""
