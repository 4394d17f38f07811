#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The routine server as its user meets it; unlike the event server it has no limit of 63 connections.
. "$(dirname "$0")/common.bash"
. "$(dirname "$0")/server-cases.bash"

server_cases routine-server
finish
