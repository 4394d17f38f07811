# SPDX-License-Identifier: MIT
# What the example tests share: TAP, a server in the background, Ctrl-C. tests/run gives EXAMPLES_DIR (where the
# programs are), EXE (their ending) and RUN (wine, or nothing), and runs each script in an empty folder of its own.
# shellcheck shell=bash
set -uo pipefail
set -m # a process group for each job, so that a background program does not start with SIGINT ignored

: "${EXAMPLES_DIR:?}" "${EXE=}" "${RUN=}"
cases=0 bad=0

# ok NAME COMMAND...: one case, passed when the command succeeds.
ok() {
  local name=$1
  shift
  cases=$((cases + 1))
  if "$@"; then
    echo "ok $cases - $name"
  else
    bad=$((bad + 1))
    echo "not ok $cases - $name"
  fi
}

skip() {
  cases=$((cases + 1))
  echo "ok $cases - $1 # SKIP $2"
}

finish() {
  echo "1..$cases"
  exit $((bad != 0))
}

# until_true SECONDS COMMAND...: polls; the only waiting there is.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}

example() { # NAME ARGUMENT...
  local name=$1
  shift
  if [ -n "$RUN" ]; then "$RUN" "$EXAMPLES_DIR/$name$EXE" "$@"; else "$EXAMPLES_DIR/$name$EXE" "$@"; fi
}

has() { grep -qE -- "$2" "$1" 2>/dev/null; }
lacks() { ! has "$@"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
serving_or_gone() { has "$1" "$started" || gone "$2"; }
started='^Serving on '

# start_server NAME [PORT [ARGUMENT...]]: leaves its process in $server, its port in $port and its output in server.out.
start_server() {
  local name=$1 wanted=${2:-} try
  shift $(($# > 2 ? 2 : $#))
  for try in 1 2 3 4 5; do
    port=${wanted:-$((20000 + (RANDOM + try) % 10000))}
    : > server.out
    example "$name" "$port" "$@" > server.out 2>&1 &
    server=$!
    until_true 30 serving_or_gone server.out "$server"
    if has server.out "$started"; then return 0; fi
    [ -z "$wanted" ] || break
  done
  sed 's/^/# /' server.out
  return 1
}

# Ctrl-C. What the server printed while it ended is in server.out, its exit status in $status.
interrupt_server() {
  kill -INT -- "-$server"
  if ! until_true 20 gone "$server"; then
    echo "# still running 20 s after SIGINT"
    kill -KILL -- "-$server"
  fi
  wait "$server" 2>/dev/null
  # shellcheck disable=SC2034
  status=$?
}

fetch() { curl -sS --max-time 10 "$@"; }
url() { echo "http://127.0.0.1:$port$1"; }
