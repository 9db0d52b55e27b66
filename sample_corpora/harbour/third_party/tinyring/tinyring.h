/*
 * tinyring - a small ring buffer for bytes and for length-prefixed records.
 *
 * One producer and one consumer, in one thread or in two. No allocation: the
 * caller brings the memory. See LICENSE for the terms.
 *
 * The capacity must be a power of two. Indices run freely and are masked when
 * memory is touched, so that a full buffer and an empty one differ although
 * both have head and tail at the same place in memory.
 */
#ifndef TINYRING_H
#define TINYRING_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TINYRING_VERSION "1.3.1"

/* Largest record that tr_put_record accepts. */
#define TINYRING_MAX_RECORD 65535u

typedef enum {
    TR_OK = 0,
    TR_FULL = -1,      /* not enough room, nothing was written */
    TR_EMPTY = -2,     /* nothing there, nothing was read */
    TR_TOO_SMALL = -3, /* the caller's buffer cannot hold the record */
    TR_BAD_ARG = -4
} tr_status;

typedef struct {
    uint8_t *data;
    uint32_t mask;         /* capacity - 1 */
    _Atomic uint32_t head; /* next byte to write, only the producer moves it */
    _Atomic uint32_t tail; /* next byte to read, only the consumer moves it */
    uint64_t dropped;      /* records that tr_push_record threw away */
} tinyring;

/* Prepares a ring in the caller's memory. `capacity` must be a power of two. */
tr_status tr_init(tinyring *ring, void *memory, uint32_t capacity);

uint32_t tr_capacity(const tinyring *ring);
uint32_t tr_used(const tinyring *ring);
uint32_t tr_room(const tinyring *ring);

/* Bytes: as many as fit, the number is returned. */
uint32_t tr_write(tinyring *ring, const void *from, uint32_t length);
uint32_t tr_read(tinyring *ring, void *to, uint32_t length);

/* Copies without consuming. Returns how many bytes were there. */
uint32_t tr_peek(const tinyring *ring, void *to, uint32_t length);

/* Forgets up to `length` bytes. */
uint32_t tr_skip(tinyring *ring, uint32_t length);

/* Records: all or nothing, two bytes of length in front, little end first. */
tr_status tr_put_record(tinyring *ring, const void *from, uint32_t length);

/*
 * Like tr_put_record, but makes room by throwing away the oldest records. This
 * moves the tail, so it is only for rings whose producer is also the consumer,
 * or that are guarded by a lock.
 */
tr_status tr_push_record(tinyring *ring, const void *from, uint32_t length);

/*
 * Takes the oldest record. `*length` is the size of the buffer on the way in
 * and the size of the record on the way out, also when it was too small.
 */
tr_status tr_get_record(tinyring *ring, void *to, uint32_t *length);

/* Forgets everything. For the consumer. */
void tr_clear(tinyring *ring);

#ifdef __cplusplus
}
#endif

#endif
