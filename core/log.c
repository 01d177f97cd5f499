/* One line of text to whoever listens. */
#include "core/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

void sw_log_line(const struct sw_log *log, enum sw_log_level level, const char *format, ...)
{
    if (log == NULL || log->write == NULL || level > log->level) {
        return;
    }
    char line[256];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    log->write(log->ctx, level, line);
}
