# SPDX-License-Identifier: MIT
# The same conformance tests and examples as Windows programs, for Wine: target `oracle`, built on demand with
# MinGW-w64 and its own headers (never ours). Where the compiler is missing there is no such target.

option(LAPWING_ORACLE "Describe the programs for Wine, where MinGW-w64 is" ON)
find_program(LAPWING_MINGW_CC x86_64-w64-mingw32-gcc)
if(NOT LAPWING_MINGW_CC OR NOT LAPWING_ORACLE)
  return()
endif()

set(wine_folder ${CMAKE_CURRENT_BINARY_DIR}/wine)
set(mingw_flags -std=gnu11 -O1 -g -Wall -Wextra -D_WIN32_WINNT=0x0601)
set(mingw_libraries -lws2_32 -lmswsock)
if(LAPWING_WERROR)
  list(APPEND mingw_flags -Werror)
endif()
set(wine_list "")
set(wine_programs "")
file(GLOB harness_headers CONFIGURE_DEPENDS lib/*.h)

# add_windows_program(KIND NAME OBJECT... SOURCE...): build/tests/wine/KIND/NAME.exe
macro(add_windows_program kind name)
  set(program ${wine_folder}/${kind}/${name}.exe)
  add_custom_command(OUTPUT ${program}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${wine_folder}/${kind}
    COMMAND ${LAPWING_MINGW_CC} ${mingw_flags} -I${CMAKE_CURRENT_SOURCE_DIR}/lib -o ${program} ${ARGN}
            ${mingw_libraries}
    DEPENDS ${ARGN} ${harness_headers}
    COMMENT "Building ${kind}/${name}.exe for Wine" VERBATIM)
  list(APPEND wine_programs ${program})
endmacro()

set(harness_objects "")
foreach(source ${harness_sources})
  get_filename_component(name ${source} NAME_WE)
  set(object ${wine_folder}/${name}.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${wine_folder}
    COMMAND ${LAPWING_MINGW_CC} ${mingw_flags} -c -o ${object} ${source}
    DEPENDS ${source} ${harness_headers}
    COMMENT "Building ${name}.o for Wine" VERBATIM)
  list(APPEND harness_objects ${object})
endforeach()

file(GLOB sources CONFIGURE_DEPENDS conform/*.c)
foreach(source ${sources})
  get_filename_component(name ${source} NAME_WE)
  add_windows_program(conform ${name} ${source} ${harness_objects})
  string(APPEND wine_list "conform ${name} ${wine_folder}/conform/${name}.exe\n")
endforeach()

foreach(name ${example_names})
  add_windows_program(examples ${name} ${sources_of_${name}})
endforeach()
file(GLOB scripts CONFIGURE_DEPENDS examples/*.sh)
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  string(APPEND wine_list "examples ${name} ${script}\n")
endforeach()

file(GENERATE OUTPUT ${wine_folder}/list CONTENT "${wine_list}")
add_custom_target(oracle DEPENDS ${wine_programs})
