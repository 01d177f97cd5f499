# Runs PROGRAM, which must succeed and write WANTED somewhere.
execute_process(COMMAND ${PROGRAM} RESULT_VARIABLE status OUTPUT_VARIABLE said)
string(FIND "${said}" "${WANTED}" at)
if(NOT status EQUAL 0 OR at LESS 0)
    message(FATAL_ERROR "exit status ${status}; wanted: ${WANTED}\nsaid: ${said}")
endif()
