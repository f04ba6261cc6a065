"""coach run --live-out json | python examples/live_json.py"""

import json
import sys

for line in sys.stdin:
    told = json.loads(line)
    if told["kind"] == "stride" and told["valid"]:
        print(told["side"], told["peak_knee_flexion_deg"], flush=True)
