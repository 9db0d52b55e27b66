/* Tests of tinyring. Build and run: cc -std=c11 tinyring.c test_tinyring.c */
#include "tinyring.h"

#include <stdio.h>
#include <string.h>

static int failures;

#define CHECK(condition)                                                   \
    do {                                                                   \
        if (!(condition)) {                                                \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            failures++;                                                    \
        }                                                                  \
    } while (0)

static void test_init(void)
{
    tinyring ring;
    uint8_t memory[64];
    CHECK(tr_init(&ring, memory, 64) == TR_OK);
    CHECK(tr_init(&ring, memory, 63) == TR_BAD_ARG);
    CHECK(tr_init(&ring, memory, 0) == TR_BAD_ARG);
    CHECK(tr_init(&ring, NULL, 64) == TR_BAD_ARG);
    CHECK(tr_init(NULL, memory, 64) == TR_BAD_ARG);
}

static void test_bytes_wrap(void)
{
    tinyring ring;
    uint8_t memory[8];
    char out[16] = {0};
    tr_init(&ring, memory, 8);

    CHECK(tr_write(&ring, "abcdef", 6) == 6);
    CHECK(tr_read(&ring, out, 4) == 4 && memcmp(out, "abcd", 4) == 0);
    CHECK(tr_write(&ring, "ghijklmnop", 10) == 6); /* only six fit */
    CHECK(tr_room(&ring) == 0 && tr_used(&ring) == 8);
    CHECK(tr_peek(&ring, out, 16) == 8 && memcmp(out, "efghijkl", 8) == 0);
    CHECK(tr_read(&ring, out, 16) == 8);
    CHECK(tr_used(&ring) == 0 && tr_read(&ring, out, 1) == 0);
}

static void test_index_overflow(void)
{
    tinyring ring;
    uint8_t memory[16];
    char out[4];
    tr_init(&ring, memory, 16);
    atomic_store(&ring.head, UINT32_MAX - 1);
    atomic_store(&ring.tail, UINT32_MAX - 1);
    CHECK(tr_write(&ring, "wxyz", 4) == 4);
    CHECK(tr_used(&ring) == 4);
    CHECK(tr_read(&ring, out, 4) == 4 && memcmp(out, "wxyz", 4) == 0);
}

static void test_records(void)
{
    tinyring ring;
    uint8_t memory[16];
    char out[16];
    uint32_t length = sizeof out;
    tr_init(&ring, memory, 16);

    CHECK(tr_get_record(&ring, out, &length) == TR_EMPTY);
    CHECK(tr_put_record(&ring, "first", 5) == TR_OK);
    CHECK(tr_put_record(&ring, "", 0) == TR_OK);
    CHECK(tr_put_record(&ring, "too long", 8) == TR_FULL);
    CHECK(tr_put_record(&ring, "far too long for it", 19) == TR_BAD_ARG);

    length = 3;
    CHECK(tr_get_record(&ring, out, &length) == TR_TOO_SMALL && length == 5);
    length = sizeof out;
    CHECK(tr_get_record(&ring, out, &length) == TR_OK && length == 5);
    CHECK(memcmp(out, "first", 5) == 0);
    length = sizeof out;
    CHECK(tr_get_record(&ring, out, &length) == TR_OK && length == 0);
    CHECK(tr_used(&ring) == 0);
}

static void test_push_drops_the_oldest(void)
{
    tinyring ring;
    uint8_t memory[16];
    char out[16];
    uint32_t length = sizeof out;
    tr_init(&ring, memory, 16);

    tr_push_record(&ring, "one", 3);
    tr_push_record(&ring, "two", 3);
    tr_push_record(&ring, "three", 5); /* 5 + 5 + 7 bytes do not fit into 16 */
    CHECK(ring.dropped == 1);
    CHECK(tr_get_record(&ring, out, &length) == TR_OK);
    CHECK(length == 3 && memcmp(out, "two", 3) == 0);
}

int main(void)
{
    test_init();
    test_bytes_wrap();
    test_index_overflow();
    test_records();
    test_push_drops_the_oldest();
    if (failures == 0)
        puts("tinyring: all tests passed");
    return failures != 0;
}
