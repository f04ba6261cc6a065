"""Belt speed from outside: typed, planned, or heard over Bluetooth."""
