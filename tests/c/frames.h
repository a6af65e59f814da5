/* Frames from the outside: enough of docs/wire-format.md to damage one and seal it again. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sync.h"

/* A frame ends with a CBOR head of one byte and the CRC-32 (IEEE 802.3) of all before it. */
enum { FRAME_TRAILER = 5, FRAME_FORMAT_AT = 2, FRAME_EPOCH_AT = 20 };

static inline uint32_t crc32_of(const uint8_t *bytes, size_t len) {
    uint32_t crc = 0xffffffffu;
    for (size_t at = 0; at < len; at++) {
        crc ^= bytes[at];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
        }
    }
    return ~crc;
}

/* Writes the checksum that fits what is before it. */
static inline void reseal(uint8_t *frame, size_t len) {
    uint32_t crc = crc32_of(frame, len - FRAME_TRAILER);
    for (size_t i = 0; i < 4; i++) {
        frame[len - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
    }
}

/* A copy in an allocation of its own, of the exact size, so that a read beyond it is found by a
 * memory checker; to be freed by free(). */
static inline uint8_t *copy_of(const uint8_t *bytes, size_t len) {
    uint8_t *copy = malloc(len > 0 ? len : 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, bytes, len);
    return copy;
}

#endif /* FRAMES_H */
