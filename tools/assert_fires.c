/*
 * A program that must die: it fails an assert, compiled with the very flags of the rooms. tools/check-assert runs it in the
 * release build, because a -DNDEBUG that slips in would switch every invariant off without a word.
 */
#include <assert.h>

int main(int argc, char **argv)
{
    (void)argv;
    assert(argc > 1000);
    return 0;
}
