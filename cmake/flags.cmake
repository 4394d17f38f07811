# SPDX-License-Identifier: MIT
# Compiler and linker flags. `lapwing_flags` carries what everything that is built here gets: library, tests, examples.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)

add_library(lapwing_flags INTERFACE)
target_compile_options(lapwing_flags INTERFACE -Wall -Wextra -Wpedantic $<$<BOOL:${LAPWING_WERROR}>:-Werror>)

# Completion routines may throw through our frames: every one of them has unwind tables. One sockaddr is read as
# another.
set(LAPWING_LIBRARY_FLAGS -fexceptions -fno-strict-aliasing -Wstrict-prototypes -Wmissing-prototypes)
# A thread may end, and its clean-up run, after a dlclose: the library stays mapped.
set(LAPWING_SHARED_LINK_FLAGS -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-Bsymbolic-functions)

# What changes the internal headers: for the library and for the unit tests that see them.
set(LAPWING_INTERNAL_FLAGS "")
if(CMAKE_BUILD_TYPE STREQUAL Debug OR LAPWING_SANITIZE)
  list(APPEND LAPWING_INTERNAL_FLAGS -DLAPWING_DEBUG)
endif()

if(LAPWING_SANITIZE)
  # Frame pointers and no sibling calls: a report shows every caller.
  target_compile_options(lapwing_flags INTERFACE -fsanitize=${LAPWING_SANITIZE} -fno-sanitize-recover=all
                         -fno-omit-frame-pointer -fno-optimize-sibling-calls)
  target_link_options(lapwing_flags INTERFACE -fsanitize=${LAPWING_SANITIZE})
else()
  list(APPEND LAPWING_SHARED_LINK_FLAGS -Wl,-z,defs)
  list(APPEND LAPWING_LIBRARY_FLAGS -fstack-protector-strong)
  if(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
    list(APPEND LAPWING_LIBRARY_FLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|i.86")
    list(APPEND LAPWING_LIBRARY_FLAGS -fcf-protection)
  endif()
endif()
