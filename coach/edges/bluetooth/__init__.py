"""Devices by radio: treadmill and heart-rate monitor are heard; watches hear Coach as a foot pod."""
