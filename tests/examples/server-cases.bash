# SPDX-License-Identifier: MIT
# What both example servers must do. The words of server.out are theirs.
# shellcheck shell=bash disable=SC2154

answers() { [ "$(fetch -o /dev/null -w '%{http_code}' "$@")" = "$want" ]; }

# The page names us, and every request is counted: issued = pending + completed.
page_is_right() {
  fetch "$(url /)" > page.html && has page.html 'id="peer">127\.0\.0\.1:[0-9]+<' && has page.html 'id="issued">[1-9]'
}
numbers_add_up() {
  fetch "$(url /stats)" |
    python3 -c 'import json, sys; n = json.load(sys.stdin); sys.exit(n["issued"] != n["pending"] + n["completed"])'
}
connection_is_kept() {
  [ "$(fetch -o /dev/null -o /dev/null -w '%{num_connects} ' "$(url /)" "$(url /stats)")" = "1 0 " ]
}
pieces_are_joined() {
  exec 5<> "/dev/tcp/127.0.0.1/$port" || return 1
  local part line
  for part in 'G' 'ET / HT' $'TP/1.1\r\nHo' $'st: x\r\n\r' $'\n'; do printf '%s' "$part" >&5; done
  IFS= read -r -t 10 line <&5
  exec 5>&-
  [[ $line == "HTTP/1."?" 200 "* ]]
}

# loaded REQUESTS CONNECTIONS [OPTION...]: ab reports that many answers and no error.
loaded() {
  local requests=$1 connections=$2
  shift 2
  ab -q -s 20 -n "$requests" -c "$connections" "$@" "$(url /stats)" > ab.out 2>&1
  # The length of the numbers in the answer varies, which ab calls a failure of kind "Length".
  has ab.out "^Complete requests: +$requests\$" && lacks ab.out '^Non-2xx' &&
    has ab.out '^Failed requests: +0$|Connect: 0, Receive: 0, Length: [0-9]+, Exceptions: 0' && return
  sed 's/^/# /' ab.out
  return 1
}

ended_well() {
  [ "$status" = 0 ] && has server.out '^Stopped\. ' && return
  echo "# status $status"
  sed 's/^/# /' server.out
  return 1
}
all_requests_came_back() {
  python3 - <<'END'
import re
issued, completed = re.search(r"issued: (\d+), completed: (\d+)", open("server.out").read()).groups()
raise SystemExit(issued != completed or int(issued) == 0)
END
}

server_cases() { # NAME
  local requests=10000
  [ -z "$RUN" ] || requests=1000 # Wine answers as well, but takes its time

  ok "prints the address to open" start_server "$1"
  local want=200
  ok "the page shows the peer and the counts" page_is_right
  ok "issued = pending + completed" numbers_add_up
  ok "a connection is kept for the next request" connection_is_kept
  ok "a request in pieces is one request" pieces_are_joined
  want=404
  ok "an unknown path is 404" answers "$(url /unknown)"
  if command -v ab > /dev/null; then
    ok "$requests requests of 50 connections" loaded "$requests" 50
    ok "$requests requests of 50 kept connections" loaded "$requests" 50 -k
  else
    skip "requests of 50 connections" "ab (apache2-utils) is not here"
  fi

  ok "still answers" page_is_right
  interrupt_server
  ok "Ctrl-C ends it with status 0" ended_well
  ok "every request issued has completed" all_requests_came_back
  stopped_under_load "$1"
}

# Stopped while clients are being served, and started again: the port is free at once.
stopped_under_load() {
  start_server "$1" "$port" || true
  local client
  (while :; do curl -s --max-time 2 "$(url /)" "$(url /)" "$(url /)" "$(url /)" || :; done) > /dev/null 2>&1 &
  client=$!
  until_true 10 page_is_right
  interrupt_server
  ok "Ctrl-C under load ends it with status 0" ended_well
  ok "and the same port binds again at once" start_server "$1" "$port"
  kill -KILL -- "-$client" 2> /dev/null
  wait "$client" 2> /dev/null
  interrupt_server
}
