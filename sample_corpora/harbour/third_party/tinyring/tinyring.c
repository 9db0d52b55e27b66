/* tinyring - see tinyring.h for the manual and LICENSE for the terms. */
#include "tinyring.h"

#include <string.h>

#define PREFIX 2u

static uint32_t load_head(const tinyring *ring, memory_order order)
{
    return atomic_load_explicit(&((tinyring *)ring)->head, order);
}

static uint32_t load_tail(const tinyring *ring, memory_order order)
{
    return atomic_load_explicit(&((tinyring *)ring)->tail, order);
}

tr_status tr_init(tinyring *ring, void *memory, uint32_t capacity)
{
    if (ring == NULL || memory == NULL)
        return TR_BAD_ARG;
    if (capacity < 2 || (capacity & (capacity - 1)) != 0)
        return TR_BAD_ARG;
    ring->data = memory;
    ring->mask = capacity - 1;
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
    ring->dropped = 0;
    return TR_OK;
}

uint32_t tr_capacity(const tinyring *ring)
{
    return ring->mask + 1;
}

uint32_t tr_used(const tinyring *ring)
{
    /* Unsigned wrap-around makes the difference right after an overflow, too. */
    return load_head(ring, memory_order_acquire) - load_tail(ring, memory_order_acquire);
}

uint32_t tr_room(const tinyring *ring)
{
    return tr_capacity(ring) - tr_used(ring);
}

/* Copies into the ring at a free-running index, in at most two pieces. */
static void copy_in(tinyring *ring, uint32_t at, const uint8_t *from, uint32_t length)
{
    uint32_t start = at & ring->mask;
    uint32_t first = tr_capacity(ring) - start;
    if (first > length)
        first = length;
    memcpy(ring->data + start, from, first);
    if (length > first)
        memcpy(ring->data, from + first, length - first);
}

static void copy_out(const tinyring *ring, uint32_t at, uint8_t *to, uint32_t length)
{
    uint32_t start = at & ring->mask;
    uint32_t first = tr_capacity(ring) - start;
    if (first > length)
        first = length;
    memcpy(to, ring->data + start, first);
    if (length > first)
        memcpy(to + first, ring->data, length - first);
}

uint32_t tr_write(tinyring *ring, const void *from, uint32_t length)
{
    uint32_t head = load_head(ring, memory_order_relaxed);
    uint32_t room = tr_capacity(ring) - (head - load_tail(ring, memory_order_acquire));
    if (length > room)
        length = room;
    if (length == 0)
        return 0;
    copy_in(ring, head, from, length);
    /* The release makes the bytes visible before the index that covers them. */
    atomic_store_explicit(&ring->head, head + length, memory_order_release);
    return length;
}

uint32_t tr_peek(const tinyring *ring, void *to, uint32_t length)
{
    uint32_t tail = load_tail(ring, memory_order_relaxed);
    uint32_t used = load_head(ring, memory_order_acquire) - tail;
    if (length > used)
        length = used;
    if (length > 0)
        copy_out(ring, tail, to, length);
    return length;
}

uint32_t tr_skip(tinyring *ring, uint32_t length)
{
    uint32_t tail = load_tail(ring, memory_order_relaxed);
    uint32_t used = load_head(ring, memory_order_acquire) - tail;
    if (length > used)
        length = used;
    atomic_store_explicit(&ring->tail, tail + length, memory_order_release);
    return length;
}

uint32_t tr_read(tinyring *ring, void *to, uint32_t length)
{
    length = tr_peek(ring, to, length);
    return tr_skip(ring, length);
}

tr_status tr_put_record(tinyring *ring, const void *from, uint32_t length)
{
    if (length > TINYRING_MAX_RECORD || length + PREFIX > tr_capacity(ring))
        return TR_BAD_ARG;

    uint32_t head = load_head(ring, memory_order_relaxed);
    uint32_t room = tr_capacity(ring) - (head - load_tail(ring, memory_order_acquire));
    if (length + PREFIX > room)
        return TR_FULL;

    uint8_t prefix[PREFIX] = {(uint8_t)(length & 0xff), (uint8_t)(length >> 8)};
    copy_in(ring, head, prefix, PREFIX);
    if (length > 0)
        copy_in(ring, head + PREFIX, from, length);
    /* One store for prefix and body: the consumer never sees half a record. */
    atomic_store_explicit(&ring->head, head + PREFIX + length, memory_order_release);
    return TR_OK;
}

/* Length of the oldest record; the caller has checked that there is one. */
static uint32_t oldest(const tinyring *ring, uint32_t tail)
{
    uint8_t prefix[PREFIX];
    copy_out(ring, tail, prefix, PREFIX);
    return (uint32_t)prefix[0] | (uint32_t)prefix[1] << 8;
}

tr_status tr_push_record(tinyring *ring, const void *from, uint32_t length)
{
    if (length > TINYRING_MAX_RECORD || length + PREFIX > tr_capacity(ring))
        return TR_BAD_ARG;
    while (tr_room(ring) < length + PREFIX) {
        uint32_t tail = load_tail(ring, memory_order_relaxed);
        tr_skip(ring, PREFIX + oldest(ring, tail));
        ring->dropped++;
    }
    return tr_put_record(ring, from, length);
}

tr_status tr_get_record(tinyring *ring, void *to, uint32_t *length)
{
    if (length == NULL)
        return TR_BAD_ARG;
    uint32_t tail = load_tail(ring, memory_order_relaxed);
    if (load_head(ring, memory_order_acquire) == tail)
        return TR_EMPTY;

    uint32_t size = oldest(ring, tail);
    uint32_t fits = *length;
    *length = size;
    if (size > fits)
        return TR_TOO_SMALL;
    if (size > 0)
        copy_out(ring, tail + PREFIX, to, size);
    atomic_store_explicit(&ring->tail, tail + PREFIX + size, memory_order_release);
    return TR_OK;
}

void tr_clear(tinyring *ring)
{
    uint32_t head = load_head(ring, memory_order_acquire);
    atomic_store_explicit(&ring->tail, head, memory_order_release);
}
