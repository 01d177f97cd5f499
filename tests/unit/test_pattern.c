/* The bytes of made-up bodies. */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "lan/pattern.h"

/* Whatever offset and length: byte i is i modulo 251, and nothing behind is touched. */
START_TEST(byte_i_is_i_modulo_251)
{
    static const size_t lengths[] = {0, 1, 250, 251, 252, 502, 503, 4016, 4017, 9000};
    static const uint64_t offsets[] = {0, 1, 250, 251, 100000000, UINT64_C(1) << 40};
    static uint8_t to[9001];
    for (unsigned l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        for (unsigned o = 0; o < sizeof offsets / sizeof offsets[0]; o++) {
            memset(to, 0xff, sizeof to);
            sw_pattern_fill(to, lengths[l], offsets[o]);
            for (size_t i = 0; i < lengths[l]; i++) {
                ck_assert_uint_eq(to[i], (offsets[o] + i) % 251);
            }
            ck_assert_uint_eq(to[lengths[l]], 0xff);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pattern");
    TCase *tc = tcase_create("fill");
    tcase_add_test(tc, byte_i_is_i_modulo_251);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
