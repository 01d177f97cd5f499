/* A LAN file and those that it includes, as one tree. */
#ifndef SW_CONFIG_LOAD_H
#define SW_CONFIG_LOAD_H

#include "config/expand.h"
#include "config/yaml.h"

#define SW_INCLUDE_DEPTH_MAX 16 /* files that include each other in turn */

/* A file that was read. */
struct sw_loaded {
    struct sw_source source;
    char *path, *bytes;
    struct sw_document document;
};

/* All zero but the first line is ready to load. */
struct sw_loading {
    const struct sw_config_io *io;
    struct sw_report *report;
    struct sw_loaded files[SW_CONFIG_FILES_MAX]; /* the LAN file first */
    size_t count;
    struct sw_yaml *tree;   /* of all files so far */
    size_t bytes, expanded; /* of all files; of all values with their variables put in */
};

/* Reads path and what it includes; variables gets what its `matrix` gives. 0 and the tree of it
 * all, which lives until sw_loading_fini(); -EINVAL: problems were reported; -ENOMEM. */
int sw_load(struct sw_loading *loading, const char *path, struct sw_variables *variables,
            struct sw_config_choice *choice, struct sw_yaml **root);
void sw_loading_fini(struct sw_loading *loading);

#endif
