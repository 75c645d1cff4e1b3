"""IPMI over LAN for one virtual server: every request is passed on to the lab through a unix socket.

Usage: bmc.py <address> <port> <user> <password> <socket>
One JSON object per line each way: {"do": "power_on"} -> {"value": null} or {"error": "..."}.
"""

import json
import socket
import sys

import pyghmi.ipmi.bmc as bmc


class LabBmc(bmc.Bmc):
    def __init__(self, authdata, address, port, lab_socket):
        super().__init__(authdata, address=address, port=port)
        self.lab_socket = lab_socket

    def ask(self, what, **more):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as lab:
            lab.settimeout(10)
            lab.connect(self.lab_socket)
            lab.sendall(json.dumps({"do": what, **more}).encode() + b"\n")
            answer = json.loads(lab.makefile().readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def get_power_state(self):
        return self.ask("power_state")

    def power_on(self):
        self.ask("power_on")

    def power_off(self):
        self.ask("power_off")

    def power_cycle(self):
        self.ask("power_cycle")

    def power_reset(self):
        self.ask("power_cycle")

    def power_shutdown(self):
        self.ask("power_shutdown")

    def get_boot_device(self):
        return self.ask("get_boot_device")

    def set_boot_device(self, bootdevice):
        self.ask("set_boot_device", device=bootdevice)


def main(argv):
    address, port, user, password, lab_socket = argv
    LabBmc({user: password}, address, int(port), lab_socket)
    print("ready", flush=True)
    LabBmc.listen()


if __name__ == "__main__":
    main(sys.argv[1:])
