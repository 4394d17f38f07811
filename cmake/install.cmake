# SPDX-License-Identifier: MIT
# What `cmake --install` puts where. The headers get a folder of their own: names such as windows.h belong to no one
# else's include path.
include(CMakePackageConfigHelpers)

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lapwing)
install(TARGETS lapwing lapwing_static EXPORT lapwing-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

# CMake package: find_package(lapwing) gives lapwing::lapwing and lapwing::lapwing_static.
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/lapwing)
install(EXPORT lapwing-targets NAMESPACE lapwing:: DESTINATION ${package_folder})
configure_package_config_file(cmake/lapwing-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/lapwing-config.cmake
  INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/lapwing-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lapwing-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/lapwing-config-version.cmake
  DESTINATION ${package_folder})

# pkg-config: written while installing, because the prefix may be given only then (cmake --install --prefix).
install(CODE "
  set(PROJECT_VERSION \"${PROJECT_VERSION}\")
  set(PROJECT_DESCRIPTION \"${PROJECT_DESCRIPTION}\")
  set(LIBDIR \"${CMAKE_INSTALL_LIBDIR}\")
  set(INCLUDEDIR \"${CMAKE_INSTALL_INCLUDEDIR}\")
  set(PC_IN \"${CMAKE_CURRENT_SOURCE_DIR}/cmake/lapwing.pc.in\")
  set(PC_OUT \"${CMAKE_CURRENT_BINARY_DIR}/lapwing.pc\")
  include(\"${CMAKE_CURRENT_SOURCE_DIR}/cmake/install-pc.cmake\")")

foreach(section 1 3 7)
  file(GLOB pages CONFIGURE_DEPENDS man/*.${section})
  if(pages)
    install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endif()
endforeach()
