#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The client against a server of another make and against ours; what it does when nobody answers, or answers wrongly;
# Ctrl-C.
. "$(dirname "$0")/common.bash"

# A plain HTTP/1.1 server. Its port is in foreign.port; /-answers have the status given.
start_foreign() { # STATUS
  rm -f foreign.port
  python3 - "$1" > foreign.out 2>&1 <<'END' &
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b"x" * 5000
        self.send_response(int(sys.argv[1]))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 100

server = Server(("127.0.0.1", 0), Handler)
with open("foreign.port", "w") as file:
    print(server.server_port, file=file)
server.serve_forever()
END
  foreign=$!
  until_true 20 has foreign.port '^[0-9]+$'
}
stop_foreign() {
  kill -KILL -- "-$foreign" 2> /dev/null
  wait "$foreign" 2> /dev/null
}

# client_says STATUS PATTERN ARGUMENT...: its exit status, and what it must print.
client_says() {
  local want=$1 pattern=$2 got
  shift 2
  example client "$@" > client.out 2>&1
  got=$?
  [ "$got" = "$want" ] && has client.out "$pattern" && return
  echo "# status $got"
  sed 's/^/# /' client.out
  return 1
}

interrupted() {
  example client 127.0.0.1 "$port" 50 100000000 > client.out 2>&1 &
  local client=$!
  until_true 20 busy || return 1
  kill -INT -- "-$client"
  until_true 20 gone "$client" || { kill -KILL -- "-$client"; return 1; }
  wait "$client" 2> /dev/null
  has client.out '^[0-9]+ of 100000000 requests answered'
}
busy() { [ "$(fetch "$(url /stats)" | python3 -c 'import json, sys; print(json.load(sys.stdin)["open"])')" -gt 50 ]; }

requests=10000 connections=500
[ -z "$RUN" ] || requests=1000 connections=100

start_foreign 200
ok "200 requests to a server of another make" \
  client_says 0 '^200 of 200 requests answered over 20 connections, 0 failed' 127.0.0.1 "$(cat foreign.port)" 20 200
stop_foreign
start_foreign 500
ok "an answer that is not 200 is a failure" client_says 1 '^0 of 20 ' 127.0.0.1 "$(cat foreign.port)" 5 20
closed=$(cat foreign.port)
stop_foreign
ok "nobody there" client_says 1 'does not answer' 127.0.0.1 "$closed" 5 20
ok "wrong use" client_says 2 '^usage: ' 127.0.0.1 1 0

ok "routine-server starts" start_server routine-server
ok "$requests requests over $connections connections to routine-server" \
  client_says 0 "^$requests of $requests requests answered over $connections connections, 0 failed" \
  127.0.0.1 "$port" $connections $requests
ok "Ctrl-C ends the client, which says how far it came" interrupted
interrupt_server
finish
