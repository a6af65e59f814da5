/* See request.h. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

static const struct {
    const char *word;
    sync_kind kind;
    sync_value_kind shown;
} KINDS[] = {
    {"map", SYNC_KIND_MAP, SYNC_VALUE_MAP},
    {"text", SYNC_KIND_TEXT, SYNC_VALUE_TEXT},
    {"list", SYNC_KIND_LIST, SYNC_VALUE_LIST},
    {"counter", SYNC_KIND_COUNTER, SYNC_VALUE_COUNTER},
    {"grow-only-counter", SYNC_KIND_GROW_ONLY_COUNTER, SYNC_VALUE_GROW_ONLY_COUNTER},
    {"set", SYNC_KIND_SET, SYNC_VALUE_SET},
    {"grow-only-set", SYNC_KIND_GROW_ONLY_SET, SYNC_VALUE_GROW_ONLY_SET},
};

void give_up(const char *why)
{
    fprintf(stderr, "peer: %s\n", why);
    exit(2);
}

static uint8_t hex_digit(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    if (found == NULL) {
        give_up("an argument is not in hex");
        return 0;
    }
    return (uint8_t)(found - digits);
}

const uint8_t *bytes_of(request *r, int argument, size_t *len)
{
    const char *text = r->arguments[argument];
    *len = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
    uint8_t *decoded = malloc(*len + 1);
    if (decoded == NULL) {
        give_up("out of memory");
        return NULL;
    }
    for (size_t i = 0; i < *len; i++) {
        decoded[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    }
    r->decoded[argument] = decoded;
    return decoded;
}

const char *text_of(request *r, int argument, size_t *len)
{
    return (const char *)bytes_of(r, argument, len);
}

uint64_t number_of(const request *r, int argument)
{
    const char *text = r->arguments[argument];
    char *end = NULL;
    errno = 0;
    uint64_t number = strtoull(text, &end, 10);
    if (errno != 0 || *text == '\0' || *end != '\0') {
        give_up("an argument is not a number");
    }
    return number;
}

int64_t signed_of(const request *r, int argument)
{
    uint64_t bits = number_of(r, argument);
    int64_t number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

sync_unit unit_of(const request *r, int argument)
{
    const char *unit = r->arguments[argument];
    if (strcmp(unit, "scalar") == 0) {
        return SYNC_UNIT_SCALAR;
    }
    return strcmp(unit, "utf8") == 0 ? SYNC_UNIT_UTF8 : SYNC_UNIT_UTF16;
}

sync_kind kind_of(const request *r, int argument)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (strcmp(r->arguments[argument], KINDS[i].word) == 0) {
            return KINDS[i].kind;
        }
    }
    give_up("an argument is not a kind");
    return SYNC_KIND_MAP;
}

sync_value value_of(request *r, int argument)
{
    const char *word = r->arguments[argument];
    sync_value value = SYNC_VALUE_INIT;
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (strcmp(word, KINDS[i].word) == 0) {
            value.kind = KINDS[i].shown;
            return value;
        }
    }
    if (strcmp(word, "null") == 0) {
        value.kind = SYNC_VALUE_NULL;
    } else if (strcmp(word, "bool") == 0) {
        value.kind = SYNC_VALUE_BOOL;
        value.boolean = number_of(r, argument + 1) == 1;
    } else if (strcmp(word, "int") == 0) {
        value.kind = SYNC_VALUE_INT;
        value.integer = signed_of(r, argument + 1);
    } else if (strcmp(word, "float") == 0) {
        uint64_t bits = number_of(r, argument + 1);
        value.kind = SYNC_VALUE_FLOAT;
        memcpy(&value.number, &bits, sizeof value.number);
    } else if (strcmp(word, "timestamp") == 0) {
        value.kind = SYNC_VALUE_TIMESTAMP;
        value.integer = signed_of(r, argument + 1);
    } else {
        value.kind = strcmp(word, "string") == 0 ? SYNC_VALUE_STRING : SYNC_VALUE_BYTES;
        bytes_of(r, argument + 1, &value.bytes.len);
        value.bytes.ptr = r->decoded[argument + 1];
    }
    return value;
}

sync_status reply(sync_status status)
{
    if (status == SYNC_OK) {
        puts("ok");
    }
    return status;
}

sync_status reply_bool(sync_status status, bool answer)
{
    if (status == SYNC_OK) {
        puts(answer ? "ok 1" : "ok 0");
    }
    return status;
}

sync_status reply_number(sync_status status, uint64_t answer)
{
    if (status == SYNC_OK) {
        printf("ok %" PRIu64 "\n", answer);
    }
    return status;
}

sync_status reply_buf(sync_status status, sync_buf *buf)
{
    if (status != SYNC_OK) {
        return status;
    }
    fputs(buf->len == 0 ? "ok -" : "ok ", stdout);
    for (size_t i = 0; i < buf->len; i++) {
        printf("%02x", buf->ptr[i]);
    }
    putchar('\n');
    return sync_buf_free(buf);
}
