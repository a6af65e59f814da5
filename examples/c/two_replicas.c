/* Two replicas edit one document at the same time, exchange bytes, agree, and prune.
 *
 * From the root of the repository:
 *
 *     cargo build --release -p libsync-ffi
 *     cc -std=c99 -Iinclude examples/c/two_replicas.c target/release/libsync.a -lpthread -ldl -lm
 *     ./a.out
 *
 * It ends with status 1 if a call fails or the replicas don't agree. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync.h"

/* Where the calls say what went wrong. */
static sync_error *error;

/* Ends the program, with what the library says, unless the call succeeded. */
static void must(sync_status status) {
    if (status != SYNC_OK) {
        fprintf(stderr, "%s: %s\n", sync_status_name(status), sync_error_message(error));
        exit(EXIT_FAILURE);
    }
}

/* Prints what a replica shows. */
static void show(const char *name, const sync_replica *replica) {
    sync_buf json;
    must(sync_replica_to_json(replica, &json, &error));
    printf("  %-7s %s\n", name, (const char *)json.ptr);
    must(sync_buf_free(&json));
}

static int show_the_same(const sync_replica *a, const sync_replica *b) {
    sync_buf left, right;
    must(sync_replica_to_json(a, &left, &error));
    must(sync_replica_to_json(b, &right, &error));
    int same = left.len == right.len && memcmp(left.ptr, right.ptr, left.len) == 0;
    must(sync_buf_free(&left));
    must(sync_buf_free(&right));
    return same;
}

/* Sends to one replica what the other has and it has not; gives how many bytes that took. */
static size_t transmit(const sync_replica *from, sync_replica *to) {
    sync_buf version, frame;
    must(sync_replica_encode_version(to, &version, &error));
    must(sync_replica_export(from, version.ptr, version.len, &frame, &error));
    must(sync_replica_apply(to, frame.ptr, frame.len, NULL, NULL, &error));
    size_t sent = frame.len;
    must(sync_buf_free(&version));
    must(sync_buf_free(&frame));
    return sent;
}

static void exchange(sync_replica *phone, sync_replica *laptop) {
    size_t to_laptop = transmit(phone, laptop), to_phone = transmit(laptop, phone);
    printf("  %zu bytes to the laptop, %zu bytes to the phone\n", to_laptop, to_phone);
}

/* Adds an item to the shopping list, and counts it: both, or neither. */
static void shop(sync_replica *replica, const char *item) {
    sync_commit commit = SYNC_COMMIT_INIT;
    commit.message = "shop";
    commit.message_len = strlen(commit.message);
    must(sync_replica_begin(replica, &error));
    must(sync_replica_set_string(replica, SYNC_STR("/shopping/-"), item, strlen(item), &error));
    must(sync_replica_increment(replica, SYNC_STR("added"), 1, &error));
    must(sync_replica_commit(replica, &commit, NULL, NULL, &error));
}

/* Tells one replica what the other has seen. */
static void acknowledge(sync_replica *from, sync_replica *to) {
    sync_buf frame;
    must(sync_replica_acknowledge(from, &frame, &error));
    must(sync_replica_apply_acknowledgement(to, frame.ptr, frame.len, NULL, &error));
    must(sync_buf_free(&frame));
}

static uint64_t bytes_of(const sync_memory *memory) {
    return memory->state_bytes + memory->log_bytes + memory->inbox_bytes;
}

/* Prunes, prints what that reclaimed, and gives whether it reclaimed tombstones. Not always all of
 * them go: one stays that holds two parts of a text in their order. */
static int prune(const char *name, sync_replica *replica) {
    sync_memory before = SYNC_MEMORY_INIT, after = SYNC_MEMORY_INIT;
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    must(sync_replica_memory(replica, &before, &error));
    must(sync_replica_prune(replica, &report, NULL, &error));
    must(sync_replica_memory(replica, &after, &error));
    printf("  %-7s pruned %" PRIu64 " of %" PRIu64 " tombstones and %" PRIu64 " changes: ", name,
           report.nodes, before.tombstones, report.changes);
    printf("%" PRIu64 " bytes before, %" PRIu64 " after\n", bytes_of(&before), bytes_of(&after));
    return report.nodes > 0;
}

int main(void) {
    sync_document_id document;
    uint64_t phone_id, laptop_id;
    sync_replica *phone, *laptop;
    if (sync_abi_version() != SYNC_ABI_VERSION) {
        fprintf(stderr, "libsync %s is not the one this was built for\n", sync_version());
        return EXIT_FAILURE;
    }
    must(sync_random_document_id(&document, &error));
    must(sync_replica_id_from_name(SYNC_STR("phone"), &phone_id, &error));
    must(sync_replica_id_from_name(SYNC_STR("laptop"), &laptop_id, &error));
    must(sync_replica_new(&document, phone_id, NULL, &phone, &error));
    must(sync_replica_new(&document, laptop_id, NULL, &laptop, &error));

    printf("The phone starts a document, and the laptop gets it:\n");
    /* From here on, pruning waits for the laptop too. */
    must(sync_replica_join(phone, laptop_id, &error));
    must(sync_replica_insert_text(phone, SYNC_STR("note"), SYNC_UNIT_UTF8, 0,
                                  SYNC_STR("Lovelace wrote programs."), &error));
    must(sync_replica_create(phone, SYNC_STR("shopping"), SYNC_KIND_LIST, &error));
    shop(phone, "bread");
    exchange(phone, laptop);

    printf("Both edit it offline:\n");
    must(sync_replica_set_string(phone, SYNC_STR("user.profile.bio"), SYNC_STR("Mathematician"),
                                 &error));
    must(sync_replica_insert_text(phone, SYNC_STR("note"), SYNC_UNIT_UTF8, 0, SYNC_STR("Ada "),
                                  &error));
    must(sync_replica_set_string(laptop, SYNC_STR("user.profile.avatar"), SYNC_STR("ada.png"),
                                 &error));
    must(sync_replica_delete_text(laptop, SYNC_STR("note"), SYNC_UNIT_UTF8, 15, 8, &error));
    must(sync_replica_insert_text(laptop, SYNC_STR("note"), SYNC_UNIT_UTF8, 15,
                                  SYNC_STR("the first program"), &error));
    shop(phone, "salt");
    shop(laptop, "ink");
    must(sync_replica_move_item(laptop, SYNC_STR("shopping"), 1, 0, &error));
    const sync_value early = SYNC_VALUE_INIT_STRING(SYNC_STR("early")),
                     code = SYNC_VALUE_INIT_STRING(SYNC_STR("code"));
    must(sync_replica_add(phone, SYNC_STR("tags"), &early, NULL, &error));
    must(sync_replica_add(laptop, SYNC_STR("tags"), &code, NULL, &error));
    show("phone", phone);
    show("laptop", laptop);

    printf("They exchange changes:\n");
    exchange(phone, laptop);
    show("phone", phone);
    show("laptop", laptop);
    if (!show_the_same(phone, laptop)) {
        fprintf(stderr, "The replicas show different documents.\n");
        return EXIT_FAILURE;
    }
    printf("The replicas show the same.\n");

    printf("They tell each other what they have seen, and what they know all have seen:\n");
    for (int round = 0; round < 2; round++) {
        acknowledge(phone, laptop);
        acknowledge(laptop, phone);
    }
    int pruned = prune("phone", phone);
    pruned &= prune("laptop", laptop);
    if (!pruned || !show_the_same(phone, laptop)) {
        fprintf(stderr, "Pruning reclaimed nothing, or changed what is shown.\n");
        return EXIT_FAILURE;
    }
    must(sync_replica_free(phone));
    must(sync_replica_free(laptop));
    return EXIT_SUCCESS;
}
