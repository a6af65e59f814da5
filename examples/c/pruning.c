/* A phone is lost and evicted, and a laptop that nobody waited for is rescued.
 *
 * From the root of the repository:
 *
 *     cargo build --release -p libsync-ffi
 *     cc -std=c99 -Iinclude examples/c/pruning.c target/release/libsync.a -lpthread -ldl -lm
 *     ./a.out
 *
 * It ends with status 1 if a call fails or the replicas don't agree. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync.h"

/* Who takes part: ids that are fixed here, so that every run prints the same. */
enum { SERVER = 1, TABLET = 2, PHONE = 3, LAPTOP = 4, SECOND_LAPTOP = 5 };

/* Where the calls say what went wrong. */
static sync_error *error;

/* Ends the program, with what the library says, unless the call succeeded. */
static void must(sync_status status) {
    if (status != SYNC_OK) {
        fprintf(stderr, "%s: %s\n", sync_status_name(status), sync_error_message(error));
        exit(EXIT_FAILURE);
    }
}

static void type(sync_replica *replica, size_t position, const char *text) {
    must(sync_replica_insert_text(replica, SYNC_STR("story"), SYNC_UNIT_SCALAR, position, text,
                                  strlen(text), &error));
}

/* A replica of another id, started from what one has. */
static sync_replica *copy_of(const sync_replica *replica, uint64_t id) {
    sync_buf saved;
    sync_replica *copy;
    must(sync_replica_save(replica, &saved, &error));
    must(sync_replica_load(saved.ptr, saved.len, id, NULL, &copy, &error));
    must(sync_buf_free(&saved));
    return copy;
}

/* Sends to one replica what the other has and it has not, if both can do that. */
static sync_status transmit(const sync_replica *from, sync_replica *to) {
    sync_buf version, frame = SYNC_BUF_INIT;
    must(sync_replica_encode_version(to, &version, &error));
    sync_status status = sync_replica_export(from, version.ptr, version.len, &frame, &error);
    if (status == SYNC_OK) {
        status = sync_replica_apply(to, frame.ptr, frame.len, NULL, NULL, &error);
    }
    must(sync_buf_free(&version));
    must(sync_buf_free(&frame));
    return status;
}

/* Tells one replica what the other has seen. */
static void acknowledge(sync_replica *from, sync_replica *to) {
    sync_buf frame;
    must(sync_replica_acknowledge(from, &frame, &error));
    must(sync_replica_apply_acknowledgement(to, frame.ptr, frame.len, NULL, &error));
    must(sync_buf_free(&frame));
}

static void exchange(sync_replica *server, sync_replica *tablet) {
    must(transmit(server, tablet));
    must(transmit(tablet, server));
    for (int round = 0; round < 2; round++) {
        acknowledge(server, tablet);
        acknowledge(tablet, server);
    }
}

int main(void) {
    const sync_document_id document = {"pruning-example"};
    const int64_t day = INT64_C(86400000000), monday = 20605 * day, later = monday + 30 * day;
    sync_replica *server, *tablet, *laptop, *rescued;
    sync_buf json;
    must(sync_replica_new(&document, SERVER, NULL, &server, &error));
    must(sync_replica_set_time(server, &monday, &error));
    type(server, 0, "It was a dark and stormy night.");
    must(sync_replica_join(server, TABLET, &error));
    must(sync_replica_join(server, PHONE, &error));
    tablet = copy_of(server, TABLET);
    /* A copy that the server does not know of: pruning does not wait for it. */
    laptop = copy_of(server, LAPTOP);

    printf("A month later, with the phone lost:\n");
    must(sync_replica_set_time(server, &later, &error));
    must(sync_replica_delete_text(server, SYNC_STR("story"), SYNC_UNIT_SCALAR, 7, 23, &error));
    type(server, 7, "spring");
    exchange(server, tablet);
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    must(sync_replica_pruning(server, &report, &json, &error));
    printf("  held back by %" PRIu64 " member: %s\n", report.held_back_by, (const char *)json.ptr);
    must(sync_buf_free(&json));

    printf("The server evicts it, and the tablet agrees:\n");
    must(sync_replica_evict(server, PHONE, &error));
    exchange(server, tablet);
    exchange(server, tablet);
    must(sync_replica_next_evicted(server, &json, NULL, &error));
    printf("  %s\n", (const char *)json.ptr);
    int evicted = strcmp((const char *)json.ptr, "null") != 0;
    must(sync_buf_free(&json));
    must(sync_replica_prune(server, &report, NULL, &error));
    printf("  %" PRIu64 " nodes are pruned\n", report.nodes);
    if (!evicted || report.nodes == 0) {
        fprintf(stderr, "The eviction did not take effect.\n");
        return EXIT_FAILURE;
    }

    printf("The laptop comes back:\n");
    type(laptop, 13, " (very dark)");
    must(sync_replica_set_string(laptop, SYNC_STR("title"), SYNC_STR("Paul Clifford"), &error));
    if (transmit(laptop, server) == SYNC_OK) {
        fprintf(stderr, "What names pruned characters was taken.\n");
        return EXIT_FAILURE;
    }
    printf("  %s\n", sync_error_message(error));
    must(sync_error_free(error));
    must(sync_replica_join(server, SECOND_LAPTOP, &error));
    sync_buf snapshot;
    sync_rescue_report outcome = SYNC_RESCUE_REPORT_INIT;
    must(sync_replica_save(server, &snapshot, &error));
    must(sync_replica_rescue(laptop, snapshot.ptr, snapshot.len, SECOND_LAPTOP, NULL, &rescued,
                             &outcome, NULL, &error));
    must(sync_buf_free(&snapshot));
    printf("  %" PRIu64 " edits: %" PRIu64 " as meant, %" PRIu64 " moved, %" PRIu64 " offered\n",
           outcome.edits, outcome.applied, outcome.moved, outcome.offered);
    must(transmit(rescued, server));
    must(sync_replica_to_json(server, &json, &error));
    printf("  %s\n", (const char *)json.ptr);
    sync_buf other;
    must(sync_replica_to_json(rescued, &other, &error));
    int same = strcmp((const char *)json.ptr, (const char *)other.ptr) == 0;
    must(sync_buf_free(&json));
    must(sync_buf_free(&other));
    must(sync_replica_free(server));
    must(sync_replica_free(tablet));
    must(sync_replica_free(laptop));
    must(sync_replica_free(rescued));
    if (!same) {
        fprintf(stderr, "The replicas show different documents.\n");
        return EXIT_FAILURE;
    }
    printf("The replicas show the same.\n");
    return EXIT_SUCCESS;
}
