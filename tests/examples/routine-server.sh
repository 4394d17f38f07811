#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The routine server as its user meets it; unlike the event server it knows no limit of 63 connections, and it can echo.
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/server-cases.bash"

# Opens 300 connections, then asks over every one of them, the last first.
many_at_once() {
  python3 - "$port" <<'END'
import socket, sys
conns = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20) for _ in range(300)]
for c in conns[::-1]:
    c.sendall(b"GET /stats HTTP/1.1\r\nHost: x\r\n\r\n")
    assert c.recv(15) == b"HTTP/1.1 200 OK", "wrong answer"
END
}

# 100 connections at once, 256 KiB over each, every byte compared.
echoes_every_byte() {
  python3 - "$port" <<'END'
import random, selectors, socket, sys
data = random.Random(1).randbytes(256 * 1024)
poll = selectors.DefaultSelector()
for i in range(100):
    c = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
    c.setblocking(False)
    poll.register(c, selectors.EVENT_READ | selectors.EVENT_WRITE, {"sent": 0, "got": bytearray()})
while poll.get_map():
    ready = poll.select(20)
    assert ready, "nothing for 20 s"
    for key, events in ready:
        c, state = key.fileobj, key.data
        if events & selectors.EVENT_WRITE:
            state["sent"] += c.send(data[state["sent"]:state["sent"] + 50000])
            if state["sent"] == len(data):
                c.shutdown(socket.SHUT_WR)
                poll.modify(c, selectors.EVENT_READ, state)
        if events & selectors.EVENT_READ:
            piece = c.recv(65536)
            state["got"] += piece
            if not piece:
                assert state["got"] == data, f"{len(state['got'])} bytes came back, or wrong ones"
                poll.unregister(c)
END
}

server_cases routine-server

ok "starts again" start_server routine-server
ok "serves 300 connections at once" many_at_once
interrupt_server
ok "Ctrl-C ends it with status 0" ended_well

started='^Echoing on '
ok "starts to echo" start_server routine-server "$((30000 + RANDOM % 2000))" echo
ok "echoes every byte of 100 connections" echoes_every_byte
interrupt_server
ok "Ctrl-C ends it with status 0" ended_well
finish
