/* What a room below the daemon has to say: a line of text at a level, handed to whoever set the
 * writer. */
#ifndef SW_CORE_LOG_H
#define SW_CORE_LOG_H

enum sw_log_level { SW_LOG_ERROR, SW_LOG_WARN, SW_LOG_INFO, SW_LOG_DEBUG };

struct sw_log {
    void (*write)(void *ctx, enum sw_log_level level, const char *line); /* NULL: nobody listens */
    void *ctx;
    enum sw_log_level level; /* the least important that is wanted */
};

/* Formats at most 255 bytes of a line and hands it over; nothing is formatted for a level nobody
 * wants. log may be NULL. */
void sw_log_line(const struct sw_log *log, enum sw_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
