#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The headers compile: each alone, and before and after all headers of C, C++ and POSIX (but for those about sockets),
# as C11 and C++17, strict and gnu, by gcc and clang, with and without _WIN32 and _FORTIFY_SOURCE, warnings as errors.
# They give the layouts and values of Windows, leave the program's own names alone, and say what to do when POSIX socket
# headers come first.
#
# CC and CXX are tried, and gcc and clang where they are installed; FAST=1 tries CC and CXX only. JOBS compilers run at
# once (2).
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
include=$(cd "$here/../../include" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1 # -include looks here first: no header may be in it
mkdir said
echo 'extern int something;' > empty.c

check="-I$include -Wall -Wextra -Wpedantic -Werror -Wno-cpp -fsyntax-only" # -Wno-cpp: <strstream> warns of itself
fortified="-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"
probe=$here/probe.c

c_headers="assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
  stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype"
posix_headers="aio cpio dirent dlfcn fcntl fmtmsg fnmatch ftw glob grp iconv langinfo libgen monetary mqueue nl_types
  poll pthread pwd regex sched search semaphore spawn strings sys/ipc sys/mman sys/msg sys/resource sys/select sys/sem
  sys/shm sys/stat sys/statvfs sys/time sys/times sys/types sys/uio sys/utsname sys/wait syslog tar termios ulimit
  unistd utime utmpx wordexp alloca byteswap endian err error execinfo getopt malloc sys/epoll sys/eventfd sys/file
  sys/inotify sys/ioctl sys/param sys/prctl sys/random sys/sendfile sys/signalfd sys/syscall sys/timerfd values"
cxx_headers="algorithm any array atomic bitset cassert ccomplex cctype cerrno cfenv cfloat charconv chrono cinttypes
  ciso646 climits clocale cmath codecvt complex condition_variable csetjmp csignal cstdalign cstdarg cstdbool cstddef
  cstdint cstdio cstdlib cstring ctgmath ctime cuchar cwchar cwctype deque exception execution filesystem forward_list
  fstream functional future initializer_list iomanip ios iosfwd iostream istream iterator limits list locale map
  memory memory_resource mutex new numeric optional ostream queue random ratio regex scoped_allocator set shared_mutex
  sstream stack stdexcept streambuf string string_view strstream system_error thread tuple type_traits typeindex
  typeinfo unordered_map unordered_set utility valarray variant vector"

# ---- cases: each is a number of commands; all are collected first and then run side by side ----

cases=()
jobs=()

new_case() { cases+=("$1"); }                                  # NAME
job() { jobs+=("${#cases[@]} run $*"); }                       # COMMAND...: must succeed and say nothing
refused() { jobs+=("${#cases[@]} refuse ${*//$'\n'/ }"); }     # COMMAND...: must fail with the headers' own #error

# What a failing command says is kept with its case.
run_job() {
  local number=${1%% *} rest=${1#* } said status
  local how=${rest%% *} command=${rest#* }
  # shellcheck disable=SC2086
  said=$(timeout 200 $command 2>&1)
  status=$?
  case $how in
    run) [ $status = 0 ] && [ -z "$said" ] && return ;;
    refuse) [ $status != 0 ] && [[ $said == *"include the Windows ones first"* ]] && return ;;
  esac
  printf '$ %s\n%s\n' "$command" "$said" >> "said/$number.$BASHPID"
}
export -f run_job

# shellcheck disable=SC2016
run_jobs() { printf '%s\0' "${jobs[@]}" | xargs -0 -P "${JOBS:-2}" -I{} bash -c 'run_job "$1"' _ {}; }

report() {
  local number bad=0
  for number in $(seq "${#cases[@]}"); do
    if compgen -G "said/$number.*" > /dev/null; then
      cat said/"$number".* | cut -c 1-250 | head -n 30 | sed 's/^/# /'
      echo "not ok $number - ${cases[number - 1]}"
      bad=1
    else
      echo "ok $number - ${cases[number - 1]}"
    fi
  done
  echo "1..${#cases[@]}"
  return $bad
}

# ---- lists of -include ----

own_headers() { (cd "$include" && printf '%s\n' *.h | grep -v '[A-Z]'); }
including() { printf -- ' -include %s' "$@"; }
# NAME...: those that this system has, for the compiler that is asked
present() {
  local name
  for name; do printf '#if __has_include(<%s>)\n%s\n#endif\n' "$name" "$name"; done > present.c
  $cc -E -P present.c | tr -d ' ' | grep .
}
with_h() { printf '%s.h\n' "$@"; }

# ---- the cases of one pair of compilers ----

alone() {
  local std header
  for std in c11 gnu11 c++17 gnu++17; do
    new_case "$cc: each header alone, $std"
    for header in $(own_headers); do job "$(compiler $std) -std=$std $check -include $header empty.c"; done
  done
  new_case "$cc: the other letter cases"
  # shellcheck disable=SC2046
  job "$cc -std=c11 $check $(including $(cd "$include" && printf '%s\n' *.[hH] | grep '[A-Z]')) $probe"
}

compiler() { case $1 in *++*) echo "$cxx -x c++" ;; *) echo "$cc" ;; esac; }

# MODE...: before and after everything in each of these modes; a mode is the language and what is defined
among_all() {
  local std=$1 own=$2 others=$3 mode
  shift 3
  new_case "$cc: before and after all others, $std"
  for mode; do
    job "$(compiler "$std") -std=$std $check $mode $own $others -DPROBE_FIONBIO $probe"
    job "$(compiler "$std") -std=$std $check $mode $others $own -DPROBE_FIONBIO $probe"
  done
}

with_all() {
  local own c cxx_list
  # shellcheck disable=SC2046,SC2086
  {
    own=$(including $(own_headers))
    c=$(including $(present $(with_h $c_headers $posix_headers)))
    cxx_list=$(including $cxx_headers $(present $(with_h $posix_headers)))
  }
  among_all c11 "$own" "$c" "" -D_WIN32 "$fortified" "-D_WIN32 $fortified"
  among_all gnu11 "$own" "$c" "" -D_WIN32 "$fortified" "-D_WIN32 $fortified"
  # Two modes for each language version: among the four every pair of choices occurs.
  among_all c++17 "$own" "$cxx_list" "" "-D_WIN32 $fortified"
  among_all gnu++17 "$own" "$cxx_list" -D_WIN32 "$fortified"
}

with_each() {
  local header found
  new_case "$cc: before and after each header of C and POSIX"
  # shellcheck disable=SC2046,SC2086
  found=$(present $(with_h $c_headers $posix_headers))
  [ "$(wc -w <<< "$found")" -ge 80 ] || complain "only these are found: $found"
  for header in $found; do
    job "$cc -std=gnu11 $check $fortified -include $header -include winsock2.h -DPROBE_FIONBIO $probe"
    job "$cc -std=gnu11 $check $fortified -include winsock2.h -include $header -DPROBE_FIONBIO $probe"
  done
}

orders() {
  local all size header
  all=$(including winsock2.h ws2tcpip.h mswsock.h windows.h)

  new_case "$cc: windows.h and winsock2.h in either order, and the switches of Windows programs"
  for header in windows.h winsock.h "windows.h -DWIN32_LEAN_AND_MEAN" "windows.h -D_WINSOCKAPI_" \
    "windows.h -DUNICODE -D_UNICODE" "windows.h -DNOMINMAX" "windows.h -D_WIN32_WINNT=0x0601 -DWIN32 -D_WIN64"; do
    job "$cc -std=c11 $check -include $header $all $probe"
    job "$cxx -x c++ -std=c++17 $check -include $header $all $probe"
  done
  job "$cc -std=c11 $check -include windows.h $probe"
  job "$cc -std=gnu17 $check -fshort-wchar $all $probe"
  job "$cxx -x c++ -std=c++20 $check $all $probe"
  job "$cxx -std=c++17 $check $here/wrapped.cpp"

  printf '#pragma comment(lib, "ws2_32.lib")\n#pragma warning(disable : 4996)\nextern int something;\n' > pragma.c
  new_case "$cc: words and pragmas of Microsoft's compiler"
  job "$cc -std=c11 $check $here/words.c"
  job "$cxx -x c++ -std=c++17 $check $here/words.c"
  job "$cc -std=c11 $check $all pragma.c"
  # The headers silence the warning, but g++ before 13 heeds no diagnostic pragma while it reads pragmas.
  job "$cxx -x c++ -std=c++17 $check -Wno-unknown-pragmas $all pragma.c"

  new_case "$cc: FD_SETSIZE is the program's, else 64"
  for size in 16 64 1024 4096; do
    job "$cc -std=gnu11 $check -DFD_SETSIZE=$size -DPROBE_FD_SETSIZE=$size $all $probe"
    job "$cc -std=gnu11 $check -DFD_SETSIZE=$size -DPROBE_FD_SETSIZE=$size $all -include stdlib.h $probe"
  done
  for header in stdlib.h sys/select.h sys/types.h; do
    job "$cc -std=gnu11 $check -DPROBE_FD_SETSIZE=64 -include $header $all $probe"
    job "$cxx -x c++ -std=c++17 $check -DPROBE_FD_SETSIZE=64 -include $header $all $probe"
  done
}

with_posix_sockets() {
  local header windows sockets
  windows=$(including windows.h minwinbase.h ntstatus.h winerror.h process.h lapwing.h)
  sockets=$(including sys/socket.h netinet/in.h netinet/tcp.h arpa/inet.h sys/un.h netdb.h)
  new_case "$cc: headers without socket names and POSIX socket headers in either order"
  job "$cc -std=gnu11 $check -DWIN32_LEAN_AND_MEAN $windows $sockets $here/posix.c"
  job "$cc -std=gnu11 $check -DWIN32_LEAN_AND_MEAN $sockets $windows $here/posix.c"
  job "$cxx -x c++ -std=c++17 $check -DWIN32_LEAN_AND_MEAN $sockets $windows $here/posix.c"

  new_case "$cc: POSIX socket headers after winsock2.h are empty, before it they are refused with the cure"
  for header in sys/socket.h netinet/in.h netinet/tcp.h arpa/inet.h sys/un.h netdb.h net/if.h ifaddrs.h; do
    job "$cc -std=gnu11 $check -include winsock2.h -include $header $probe"
    refused "$cc -std=gnu11 $check -include $header -include winsock2.h $probe"
  done
  refused "$cc -std=gnu11 $check -include sys/socket.h -include windows.h $probe"
}

windows_facts() {
  local std source
  new_case "$cc: layouts, constants and prototypes"
  for std in c11 gnu11; do
    for source in layouts constants prototypes; do job "$cc -std=$std $check $here/$source.c"; done
  done
}

# complain WORD...: the case fails with this text
complain() { echo "$*" >> "said/${#cases[@]}.0"; }

# OBJECT SYMBOL...: all of them are in the object file, and no function of libc's sockets is
has_symbols() {
  local object=$1 name
  shift
  for name; do grep -q " $name\$" <<< "$(nm "$object" 2> nm.err)" || complain "$object: no $name"; done
  nm "$object" 2> nm.err |
    grep -E ' U (socket|bind|listen|accept|connect|shutdown|send|recv|select|gethostname)$' > libc.out &&
    complain "$object: $(cat libc.out)"
}

own_names() {
  local compile="-I$include -Wall -Wextra -Wpedantic -Werror $fortified -c" name methods=()
  new_case "$cc: members, methods and functions keep the names that the program gave them"
  # shellcheck disable=SC2086
  {
    $cc -std=c11 $compile -o names.o "$here/names.c" > said.out 2>&1 || complain "$(cat said.out)"
    $cxx -std=c++17 $compile -o names++.o "$here/names.cpp" > said.out 2>&1 || complain "$(cat said.out)"
  }
  for name in socket bind listen accept connect shutdown close send recv select ioctlsocket; do
    methods+=("_ZN7Session${#name}${name}Ev")
  done
  has_symbols names.o pause send_to_all lw_{connect,bind,listen,accept,select,send,recv,shutdown,gethostname}
  has_symbols names++.o "${methods[@]}" lw_{socket,connect,select,send}
}

all_declared_exist() {
  new_case "every function that is declared is in the library"
  if ! compgen -G "${BUILD_DIR:-nowhere}/liblapwing.so" > /dev/null; then
    cases[-1]+=" # SKIP no library in BUILD_DIR"
    return
  fi
  # A library built with sanitizers needs their runtime: only what is missing of ours counts.
  $cc -I"$include" -o prototypes "$here/prototypes.c" -L"$BUILD_DIR" -Wl,-rpath,"$BUILD_DIR" -llapwing 2>&1 |
    grep -oE "undefined reference to .(lw_|[A-Z_])[A-Za-z0-9_]*'" | grep -vE '__([alt]|ub)san_|__sanitizer_' | sort -u > missing.out
  [ ! -s missing.out ] || complain "$(cat missing.out)"
}

windows_agrees() {
  local mingw=x86_64-w64-mingw32-gcc source
  new_case "MinGW-w64's headers have the same layouts, constants and prototypes"
  if ! command -v $mingw > /dev/null; then
    cases[-1]+=" # SKIP no $mingw"
    return
  fi
  for source in layouts constants prototypes; do
    job "$mingw -std=gnu11 -D_WIN32_WINNT=0x0a00 -Wall -Wextra -Werror -fsyntax-only $here/$source.c"
  done
}

# Each letter case of a name stands for the header of that name.
letter_cases() {
  local file
  new_case "a header in other letters includes the one of that name"
  for file in "$include"/*[A-Z]*.[hH]; do
    file=${file##*/}
    grep -qx "#include <${file,,}>" "$include/$file" || complain "$file"
  done
}

# ---- which compilers ----

same_program() { [ "$(readlink -f "$(command -v "$1")")" = "$(readlink -f "$(command -v "$2")")" ]; }

compilers=("${CC:-cc} ${CXX:-c++}")
for pair in "gcc g++" "clang clang++"; do
  [ -z "${FAST:-}" ] || break
  if ! command -v "${pair% *}" > /dev/null || ! command -v "${pair#* }" > /dev/null; then
    new_case "${pair% *} # SKIP not installed"
  elif ! same_program "${pair% *}" "${compilers[0]% *}"; then
    compilers+=("$pair")
  fi
done

for pair in "${compilers[@]}"; do
  cc=${pair% *} cxx=${pair#* }
  alone
  with_all
  with_each
  orders
  with_posix_sockets
  windows_facts
  own_names
done
cc=${compilers[0]% *}
all_declared_exist
windows_agrees
letter_cases
run_jobs
report
