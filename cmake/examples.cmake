# SPDX-License-Identifier: MIT
# One program for each folder of examples/, in build/examples, against the shared library as a user would build it.

file(GLOB example_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/examples/*/*.c)
set(example_names)
foreach(source ${example_sources})
  get_filename_component(folder ${source} DIRECTORY)
  get_filename_component(name ${folder} NAME)
  list(APPEND example_names ${name})
  list(APPEND sources_of_${name} ${source})
endforeach()
list(REMOVE_DUPLICATES example_names)

add_custom_target(examples)
foreach(name ${example_names})
  add_executable(example-${name} ${sources_of_${name}})
  set_target_properties(example-${name} PROPERTIES
    OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/examples)
  target_link_libraries(example-${name} PRIVATE lapwing_flags lapwing)
  add_dependencies(examples example-${name})
endforeach()
