#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The event server as its user meets it: an address, a page with numbers, a load, Ctrl-C, and the same port again at
# once.
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/server-cases.bash"

server_cases event-server
finish
