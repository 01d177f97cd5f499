# What is installed, and what is written for it during the build: completions and manual pages.

# The headers of libswitchd that are for its users. Those that are not here are for the room's own files; a test holds that the
# ones here need none of them.
set(SW_PUBLIC_core addr bytes checksum clock drop env frame link log pcapng port rng siphash text watch)
set(SW_PUBLIC_stack far host sock tcp_watch)
set(SW_PUBLIC_stack/wire arp eth icmp ipv4 tcp udp)
set(SW_PUBLIC_lan bpf bridge events fdb judge lab metric network player rewrite scenario services topo trace traffic)
foreach(room core stack stack/wire lan)
    foreach(header ${SW_PUBLIC_${room}})
        install(FILES ${CMAKE_SOURCE_DIR}/${room}/${header}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/switchd/${room})
    endforeach()
endforeach()

if(TARGET switchd)
    install(TARGETS switchd)
endif()
if(TARGET libswitchd)
    install(TARGETS libswitchd ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()

# sw_install_filled(FILE FOLDER): FILE with its @NAMES@ and its /usr filled in when it is installed, since only then the prefix is
# known for good (cmake --install --prefix).
function(sw_install_filled file folder)
    get_filename_component(name ${file} NAME)
    string(REGEX REPLACE "\\.in$" "" name ${name})
    install(CODE "
        set(prefix \"\${CMAKE_INSTALL_PREFIX}\")
        set(libdir \"${CMAKE_INSTALL_LIBDIR}\")
        set(includedir \"${CMAKE_INSTALL_INCLUDEDIR}\")
        set(version \"${PROJECT_VERSION}\")
        set(description \"${PROJECT_DESCRIPTION}\")
        file(READ \"${file}\" text)
        string(CONFIGURE \"\${text}\" text @ONLY)
        string(REPLACE /usr/share/doc/switchd \"\${prefix}/${CMAKE_INSTALL_DOCDIR}\" text \"\${text}\")
        file(WRITE \"${CMAKE_BINARY_DIR}/filled/${name}\" \"\${text}\")
        file(INSTALL \"${CMAKE_BINARY_DIR}/filled/${name}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${folder}\")")
endfunction()

sw_install_filled(${CMAKE_SOURCE_DIR}/cmake/switchd.pc.in ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN CMakeLists.txt EXCLUDE)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")

# sw_written(FILE NAME ARGUMENTS...): a file of the build that a program of our own, tools/NAME.c, writes to its standard output. So
# nothing that is generated is committed, and none of it can be out of step.
function(sw_written file program)
    if(NOT TARGET ${program})
        add_executable(${program} ${CMAKE_SOURCE_DIR}/tools/${program}.c)
        set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
        sw_link(${program} sw_flags sw_switchd sw_config sw_lan sw_stack sw_wire sw_core)
    endif()
    set(read "")
    foreach(argument ${ARGN})
        if(EXISTS ${argument})
            list(APPEND read ${argument})
        endif()
    endforeach()
    get_filename_component(folder ${CMAKE_BINARY_DIR}/${file} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${file}
        COMMAND ${program} ${ARGN} > ${CMAKE_BINARY_DIR}/${file}
        DEPENDS ${program} ${read} VERBATIM)
    set_property(GLOBAL APPEND PROPERTY SW_WRITTEN ${CMAKE_BINARY_DIR}/${file})
endfunction()

if(TARGET sw_switchd)
    # Where Debian's bash, zsh and fish look for those of a package.
    foreach(row "bash share/bash-completion/completions switchd" "zsh share/zsh/vendor-completions _switchd"
            "fish share/fish/vendor_completions.d switchd.fish")
        separate_arguments(row)
        list(GET row 0 shell)
        list(GET row 1 folder)
        list(GET row 2 name)
        sw_written(completions/${shell} write_completions ${shell})
        install(FILES ${CMAKE_BINARY_DIR}/completions/${shell} DESTINATION ${folder} RENAME ${name})
    endforeach()
    sw_written(man/switchd-lan.5 write_lan_page ${CMAKE_SOURCE_DIR}/man/switchd-lan.5.in)
    sw_install_filled(${CMAKE_BINARY_DIR}/man/switchd-lan.5 ${CMAKE_INSTALL_MANDIR}/man5)
endif()
sw_install_filled(${CMAKE_SOURCE_DIR}/man/switchd.1 ${CMAKE_INSTALL_MANDIR}/man1)

get_property(written GLOBAL PROPERTY SW_WRITTEN)
add_custom_target(written ALL DEPENDS ${written})
