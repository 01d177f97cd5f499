/* The world as a LAN file may ask for it: files, directories, the environment. */
#ifndef SW_SWITCHD_FILES_H
#define SW_SWITCHD_FILES_H

#include "config/config.h"

const struct sw_config_io *sw_files_io(void);
/* The LAN files (*.yaml, *.yml) at path: itself if it is a file, else all below it, sorted. 0 or a
 * negative errno. The list is freed with sw_files_free(). */
int sw_files_find(const char *path, char ***out, size_t *count);
void sw_files_free(char **list, size_t count);

#endif
