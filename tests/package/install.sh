#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What an installation gives to the programs that are built against it: by pkg-config, by CMake, shared and static, C
# and C++; and that uninstalling takes all of it away. Links what BUILD_DIR holds; builds nothing of it anew.
. "$(dirname "$0")/../examples/common.bash"

prefix=$PWD/prefix
source=$SRC_DIR/examples/event-server
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
unset DESTDIR

quietly() { # COMMAND...: shows the output of a command that fails, as comments
  "$@" > command.out 2>&1 && return
  sed 's/^/# /' command.out
  return 1
}
installed() { quietly cmake --install "$BUILD_DIR" --prefix "$prefix"; }
flags() { pkg-config --cflags --libs "$@" lapwing; }

# shellcheck disable=SC2046
links_shared() { quietly "$CC" -o server "$source"/*.c $(flags); }
# shellcheck disable=SC2046
links_static() {
  quietly "$CC" -o server-static "$source"/*.c -L"$prefix/lib" -Wl,-Bstatic $(flags --static) -Wl,-Bdynamic
}
# Not by a pipe: a grep that has seen enough ends it, and the writer's SIGPIPE would count as a failure.
uses_library() { grep -q "$prefix/lib/liblapwing.so.0" <<< "$(ldd "$1")"; }
uses_no_library() { ! grep -q liblapwing <<< "$(ldd "$1")"; }

serves() { # PROGRAM: as it stands, without help from LD_LIBRARY_PATH
  local EXAMPLES_DIR=$PWD
  start_server "$1" || return 1
  fetch "$(url /)" > page.html
  interrupt_server
  has page.html 'id="peer">127' && [ "$status" = 0 ]
}

# shellcheck disable=SC2046
links_cplusplus() {
  cat > plus.cpp <<'END'
#include <winsock2.h>
#include <cstdio>
struct Connection { int send() { return 1; } int close() { return 2; } };
int main()
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (s == INVALID_SOCKET || closesocket(s) != 0) return 1;
    Connection c;
    std::printf("%d\n", c.send() + c.close());
    return WSACleanup();
}
END
  quietly "$CXX" -std=c++17 -Wall -Wextra -Wpedantic -Werror -o plus plus.cpp $(flags) && [ "$(./plus)" = 3 ]
}

cmake_package() {
  mkdir -p project
  cat > project/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.16)
project(user LANGUAGES C)
find_package(lapwing 0.1 REQUIRED)
file(GLOB sources $source/*.c)
add_executable(with-shared \${sources})
target_link_libraries(with-shared PRIVATE lapwing::lapwing)
add_executable(with-static \${sources})
target_link_libraries(with-static PRIVATE lapwing::lapwing_static)
END
  quietly cmake -S project -B project/build -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$CC" &&
    quietly cmake --build project/build && uses_library project/build/with-shared &&
    uses_no_library project/build/with-static
}

hardened() {
  readelf -dW "$prefix/lib/liblapwing.so" > dynamic.out
  has dynamic.out 'SONAME.*\[liblapwing\.so\.0\]' && has dynamic.out 'FLAGS_1.*NOW' &&
    has dynamic.out 'FLAGS_1.*NODELETE' && lacks dynamic.out TEXTREL &&
    grep -q 'GNU_STACK.* RW ' <<< "$(readelf -lW "$prefix/lib/liblapwing.so")"
}

staged() {
  DESTDIR=$PWD/stage quietly cmake --install "$BUILD_DIR" --prefix /usr/local &&
    [ -f stage/usr/local/include/lapwing/winsock2.h ] && lacks stage/usr/local/lib/pkgconfig/lapwing.pc "rpath|$PWD"
}

moved() {
  cp -a prefix elsewhere || return 1
  local PKG_CONFIG_PATH=$PWD/elsewhere/lib/pkgconfig
  [ "$(pkg-config --define-prefix --variable=libdir lapwing)" = "$PWD/elsewhere/lib" ]
}

uninstalled() {
  quietly "$SRC_DIR/tools/uninstall" "$BUILD_DIR" "$PWD/stage" /usr/local && [ -z "$(find stage ! -type d)" ] &&
    [ ! -e stage/usr/local/include/lapwing ]
}

ok "installs into a prefix of the user's" installed
ok "the example links by pkg-config" links_shared
ok "against the installed library" uses_library server
ok "and serves" serves server
ok "the example links statically" links_static
ok "without the shared library" uses_no_library server-static
ok "and serves" serves server-static
ok "a C++ program with members called send and close" links_cplusplus
ok "CMake's find_package" cmake_package
ok "soname, no unloading, bound at start, no executable stack" hardened
ok "a staged installation names no folder of the build" staged
ok "a moved installation is found by pkg-config" moved
ok "uninstalling leaves nothing" uninstalled
finish
