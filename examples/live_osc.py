"""coach run --live-out osc"""

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

dispatcher = Dispatcher()
dispatcher.map("/coach/event", lambda _address, t_s, side, event: print(side, event, round(t_s, 3), flush=True))
BlockingOSCUDPServer(("127.0.0.1", 9000), dispatcher).serve_forever()
