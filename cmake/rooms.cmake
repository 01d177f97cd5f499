# What a room is to the build: its flags, its library, and who may link to whom.

find_package(PkgConfig REQUIRED)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# assert stays in every build: an invariant that holds only while someone watches is no invariant.
foreach(type RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REGEX REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${type} "${CMAKE_C_FLAGS_${type}}")
endforeach()

# The rooms from the bottom up; a room may use those before it. The pure ones make libswitchd.
set(SW_ROOMS core wire stack lan config switchd)
set(SW_PURE_ROOMS core wire stack lan)
set(SW_DIR_core core)
set(SW_DIR_wire stack/wire)
set(SW_DIR_stack stack)
set(SW_DIR_lan lan)
set(SW_DIR_config config)
set(SW_DIR_switchd switchd)

add_library(sw_flags INTERFACE)
target_include_directories(sw_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(sw_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
    # A message too long for its buffer is cut: that is what its bound is for. clang has no such warning, and would warn of the name.
    $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>)
if(SW_SANITIZE)
    target_compile_options(sw_flags INTERFACE
        -fsanitize=${SW_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(sw_flags INTERFACE -fsanitize=${SW_SANITIZE})
endif()
if(SW_FUZZ)
    target_compile_options(sw_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    # What is shipped says core/frame.c in an assert's words, and not where it was built.
    target_compile_options(sw_flags INTERFACE -fno-plt -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
endif()

if(SW_LTO)
    include(CheckIPOSupported)
    check_ipo_supported(RESULT SW_IPO OUTPUT why LANGUAGES C)
    if(SW_IPO)
        set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
        if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
            # The archive must serve a program that is linked without LTO as well.
            target_compile_options(sw_flags INTERFACE -ffat-lto-objects)
        endif()
    else()
        message(STATUS "no link-time optimisation with this compiler")
    endif()
endif()

# Links a target with those of the named libraries that exist: a room without a .c has none.
function(sw_link target)
    foreach(lib ${ARGN})
        if(TARGET ${lib})
            target_link_libraries(${target} PUBLIC ${lib})
        endif()
    endforeach()
endfunction()

# sw_room(NAME USES ROOMS... PACKAGES MODULES... EXCEPT FILES...): the library sw_NAME of the current folder's *.c.
# The objects stand apart from the archive, so that libswitchd can gather those of several rooms.
function(sw_room name)
    cmake_parse_arguments(arg "" "" "USES;PACKAGES;EXCEPT" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
    foreach(file ${arg_EXCEPT})
        list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    endforeach()
    if(NOT sources)
        return()
    endif()
    add_library(sw_${name}_objects OBJECT ${sources})
    target_link_libraries(sw_${name}_objects PUBLIC sw_flags)
    add_library(sw_${name} STATIC $<TARGET_OBJECTS:sw_${name}_objects>)
    target_link_libraries(sw_${name} PUBLIC sw_flags)
    foreach(package ${arg_PACKAGES})
        pkg_check_modules(${package} REQUIRED IMPORTED_TARGET GLOBAL ${package})
        target_link_libraries(sw_${name}_objects PUBLIC PkgConfig::${package})
        target_link_libraries(sw_${name} PUBLIC PkgConfig::${package})
    endforeach()
    set_property(GLOBAL PROPERTY SW_PACKAGES_${name} ${arg_PACKAGES})
    list(TRANSFORM arg_USES PREPEND sw_)
    sw_link(sw_${name} ${arg_USES})
endfunction()

# libswitchd.a: the pure rooms in one archive; what a user's own program links.
function(sw_gather_libswitchd)
    set(objects "")
    set(packages "")
    foreach(room ${SW_PURE_ROOMS})
        if(TARGET sw_${room}_objects)
            list(APPEND objects $<TARGET_OBJECTS:sw_${room}_objects>)
            get_property(more GLOBAL PROPERTY SW_PACKAGES_${room})
            list(APPEND packages ${more})
        endif()
    endforeach()
    if(NOT objects)
        return()
    endif()
    add_library(libswitchd STATIC ${objects})
    target_link_libraries(libswitchd PUBLIC sw_flags)
    foreach(package ${packages})
        target_link_libraries(libswitchd PUBLIC PkgConfig::${package})
    endforeach()
    set_target_properties(libswitchd PROPERTIES OUTPUT_NAME switchd ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}
        LINKER_LANGUAGE C)
endfunction()
