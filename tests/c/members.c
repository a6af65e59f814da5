/* Who is a member since when and who is none any more, what pruning waits for, and what is redacted. */
#include "check.h"

#define HOUR INT64_C(3600000000)

/* The replica's answer holds this text. */
#define CHECK_SAYS(call, text)                                          \
    do {                                                                \
        sync_buf said = SYNC_BUF_INIT;                                  \
        CHECK_OK(call);                                                 \
        if (strstr((const char *)said.ptr, (text)) == NULL) {           \
            fprintf(stderr, "%s\n", (const char *)said.ptr);            \
        }                                                               \
        CHECK(strstr((const char *)said.ptr, (text)) != NULL);          \
        CHECK(sync_buf_free(&said) == SYNC_OK);                         \
    } while (0)

static sync_replica *a, *b, *lost;

static void load_as(const sync_replica *from, uint64_t id, const sync_options *options,
                    sync_replica **out) {
    sync_buf saved = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_save(from, &saved, &error));
    CHECK_OK(sync_replica_load(saved.ptr, saved.len, id, options, out, &error));
    CHECK(sync_buf_free(&saved) == SYNC_OK);
}

/* Three members of a document with a text, a long time ago. */
static void set_up(void) {
    a = new_replica(1);
    CHECK_OK(sync_replica_insert_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 0, SYNC_STR("Ahoy!"),
                                      &error));
    CHECK_OK(sync_replica_join(a, 2, &error));
    CHECK_OK(sync_replica_join(a, 3, &error));
    load_as(a, 2, NULL, &b);
    load_as(a, 3, NULL, &lost);
}

static void tear_down(void) {
    free_replica(a);
    free_replica(b);
    free_replica(lost);
}

static void exchange(void) {
    deliver(a, b);
    deliver(b, a);
    for (int round = 0; round < 2; round++) {
        deliver_acknowledgement(a, b);
        deliver_acknowledgement(b, a);
    }
}

static void the_others_go_on_without_who_is_evicted(void) {
    sync_buf json = SYNC_BUF_INIT, frame = SYNC_BUF_INIT;
    set_up();
    CHECK_OK(sync_replica_insert_text(lost, SYNC_STR("t"), SYNC_UNIT_UTF8, 5, SYNC_STR(" Help"),
                                      &error));
    deliver(lost, b);
    CHECK_OK(sync_replica_insert_text(lost, SYNC_STR("t"), SYNC_UNIT_UTF8, 10, SYNC_STR(" me!"),
                                      &error));
    CHECK_OK(sync_replica_delete_text(b, SYNC_STR("t"), SYNC_UNIT_UTF8, 4, 1, &error));
    exchange();
    CHECK_OK(sync_replica_evict(a, 3, &error));
    CHECK_OK(sync_replica_evict(a, 3, &error));
    CHECK_SAYS(sync_replica_members(a, &said, &error),
               "\"evicting\":true,\"eviction_awaits\":[\"0000000000000002\"]");
    CHECK_OK(sync_replica_departed(a, &json, &error));
    CHECK_TEXT(json, "[]");
    CHECK_OK(sync_replica_next_evicted(a, &json, NULL, &error));
    CHECK_TEXT(json, "null");
    exchange();
    CHECK_OK(sync_replica_next_evicted(a, &json, &frame, &error));
    CHECK_TEXT(json, "{\"operations\":5,\"refused\":[],\"replica\":\"0000000000000003\"}");
    CHECK_TEXT(frame, "");
    CHECK_OK(sync_replica_next_evicted(a, &json, &frame, &error));
    CHECK_TEXT(json, "null");
    CHECK_TEXT(frame, "");
    CHECK_SAYS(sync_replica_departed(b, &said, &error),
               "\"evicted\":true,\"operations\":5,\"replica\":\"0000000000000003\",\"time\":null");
    exchange();
    CHECK_TEXT(json_of(a), "{\"t\":\"Ahoy Help\"}");
    check_equal(a, b);

    /* Who knows nothing of the eviction can't read a version that leaves out the evicted one. */
    sync_buf version = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_encode_version(a, &version, &error));
    CHECK_DETAILS(SYNC_ERR_UNKNOWN_DEPARTURES, "{\"known\":0,\"left_out\":1}",
                  sync_replica_export(lost, version.ptr, version.len, &frame, &error));
    frame = export_all(lost);
    CHECK_DETAILS(SYNC_ERR_AUTHOR_EVICTED,
                  "{\"change\":{\"counter\":5,\"replica\":\"0000000000000003\"}}",
                  sync_replica_apply(a, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK(sync_buf_free(&frame) == SYNC_OK && sync_buf_free(&version) == SYNC_OK);
    tear_down();
}

static void what_waited_and_does_not_count_is_handed_out(void) {
    sync_buf version, frame, json, refused;
    sync_applied applied = SYNC_APPLIED_INIT;
    set_up();
    CHECK_OK(sync_replica_set_i64(lost, SYNC_STR("k"), 1, &error));
    CHECK_OK(sync_replica_encode_version(lost, &version, &error));
    CHECK_OK(sync_replica_insert_text(lost, SYNC_STR("u"), SYNC_UNIT_UTF8, 0, SYNC_STR("x"),
                                      &error));
    CHECK_OK(sync_replica_export(lost, version.ptr, version.len, &frame, &error));
    CHECK_OK(sync_replica_apply(a, frame.ptr, frame.len, &applied, NULL, &error));
    CHECK(applied.held == 1);
    CHECK_OK(sync_replica_evict(a, 3, &error));
    exchange();
    CHECK_OK(sync_replica_next_evicted(a, &json, &refused, &error));
    CHECK_TEXT(json, "{\"operations\":0,\"refused\":[{\"counter\":1,\"replica\":\"0000000000000003\"}],"
                     "\"replica\":\"0000000000000003\"}");
    CHECK_FAILS(SYNC_ERR_AUTHOR_EVICTED,
                sync_replica_apply(b, refused.ptr, refused.len, NULL, NULL, &error));
    CHECK_OK(sync_replica_missing(a, &json, &error));
    CHECK_TEXT(json, "[]");

    sync_replica *newcomer;
    load_as(lost, 4, NULL, &newcomer);
    CHECK_OK(sync_replica_set_i64(newcomer, SYNC_STR("new"), 1, &error));
    CHECK(sync_buf_free(&frame) == SYNC_OK && sync_buf_free(&version) == SYNC_OK);
    CHECK_OK(sync_replica_encode_version(lost, &version, &error));
    CHECK_OK(sync_replica_export(newcomer, version.ptr, version.len, &frame, &error));
    CHECK_FAILS(SYNC_ERR_NAMES_EVICTED,
                sync_replica_apply(a, frame.ptr, frame.len, NULL, NULL, &error));
    free_replica(newcomer);
    CHECK(sync_buf_free(&frame) == SYNC_OK && sync_buf_free(&version) == SYNC_OK);
    CHECK(sync_buf_free(&refused) == SYNC_OK);
    tear_down();
}

static void evictions_are_refused(void) {
    set_up();
    CHECK_DETAILS(SYNC_ERR_NOT_EVICTABLE, "{\"replica\":\"0000000000000001\"}",
                  sync_replica_evict(a, 1, &error));
    CHECK_DETAILS(SYNC_ERR_NOT_EVICTABLE, "{\"replica\":\"0000000000000009\"}",
                  sync_replica_evict(a, 9, &error));
    CHECK_OK(sync_replica_evict(a, 3, &error));
    deliver(a, lost);
    CHECK_DETAILS(SYNC_ERR_EVICTED, "{}", sync_replica_set_i64(lost, SYNC_STR("k"), 1, &error));
    CHECK_FAILS(SYNC_ERR_EVICTED, sync_replica_join(lost, 7, &error));
    CHECK_FAILS(SYNC_ERR_EVICTED, sync_replica_leave(lost, &error));
    CHECK_FAILS(SYNC_ERR_EVICTED, sync_replica_evict(lost, 2, &error));
    CHECK_FAILS(SYNC_ERR_EVICTED, sync_replica_redact(lost, &error));

    /* It can't make a member of who asks it for changes. */
    sync_replica *stranger = new_replica(9);
    sync_buf version = SYNC_BUF_INIT, frame = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_set_i64(stranger, SYNC_STR("k"), 1, &error));
    CHECK_OK(sync_replica_encode_version(stranger, &version, &error));
    CHECK_DETAILS(SYNC_ERR_CANNOT_SPONSOR, "{\"replica\":\"0000000000000009\"}",
                  sync_replica_export(lost, version.ptr, version.len, &frame, &error));
    CHECK(frame.ptr == NULL && sync_buf_free(&version) == SYNC_OK);
    free_replica(stranger);

    CHECK_OK(sync_replica_leave(b, &error));
    deliver(b, a);
    CHECK_FAILS(SYNC_ERR_NOT_EVICTABLE, sync_replica_evict(a, 2, &error));
    CHECK_SAYS(sync_replica_departed(a, &said, &error), "\"evicted\":false");
    CHECK_OK(sync_replica_begin(a, &error));
    CHECK_FAILS(SYNC_ERR_IN_TRANSACTION, sync_replica_evict(a, 3, &error));
    CHECK_OK(sync_replica_abort(a, NULL, &error));
    tear_down();
}

static void a_report_says_since_when_and_whom_to_evict(void) {
    set_up();
    for (int64_t hour = 0; hour < 5; hour++) {
        int64_t now = hour * HOUR;
        CHECK_OK(sync_replica_set_time(a, &now, &error));
        CHECK_OK(sync_replica_insert_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 0, SYNC_STR("fine "),
                                          &error));
        deliver(a, b);
        CHECK_OK(sync_replica_delete_text(b, SYNC_STR("t"), SYNC_UNIT_UTF8, 0, 5, &error));
        exchange();
    }
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    sync_buf details = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_pruning(a, &report, &details, &error));
    CHECK(report.nodes == 0 && report.held_back_by == 1 && report.held_back_by_undo == 0);
    CHECK(report.redactions_pending == 0);
    CHECK(strstr((const char *)details.ptr,
                 "\"held_back_by\":[{\"lag\":14400000000,\"member\":\"0000000000000003\",\"since\":0,") !=
          NULL);
    CHECK(strstr((const char *)details.ptr,
                 "\"members\":[\"0000000000000003\"],\"nodes\":25,\"operations\":") != NULL);
    CHECK(sync_buf_free(&details) == SYNC_OK);
    CHECK_SAYS(sync_replica_members(a, &said, &error),
               "\"since\":{\"counter\":7,\"replica\":\"0000000000000001\"},\"since_time\":null");
    CHECK_SAYS(sync_replica_members(a, &said, &error), "\"lag\":14400000000");
    CHECK_SAYS(sync_replica_prune(a, NULL, &said, &error), "\"reliefs\":[]");
    tear_down();
}

static void pruning_goes_by_itself_or_by_policy(void) {
    sync_options options = SYNC_OPTIONS_INIT;
    options.manual_pruning = 1;
    sync_replica *manual;
    set_up();
    free_replica(lost);
    lost = NULL;
    sync_replica *first = new_replica(11), *second;
    CHECK_OK(sync_replica_join(first, 12, &error));
    CHECK_OK(sync_replica_join(first, 13, &error));
    load_as(first, 12, NULL, &second);
    load_as(first, 13, &options, &manual);
    CHECK_OK(sync_replica_insert_text(first, SYNC_STR("t"), SYNC_UNIT_UTF8, 0, SYNC_STR("gone"),
                                      &error));
    CHECK_OK(sync_replica_delete_text(first, SYNC_STR("t"), SYNC_UNIT_UTF8, 0, 4, &error));
    deliver(first, second);
    deliver(first, manual);
    sync_replica *all[] = {first, second, manual};
    for (int turn = 0; turn < 9; turn++) {
        sync_buf frame = SYNC_BUF_INIT;
        CHECK_OK(sync_replica_acknowledge(all[turn % 3], &frame, &error));
        for (int other = 1; other < 3; other++) {
            CHECK_OK(sync_replica_apply_acknowledgement(all[(turn + other) % 3], frame.ptr,
                                                        frame.len, NULL, &error));
        }
        CHECK(sync_buf_free(&frame) == SYNC_OK);
    }
    sync_memory memory = SYNC_MEMORY_INIT;
    CHECK_OK(sync_replica_memory(first, &memory, &error));
    CHECK(memory.tombstones == 0 && memory.nodes == 0);
    CHECK_OK(sync_replica_memory(manual, &memory, &error));
    CHECK(memory.tombstones == 4);

    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    sync_prune_policy policy = SYNC_PRUNE_POLICY_INIT;
    sync_buf details = SYNC_BUF_INIT;
    bool pruned = true;
    policy.least_operations = 1000;
    CHECK_OK(sync_replica_prune_if(manual, &policy, &pruned, &report, &details, &error));
    CHECK(!pruned && report.size == sizeof report && report.nodes == 0);
    CHECK_TEXT(details, "null");
    policy.least_operations = 0;
    policy.least_tombstones = 0.5;
    CHECK_OK(sync_replica_prune_if(manual, &policy, &pruned, &report, &details, &error));
    CHECK(pruned && report.nodes == 4 && report.backlog == 0);
    CHECK(strstr((const char *)details.ptr, "\"floor\":{\"000000000000000b\":") != NULL);
    CHECK(sync_buf_free(&details) == SYNC_OK);
    CHECK_OK(sync_replica_prune_if(manual, NULL, &pruned, NULL, NULL, &error));
    CHECK(!pruned);
    policy.size = 1;
    CHECK_DETAILS(SYNC_ERR_STRUCT_SIZE, "{\"argument\":\"policy\",\"size\":1}",
                  sync_replica_prune_if(manual, &policy, NULL, NULL, NULL, &error));
    /* What went by itself is in the next report. */
    CHECK_OK(sync_replica_prune(first, &report, NULL, &error));
    CHECK(report.nodes == 4);
    free_replica(first);
    free_replica(second);
    free_replica(manual);
    free_replica(a);
    free_replica(b);
}

static void what_is_lost_of_an_acknowledgement_is_asked_for(void) {
    set_up();
    deliver_acknowledgement(a, b);
    sync_acknowledged acknowledged = SYNC_ACKNOWLEDGED_TAKEN;
    sync_buf frame = SYNC_BUF_INIT;
    for (int lost_ones = 0; lost_ones < 2; lost_ones++) {
        CHECK_OK(sync_replica_set_i64(a, SYNC_STR("k"), lost_ones, &error));
        deliver(a, lost);
        CHECK_OK(sync_replica_acknowledge(a, &frame, &error));
        CHECK_OK(sync_replica_apply_acknowledgement(lost, frame.ptr, frame.len, &acknowledged,
                                                    &error));
        CHECK(sync_buf_free(&frame) == SYNC_OK);
    }
    CHECK(acknowledged == SYNC_ACKNOWLEDGED_INCOMPLETE);
    CHECK_OK(sync_replica_acknowledge_whole(a, &frame, &error));
    CHECK_OK(sync_replica_apply_acknowledgement(lost, frame.ptr, frame.len, &acknowledged, &error));
    CHECK(acknowledged == SYNC_ACKNOWLEDGED_TAKEN);
    CHECK(sync_buf_free(&frame) == SYNC_OK);
    tear_down();
}

static bool holds_the_secret(const sync_replica *replica) {
    sync_buf saved = SYNC_BUF_INIT;
    bool holds = false;
    CHECK_OK(sync_replica_save(replica, &saved, &error));
    for (size_t at = 0; at + 9 <= saved.len; at++) {
        holds |= memcmp(saved.ptr + at, "swordfish", 9) == 0;
    }
    CHECK(sync_buf_free(&saved) == SYNC_OK);
    return holds;
}

static void what_is_redacted_is_gone_for_ever(void) {
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    bool removed = false;
    set_up();
    CHECK_OK(sync_replica_leave(lost, &error));
    deliver(lost, a);
    CHECK_OK(sync_replica_insert_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 5, SYNC_STR("swordfish"),
                                      &error));
    CHECK_OK(sync_replica_set_string(a, SYNC_STR("k"), SYNC_STR("swordfish"), &error));
    deliver(a, b);
    CHECK_OK(sync_replica_redact_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 5, 9, &error));
    CHECK_OK(sync_replica_redact_path(a, SYNC_STR("k"), &removed, &error));
    CHECK(removed);
    CHECK_OK(sync_replica_redact_path(a, SYNC_STR("k"), &removed, &error));
    CHECK(!removed);
    CHECK_OK(sync_replica_redact(a, &error));
    CHECK_FAILS(SYNC_ERR_OUT_OF_BOUNDS,
                sync_replica_redact_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 5, 9, &error));
    CHECK_FAILS(SYNC_ERR_ARGUMENT,
                sync_replica_redact_text(a, SYNC_STR("t"), (sync_unit)9, 0, 1, &error));
    CHECK_SAYS(sync_replica_prune(a, &report, &said, &error),
               "\"redactions_pending\":[{\"held_back_by\":[\"0000000000000002\"],\"id\":{\"counter\":");
    CHECK(report.redactions_pending == 3);
    CHECK(holds_the_secret(a));
    exchange();
    CHECK_OK(sync_replica_prune(a, &report, NULL, &error));
    CHECK_OK(sync_replica_prune(b, NULL, NULL, &error));
    CHECK(report.redactions_pending == 0);
    CHECK(!holds_the_secret(a) && !holds_the_secret(b));
    CHECK_TEXT(json_of(b), "{\"t\":\"Ahoy!\"}");
    tear_down();
}

int main(void) {
    RUN(the_others_go_on_without_who_is_evicted);
    RUN(what_waited_and_does_not_count_is_handed_out);
    RUN(evictions_are_refused);
    RUN(a_report_says_since_when_and_whom_to_evict);
    RUN(pruning_goes_by_itself_or_by_policy);
    RUN(what_is_lost_of_an_acknowledgement_is_asked_for);
    RUN(what_is_redacted_is_gone_for_ever);
    return 0;
}
