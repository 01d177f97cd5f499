/* Plays inputs back through a fuzz target, without libFuzzer: PROGRAM FILE-OR-FOLDER... Says how
 * many there were. An input that breaks a rule ends the process. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static unsigned played;

static void play(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat st;
    if (file == NULL || fstat(fileno(file), &st) != 0) {
        perror(path);
        exit(2);
    }
    const size_t n = (size_t)st.st_size;
    /* Exactly as long as the input, so that a byte read behind its end is seen. */
    uint8_t *bytes = malloc(n == 0 ? 1 : n);
    if (bytes == NULL || fread(bytes, 1, n, file) != n) {
        perror(path);
        exit(2);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
    played++;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void play_all(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        perror(path);
        exit(2);
    }
    if (!S_ISDIR(st.st_mode)) {
        play(path);
        return;
    }
    struct dirent **names;
    const int n = scandir(path, &names, visible, alphasort);
    for (int i = 0; i < n; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, names[i]->d_name);
        play_all(name);
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        play_all(argv[i]);
    }
    printf("%u inputs\n", played);
    return played > 0 ? 0 : 2;
}
