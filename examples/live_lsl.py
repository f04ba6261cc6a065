"""coach run --live-out lsl"""

import pylsl

pylsl.set_config_content("[multicast]\nResolveScope = machine\nAddressesOverride = {127.0.0.1}\n")
inlet = pylsl.StreamInlet(pylsl.resolve_byprop("name", "Coach", timeout=30)[0])
while True:
    numbers, at_s = inlet.pull_sample()
    print(f"{at_s:.3f} s: left knee {numbers[0]:.0f}°, right {numbers[1]:.0f}°", flush=True)
