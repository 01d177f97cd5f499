/*
 * A program that must die: it fails an assert, compiled with the flags of the rooms. The check
 * "asserts" runs it, because a -DNDEBUG that slips in would switch every invariant off without a
 * word.
 */
#include <assert.h>

int main(int argc, char **argv)
{
    (void)argv;
    assert(argc > 1000);
    return 0;
}
