/* SHA-256 against the vectors of FIPS 180-4's examples. */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "lan/sha256.h"

static const char *sum(const void *bytes, size_t n, char *hex)
{
    struct sw_sha256 s;
    sw_sha256_init(&s);
    sw_sha256_add(&s, bytes, n);
    return sw_sha256_end(&s, hex);
}

START_TEST(published_vectors__fips_180_4)
{
    char hex[SW_SHA256_HEX];
    ck_assert_str_eq(sum("", 0, hex),
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert_str_eq(sum("abc", 3, hex),
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_str_eq(sum("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex),
                     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
END_TEST

START_TEST(a_million_times_a__fips_180_4)
{
    char hex[SW_SHA256_HEX];
    char thousand[1000];
    struct sw_sha256 s;
    memset(thousand, 'a', sizeof thousand);
    sw_sha256_init(&s);
    for (int i = 0; i < 1000; i++) {
        sw_sha256_add(&s, thousand, sizeof thousand);
    }
    ck_assert_str_eq(sw_sha256_end(&s, hex),
                     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* Every length around the padding's two cases, and every way to cut it in two, gives what the whole
 * gives. */
START_TEST(pieces_sum_up_as_the_whole)
{
    uint8_t bytes[130];
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    for (size_t n = 0; n <= sizeof bytes; n++) {
        char whole[SW_SHA256_HEX], parts[SW_SHA256_HEX];
        sum(bytes, n, whole);
        for (size_t cut = 0; cut <= n; cut++) {
            struct sw_sha256 s;
            sw_sha256_init(&s);
            sw_sha256_add(&s, bytes, cut);
            sw_sha256_add(&s, bytes + cut, n - cut);
            ck_assert_str_eq(sw_sha256_end(&s, parts), whole);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sha256");
    TCase *tc = tcase_create("vectors");
    tcase_add_test(tc, published_vectors__fips_180_4);
    tcase_add_test(tc, a_million_times_a__fips_180_4);
    tcase_add_test(tc, pieces_sum_up_as_the_whole);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
