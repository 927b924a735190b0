# One function makes every library alike:
#
#   yw_library(feel DEPS yw::base LIBS re2::re2)
#
# builds src/<name>/src/*.cpp as static library yw::<name> with the public headers of
# src/<name>/include, checks that every public header compiles alone, and builds
# src/<name>/src/*_test.cpp into the test program <name>_tests, registered with CTest
# under the label "unit".
include_guard()
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(GTest REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)

add_library(yw_options INTERFACE)
target_compile_options(yw_options INTERFACE -Wall -Wextra -Wpedantic -Werror -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(yw_options INTERFACE -Wthread-safety)
else()
  # GCC 12 reports these falsely in optimised standard-library code.
  target_compile_options(yw_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
    -Wno-array-bounds -Wno-stringop-overread -Wno-dangling-pointer)
endif()
if(YW_SANITIZE)
  target_compile_options(yw_options INTERFACE -fsanitize=${YW_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(yw_options INTERFACE -fsanitize=${YW_SANITIZE})
endif()
if(YW_FUZZ)
  # clang 14 cannot put the mark of -fsanitize=function before a coroutine.
  target_compile_options(yw_options INTERFACE -fsanitize=fuzzer-no-link -fno-sanitize=function)
endif()
find_program(YW_MOLD mold)
if(YW_MOLD AND NOT YW_SANITIZE AND NOT YW_FUZZ)
  target_link_options(yw_options INTERFACE -fuse-ld=mold)
endif()

# One precompiled header of the standard library, shared by all libraries.
file(WRITE ${CMAKE_BINARY_DIR}/pch/empty.cpp "")
add_library(yw_pch STATIC ${CMAKE_BINARY_DIR}/pch/empty.cpp)
target_link_libraries(yw_pch PUBLIC yw_options fmt::fmt)
target_precompile_headers(yw_pch PRIVATE
  <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <cstring> <functional> <map> <memory> <mutex>
  <optional> <span> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector>
  <fmt/format.h> <tl/expected.hpp>)

# Programs that allocate on one thread and free on another all the time; the sanitizers bring their own.
function(yw_allocator target)
  if(NOT YW_SANITIZE)
    pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
    target_link_libraries(${target} PRIVATE PkgConfig::JEMALLOC)
    target_link_options(${target} PRIVATE -Wl,--no-as-needed)
    target_compile_definitions(${target} PRIVATE YW_JEMALLOC)
  endif()
endfunction()

function(yw_test name)
  cmake_parse_arguments(PARSE_ARGV 1 T "" "TIMEOUT" "SOURCES;DEPS;LABELS")
  add_executable(${name} ${T_SOURCES})
  target_link_libraries(${name} PRIVATE yw_options ${T_DEPS} GTest::gtest GTest::gtest_main Threads::Threads)
  target_compile_definitions(${name} PRIVATE YW_SOURCE_DIR="${CMAKE_SOURCE_DIR}" YW_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}" TIMEOUT ${T_TIMEOUT})
  # The sanitizer builds compile exactly the programs that carry these labels.
  if("unit" IN_LIST T_LABELS)
    set_property(GLOBAL APPEND PROPERTY YW_UNIT_TESTS ${name})
  elseif("threads" IN_LIST T_LABELS)
    set_property(GLOBAL APPEND PROPERTY YW_THREAD_TESTS ${name})
  endif()
endfunction()

function(yw_library name)
  cmake_parse_arguments(PARSE_ARGV 1 L "NO_PCH;THREADS" "" "DEPS;LIBS;PRIVATE_LIBS;TEST_DEPS")
  set(dir ${CMAKE_CURRENT_SOURCE_DIR})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/src/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  add_library(yw_${name} STATIC ${sources})
  add_library(yw::${name} ALIAS yw_${name})
  target_include_directories(yw_${name} PUBLIC ${dir}/include PRIVATE ${dir}/src)
  target_link_libraries(yw_${name} PUBLIC ${L_DEPS} ${L_LIBS} fmt::fmt PRIVATE yw_options ${L_PRIVATE_LIBS})
  if(NOT L_NO_PCH)
    target_precompile_headers(yw_${name} REUSE_FROM yw_pch)
  endif()

  # Every public header compiles alone.
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${dir}/include ${dir}/include/*.hpp)
  set(checks)
  foreach(header IN LISTS headers)
    string(MAKE_C_IDENTIFIER ${header} id)
    set(check ${CMAKE_CURRENT_BINARY_DIR}/header_${id}.cpp)
    file(CONFIGURE OUTPUT ${check} CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
    list(APPEND checks ${check})
  endforeach()
  if(checks)
    add_library(yw_${name}_headers OBJECT EXCLUDE_FROM_ALL ${checks})
    target_link_libraries(yw_${name}_headers PRIVATE yw_${name} yw_options)
    set_property(GLOBAL APPEND PROPERTY YW_HEADER_TARGETS yw_${name}_headers)
  endif()

  if(tests AND BUILD_TESTING)
    set(label unit)
    if(L_THREADS)
      set(label threads)
    endif()
    yw_test(${name}_tests SOURCES ${tests} DEPS yw::${name} ${L_TEST_DEPS} LABELS ${label})
    target_include_directories(${name}_tests PRIVATE ${dir}/src)
  endif()
endfunction()
