# How every target of the project is built.

add_library(yard_options INTERFACE)
target_include_directories(yard_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_definitions(yard_options INTERFACE _GLIBCXX_ASSERTIONS MSGPACK_NO_BOOST ZMQ_CPP11)
target_compile_options(yard_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wno-missing-field-initializers
  # g++ 12 reports -Wrestrict inside its own std::string operator+ (gcc bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wno-missing-designated-field-initializers>
  $<$<BOOL:${YARD_WERROR}>:-Werror>)
if(YARD_SANITIZE STREQUAL "address")
  target_compile_options(yard_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(yard_options INTERFACE -fsanitize=address,undefined)
elseif(YARD_SANITIZE STREQUAL "thread")
  target_compile_options(yard_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(yard_options INTERFACE -fsanitize=thread)
elseif(YARD_SANITIZE)
  message(FATAL_ERROR "YARD_SANITIZE is \"${YARD_SANITIZE}\"; it takes address or thread")
endif()
if(YARD_FUZZ)
  target_compile_options(yard_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# yard_library(NAME yard_jobs FOLDERS . executors DEPS yard_iopub)
# A library of every .cc in FOLDERS (relative to the calling folder).
function(yard_library)
  cmake_parse_arguments(arg "" "NAME" "FOLDERS;DEPS" ${ARGN})
  set(sources)
  foreach(folder ${arg_FOLDERS})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc)
    list(APPEND sources ${found})
  endforeach()
  if(sources)
    add_library(${arg_NAME} STATIC ${sources})
    target_link_libraries(${arg_NAME} PUBLIC yard_options ${arg_DEPS})
  else()
    add_library(${arg_NAME} INTERFACE)
    target_link_libraries(${arg_NAME} INTERFACE yard_options ${arg_DEPS})
  endif()
  set_property(GLOBAL APPEND PROPERTY YARD_LIBRARIES ${arg_NAME})
endfunction()
