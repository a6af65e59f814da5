/* What the test programs share: checks that end the program where they fail, and short names for
 * what almost every test does. A program that ends with 0 has passed. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync.h"

/* Where the calls of a test write their errors. check_status takes and frees them. */
static sync_error *error;

/* The document that all replicas of the tests are of. */
static const sync_document_id DOCUMENT = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

static inline void check_that(int holds, const char *what, const char *file, int line) {
    if (!holds) {
        fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
        exit(1);
    }
}

/* A call must end with this status; a failure must have left an error object that says the same,
 * with these details unless NULL is expected. */
static inline void check_status(sync_status expected, const char *details, sync_status status,
                                const char *call, const char *file, int line) {
    if (status != expected) {
        fprintf(stderr, "%s:%d: %s gave %s, not %s: %s\n", file, line, call,
                sync_status_name(status), sync_status_name(expected), sync_error_message(error));
        exit(1);
    }
    if (status == SYNC_OK) {
        check_that(error == NULL, "success leaves no error", file, line);
        return;
    }
    check_that(sync_error_code(error) == status, "the error has the call's status", file, line);
    check_that(sync_error_message(error)[0] != '\0', "the error has a message", file, line);
    if (details != NULL && strcmp(sync_error_details(error), details) != 0) {
        fprintf(stderr, "%s:%d: details %s, not %s\n", file, line, sync_error_details(error),
                details);
        exit(1);
    }
    check_that(sync_error_free(error) == SYNC_OK, "the error can be freed", file, line);
    error = NULL;
}

static inline void check_bytes(sync_buf buf, const char *expected, size_t len, const char *file,
                               int line) {
    check_that(buf.ptr != NULL && buf.ptr[buf.len] == '\0', "a NUL follows", file, line);
    if (buf.len != len || memcmp(buf.ptr, expected, len) != 0) {
        fprintf(stderr, "%s:%d: %s\n  is not: %s\n", file, line, (const char *)buf.ptr, expected);
        exit(1);
    }
    check_that(sync_buf_free(&buf) == SYNC_OK, "the buffer can be freed", file, line);
}

#define CHECK(condition) check_that((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_OK(call) check_status(SYNC_OK, NULL, (call), #call, __FILE__, __LINE__)
#define CHECK_FAILS(status, call) check_status((status), NULL, (call), #call, __FILE__, __LINE__)
#define CHECK_DETAILS(status, details, call) \
    check_status((status), (details), (call), #call, __FILE__, __LINE__)
/* Takes the buffer, and frees it. */
#define CHECK_TEXT(buf, expected) \
    check_bytes((buf), (expected), strlen(expected), __FILE__, __LINE__)

/* Runs one test, and names it before, so that a crash has a name too. */
#define RUN(test)              \
    do {                       \
        printf("  %s\n", #test); \
        fflush(stdout);        \
        test();                \
    } while (0)

static inline sync_replica *new_replica(uint64_t id) {
    sync_replica *replica = NULL;
    CHECK_OK(sync_replica_new(&DOCUMENT, id, NULL, &replica, &error));
    return replica;
}

static inline void free_replica(sync_replica *replica) {
    CHECK(sync_replica_free(replica) == SYNC_OK);
}

static inline sync_buf json_of(const sync_replica *replica) {
    sync_buf json = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_to_json(replica, &json, &error));
    return json;
}

/* What is at a path; free it. */
static inline sync_value value_at(const sync_replica *replica, const char *path) {
    sync_value value = SYNC_VALUE_INIT;
    CHECK_OK(sync_replica_get(replica, path, strlen(path), &value, &error));
    return value;
}

static inline sync_buf export_all(const sync_replica *replica) {
    sync_buf frame = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_export(replica, NULL, 0, &frame, &error));
    return frame;
}

/* Hands to `to` all that `from` has and it lacks. */
static inline void deliver(const sync_replica *from, sync_replica *to) {
    sync_buf version = SYNC_BUF_INIT, frame = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_encode_version(to, &version, &error));
    CHECK_OK(sync_replica_export(from, version.ptr, version.len, &frame, &error));
    CHECK_OK(sync_replica_apply(to, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK(sync_buf_free(&version) == SYNC_OK && sync_buf_free(&frame) == SYNC_OK);
}

/* Hands the acknowledgement of `from` to `to`; gives what it counts for. */
static inline sync_acknowledged deliver_acknowledgement(sync_replica *from, sync_replica *to) {
    sync_buf frame = SYNC_BUF_INIT;
    sync_acknowledged acknowledged;
    CHECK_OK(sync_replica_acknowledge(from, &frame, &error));
    CHECK_OK(sync_replica_apply_acknowledgement(to, frame.ptr, frame.len, &acknowledged, &error));
    CHECK(sync_buf_free(&frame) == SYNC_OK);
    return acknowledged;
}

static inline int same_bytes(sync_buf a, sync_buf b) {
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Both replicas show the same document. */
static inline void check_equal(const sync_replica *a, const sync_replica *b) {
    sync_buf left = json_of(a), right = json_of(b);
    CHECK(same_bytes(left, right));
    CHECK(sync_buf_free(&left) == SYNC_OK && sync_buf_free(&right) == SYNC_OK);
}

#endif /* CHECK_H */
