"""The pure core: poses in, advice out.

Nothing here touches a device, a clock, a file or a thread. Time is data.
"""
