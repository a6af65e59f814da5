/* Every class of error that a program can bring about: its status, its details, and that nothing
 * has changed; those of lists, counters, sets and limits are in edit_errors.c, those of transactions
 * in transactions.c. (SYNC_ERR_PANIC needs a defect, and is tested inside the library; no test can
 * take the operating system's randomness, or all handles.) */
#include "frames.h"
#include "unchanged.h"

static void arguments(void) {
    set_up();
    CHECK_DETAILS(SYNC_ERR_UTF8, "{\"argument\":\"path\",\"at\":1}",
                  sync_replica_set_null(replica, SYNC_STR("a\377"), &error));
    CHECK_DETAILS(SYNC_ERR_UTF8, "{\"argument\":\"value\",\"at\":0}",
                  sync_replica_set_string(replica, SYNC_STR("a"), SYNC_STR("\303"), &error));
    CHECK_FAILS(SYNC_ERR_UTF8, sync_replica_insert_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, 0,
                                                        SYNC_STR("\355\240\200"), &error));
    CHECK_DETAILS(SYNC_ERR_ARGUMENT, "{\"argument\":\"unit\"}",
                  sync_replica_insert_text(replica, SYNC_STR("text"), (sync_unit)4, 0, SYNC_STR("x"),
                                           &error));
    CHECK_DETAILS(SYNC_ERR_ARGUMENT, "{\"argument\":\"kind\"}",
                  sync_replica_create(replica, SYNC_STR("new"), (sync_kind)0, &error));
    CHECK_DETAILS(SYNC_ERR_ARGUMENT, "{\"argument\":\"path\"}",
                  sync_replica_set_null(replica, "a", SIZE_MAX, &error));
    sync_options options = SYNC_OPTIONS_INIT;
    sync_replica *other = NULL;
    options.size = 0;
    CHECK_DETAILS(SYNC_ERR_STRUCT_SIZE, "{\"argument\":\"options\",\"size\":0}",
                  sync_replica_new(&DOCUMENT, 2, &options, &other, &error));
    CHECK(other == NULL);
    tear_down();
}

static void paths(void) {
    set_up();
    CHECK_DETAILS(SYNC_ERR_PATH, "{\"argument\":\"path\",\"at\":2}",
                  sync_replica_set_null(replica, SYNC_STR("a..b"), &error));
    CHECK_DETAILS(SYNC_ERR_PATH, "{\"argument\":\"path\",\"at\":2}",
                  sync_replica_set_null(replica, SYNC_STR("/a~2"), &error));
    CHECK_DETAILS(SYNC_ERR_NOT_FOUND, "{\"path\":\"/no\"}",
                  sync_replica_delete_text(replica, SYNC_STR("no.text"), SYNC_UNIT_UTF8, 0, 0,
                                           &error));
    sync_buf out = SYNC_BUF_INIT;
    CHECK_FAILS(SYNC_ERR_NOT_FOUND, sync_replica_text(replica, SYNC_STR("nothing"), &out, &error));
    CHECK_FAILS(SYNC_ERR_NOT_FOUND, sync_replica_keys(replica, SYNC_STR("nothing"), &out, &error));
    CHECK_DETAILS(SYNC_ERR_WRONG_KIND, "{\"expected\":\"text\",\"found\":\"map\",\"path\":\"/map\"}",
                  sync_replica_text(replica, SYNC_STR("map"), &out, &error));
    CHECK_DETAILS(SYNC_ERR_WRONG_KIND,
                  "{\"expected\":\"map\",\"found\":\"value\",\"path\":\"/value\"}",
                  sync_replica_keys(replica, SYNC_STR("value"), &out, &error));
    CHECK(out.ptr == NULL);
    CHECK_FAILS(SYNC_ERR_WRONG_KIND,
                sync_replica_set_null(replica, SYNC_STR("text.below"), &error));
    CHECK_DETAILS(SYNC_ERR_ROOT, "{}", sync_replica_set_null(replica, SYNC_STR(""), &error));
    CHECK_FAILS(SYNC_ERR_ROOT, sync_replica_remove(replica, NULL, 0, NULL, &error));
    char deep[2 * 200];
    for (size_t i = 0; i < sizeof deep; i += 2) {
        memcpy(deep + i, "/k", 2);
    }
    CHECK_DETAILS(SYNC_ERR_TOO_DEEP, "{\"limit\":128}",
                  sync_replica_set_null(replica, deep, sizeof deep, &error));
    tear_down();
}

static void positions(void) {
    set_up();
    CHECK_DETAILS(SYNC_ERR_OUT_OF_BOUNDS, "{\"end\":8,\"len\":7,\"start\":8,\"unit\":\"utf8\"}",
                  sync_replica_insert_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, 8,
                                           SYNC_STR("x"), &error));
    CHECK_DETAILS(SYNC_ERR_OUT_OF_BOUNDS, "{\"end\":4,\"len\":3,\"start\":1,\"unit\":\"scalar\"}",
                  sync_replica_delete_text(replica, SYNC_STR("text"), SYNC_UNIT_SCALAR, 1, 3,
                                           &error));
    CHECK_FAILS(SYNC_ERR_OUT_OF_BOUNDS,
                sync_replica_delete_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, SIZE_MAX,
                                         SIZE_MAX, &error));
    CHECK_DETAILS(SYNC_ERR_SPLITS_CHARACTER, "{\"position\":2,\"unit\":\"utf8\"}",
                  sync_replica_insert_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, 2,
                                           SYNC_STR("x"), &error));
    CHECK_DETAILS(SYNC_ERR_SPLITS_CHARACTER, "{\"position\":3,\"unit\":\"utf16\"}",
                  sync_replica_delete_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF16, 1, 2,
                                           &error));
    tear_down();
}

static void frames(void) {
    set_up();
    sync_buf version, frame, out = SYNC_BUF_INIT;
    sync_replica *other = NULL;
    CHECK_OK(sync_replica_encode_version(replica, &version, &error));
    frame = export_all(replica);
    CHECK_FAILS(SYNC_ERR_DECODE, sync_replica_load(NULL, 0, 2, NULL, &other, &error));
    CHECK_DETAILS(SYNC_ERR_DECODE, "{\"expected\":2,\"found\":1,\"reason\":\"wrong_frame\"}",
                  sync_replica_load(frame.ptr, frame.len, 2, NULL, &other, &error));
    CHECK_DETAILS(SYNC_ERR_DECODE, "{\"expected\":1,\"found\":3,\"reason\":\"wrong_frame\"}",
                  sync_replica_apply(replica, version.ptr, version.len, NULL, NULL, &error));
    CHECK_FAILS(SYNC_ERR_DECODE,
                sync_replica_apply_acknowledgement(replica, frame.ptr, frame.len, NULL, &error));
    CHECK_FAILS(SYNC_ERR_DECODE,
                sync_replica_export(replica, frame.ptr, frame.len, &out, &error));
    CHECK(other == NULL && out.ptr == NULL);
    frame.ptr[frame.len - 1] ^= 1;
    CHECK_DETAILS(SYNC_ERR_DECODE, "{\"reason\":\"checksum\"}",
                  sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    frame.ptr[FRAME_FORMAT_AT] = 2;
    reseal(frame.ptr, frame.len);
    CHECK_DETAILS(SYNC_ERR_DECODE, "{\"found\":2,\"reason\":\"unsupported_version\",\"supported\":1}",
                  sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK(sync_buf_free(&version) == SYNC_OK && sync_buf_free(&frame) == SYNC_OK);
    tear_down();
}

static void lineages(void) {
    set_up();
    sync_document_id other_document = DOCUMENT;
    other_document.bytes[0] = 0;
    sync_replica *other;
    CHECK_OK(sync_replica_new(&other_document, 2, NULL, &other, &error));
    CHECK_OK(sync_replica_set_null(other, SYNC_STR("k"), &error));
    sync_buf frame = export_all(other), version, acknowledgement, out = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_encode_version(other, &version, &error));
    CHECK_OK(sync_replica_acknowledge(other, &acknowledgement, &error));
    CHECK_DETAILS(SYNC_ERR_OTHER_DOCUMENT,
                  "{\"ours\":\"0102030405060708090a0b0c0d0e0f10\","
                  "\"theirs\":\"0002030405060708090a0b0c0d0e0f10\"}",
                  sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK_FAILS(SYNC_ERR_OTHER_DOCUMENT,
                sync_replica_export(replica, version.ptr, version.len, &out, &error));
    CHECK_FAILS(SYNC_ERR_OTHER_DOCUMENT,
                sync_replica_apply_acknowledgement(replica, acknowledgement.ptr, acknowledgement.len,
                                                   NULL, &error));
    CHECK(sync_buf_free(&frame) == SYNC_OK && sync_buf_free(&version) == SYNC_OK);
    CHECK(sync_buf_free(&acknowledgement) == SYNC_OK && out.ptr == NULL);
    free_replica(other);

    frame = export_all(replica);
    frame.ptr[FRAME_EPOCH_AT] = 1;
    reseal(frame.ptr, frame.len);
    CHECK_DETAILS(SYNC_ERR_OTHER_EPOCH, "{\"ours\":0,\"theirs\":1}",
                  sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK(sync_buf_free(&frame) == SYNC_OK);
    tear_down();
}

static void a_replica_id_used_twice(void) {
    set_up();
    sync_replica *twin = new_replica(1);
    CHECK_OK(sync_replica_set_bool(twin, SYNC_STR("mine"), true, &error));
    sync_buf frame = export_all(twin);
    CHECK_DETAILS(SYNC_ERR_REPLICA_ID_REUSED,
                  "{\"change\":{\"counter\":0,\"replica\":\"0000000000000001\"}}",
                  sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK(sync_buf_free(&frame) == SYNC_OK);
    free_replica(twin);
    tear_down();
}

static void a_replica_that_was_away_for_too_long(void) {
    sync_replica *late;
    sync_buf saved, frame, since, out = SYNC_BUF_INIT;
    replica = new_replica(1);
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, 0,
                                      SYNC_STR("pruned"), &error));
    CHECK_OK(sync_replica_save(replica, &saved, &error));
    CHECK_OK(sync_replica_load(saved.ptr, saved.len, 2, NULL, &late, &error));
    CHECK_OK(sync_replica_encode_version(late, &since, &error));
    CHECK_OK(sync_replica_insert_text(late, SYNC_STR("text"), SYNC_UNIT_UTF8, 3, SYNC_STR("-"),
                                      &error));
    CHECK_OK(sync_replica_delete_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, 0, 6, &error));
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    for (int round = 0; round < 2; round++) {
        CHECK_OK(sync_replica_acknowledge(replica, &frame, &error));
        CHECK(sync_buf_free(&frame) == SYNC_OK);
    }
    CHECK_OK(sync_replica_prune(replica, &report, NULL, &error));
    CHECK(report.nodes == 6);
    CHECK_OK(sync_replica_save(replica, &before, &error));

    CHECK_OK(sync_replica_export(late, since.ptr, since.len, &frame, &error));
    CHECK_FAILS(SYNC_ERR_BELOW_PRUNE_FLOOR,
                sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK_FAILS(SYNC_ERR_BELOW_PRUNE_FLOOR, sync_replica_export(replica, NULL, 0, &out, &error));
    CHECK(out.ptr == NULL);
    CHECK_TEXT(json_of(late), "{\"text\":\"pru-ned\"}");
    CHECK(sync_buf_free(&saved) == SYNC_OK && sync_buf_free(&frame) == SYNC_OK);
    CHECK(sync_buf_free(&since) == SYNC_OK);
    free_replica(late);
    tear_down();
}

static void a_change_that_contradicts_the_document(void) {
    set_up();
    sync_replica *other = new_replica(2);
    deliver(replica, other);
    sync_buf version, frame;
    CHECK_OK(sync_replica_encode_version(other, &version, &error));
    CHECK_OK(sync_replica_delete_text(other, SYNC_STR("text"), SYNC_UNIT_SCALAR, 1, 1, &error));
    CHECK_OK(sync_replica_export(other, version.ptr, version.len, &frame, &error));
    /* The last column says which character goes: twice the counter behind it. Now that is what
     * created the text, and so is no character. */
    enum { CREATION = 0, CHARACTER = 2, UNKNOWN = 23 };
    uint8_t *place = frame.ptr + frame.len - FRAME_TRAILER - 1;
    CHECK(*place == 2 * (CHARACTER + 1));
    *place = 2 * (CREATION + 1);
    reseal(frame.ptr, frame.len);
    CHECK_DETAILS(SYNC_ERR_INVALID_CHANGE,
                  "{\"change\":{\"counter\":0,\"replica\":\"0000000000000002\"}}",
                  sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    check_unchanged();

    /* One that names what is not known here, now or ever, is no error: it waits. */
    sync_applied applied = SYNC_APPLIED_INIT;
    sync_buf missing;
    *place = 2 * (UNKNOWN + 1);
    reseal(frame.ptr, frame.len);
    CHECK_OK(sync_replica_apply(replica, frame.ptr, frame.len, &applied, NULL, &error));
    CHECK(applied.changes == 0 && applied.held == 1);
    CHECK_OK(sync_replica_missing(replica, &missing, &error));
    CHECK_TEXT(missing, "[{\"counter\":23,\"replica\":\"0000000000000001\"}]");
    CHECK(sync_buf_free(&version) == SYNC_OK && sync_buf_free(&frame) == SYNC_OK);
    CHECK(sync_buf_free(&before) == SYNC_OK);
    free_replica(other);
    free_replica(replica);
}

/* A change must have a greater Lamport time than its author's last one: a document with any other
 * could not be put in order again. */
static void a_change_from_before_its_past(void) {
    /* The column of Lamport times, of one change: 5 more than its counter lets expect. */
    static const uint8_t column[] = {0x04, 0x41, 2 * 5};
    enum { TIME_AT = 2, EDITS = 5 };
    replica = new_replica(1);
    sync_replica *first = new_replica(3), *other = new_replica(2);
    sync_buf since, frame;
    for (int64_t i = 0; i < EDITS; i++) {
        CHECK_OK(sync_replica_set_i64(first, SYNC_STR("k"), i, &error));
    }
    deliver(first, other);
    CHECK_OK(sync_replica_set_i64(other, SYNC_STR("k"), 1, &error));
    deliver(other, replica);
    CHECK_OK(sync_replica_save(replica, &before, &error));
    CHECK_OK(sync_replica_encode_version(other, &since, &error));
    CHECK_OK(sync_replica_set_i64(other, SYNC_STR("k"), 2, &error));
    CHECK_OK(sync_replica_export(other, since.ptr, since.len, &frame, &error));
    size_t at = FRAME_EPOCH_AT + 1;
    while (memcmp(frame.ptr + at, column, sizeof column) != 0) {
        at++;
        CHECK(at + sizeof column < frame.len);
    }
    frame.ptr[at + TIME_AT] = 2 * 4;
    reseal(frame.ptr, frame.len);
    CHECK_FAILS(SYNC_ERR_INVALID_CHANGE,
                sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK(sync_buf_free(&since) == SYNC_OK && sync_buf_free(&frame) == SYNC_OK);
    free_replica(first);
    free_replica(other);
    tear_down();
}

static void one_who_left(void) {
    set_up();
    sync_replica *leaver = new_replica(2), *backup;
    sync_buf saved, since, frame;
    deliver(replica, leaver);
    CHECK_OK(sync_replica_set_null(leaver, SYNC_STR("k"), &error));
    CHECK_OK(sync_replica_save(leaver, &saved, &error));
    CHECK_OK(sync_replica_leave(leaver, &error));
    deliver(leaver, replica);
    CHECK(sync_buf_free(&before) == SYNC_OK);
    CHECK_OK(sync_replica_save(replica, &before, &error));
    CHECK_FAILS(SYNC_ERR_LEFT, sync_replica_set_null(leaver, SYNC_STR("k"), &error));
    CHECK_FAILS(SYNC_ERR_LEFT, sync_replica_leave(leaver, &error));
    CHECK_FAILS(SYNC_ERR_LEFT, sync_replica_join(leaver, 3, &error));

    /* The same replica from a backup: its second change follows on the leaving, for those who
     * know of that. */
    CHECK_OK(sync_replica_load(saved.ptr, saved.len, 2, NULL, &backup, &error));
    CHECK_OK(sync_replica_set_bool(backup, SYNC_STR("k"), true, &error));
    CHECK_OK(sync_replica_encode_version(backup, &since, &error));
    CHECK_OK(sync_replica_set_bool(backup, SYNC_STR("k"), false, &error));
    CHECK_OK(sync_replica_export(backup, since.ptr, since.len, &frame, &error));
    CHECK_DETAILS(SYNC_ERR_AUTHOR_LEFT,
                  "{\"change\":{\"counter\":2,\"replica\":\"0000000000000002\"}}",
                  sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK(sync_buf_free(&saved) == SYNC_OK && sync_buf_free(&since) == SYNC_OK);
    CHECK(sync_buf_free(&frame) == SYNC_OK);
    free_replica(leaver);
    free_replica(backup);
    tear_down();
}

static void a_replica_that_was_restored_from_a_backup(void) {
    sync_replica *restored = NULL;
    sync_buf saved, since, frame;
    set_up();
    CHECK_OK(sync_replica_save(replica, &saved, &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("k"), 1, &error));
    CHECK_OK(sync_replica_encode_version(replica, &since, &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("k"), 2, &error));
    CHECK_OK(sync_replica_export(replica, since.ptr, since.len, &frame, &error));
    CHECK(sync_buf_free(&before) == SYNC_OK);
    CHECK_OK(sync_replica_save(replica, &before, &error));
    CHECK_OK(sync_replica_load(saved.ptr, saved.len, 1, NULL, &restored, &error));
    CHECK_OK(sync_replica_apply(restored, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK_FAILS(SYNC_ERR_WRITTEN_ELSEWHERE,
                sync_replica_set_i64(restored, SYNC_STR("k"), 3, &error));
    CHECK(sync_buf_free(&saved) == SYNC_OK && sync_buf_free(&since) == SYNC_OK);
    CHECK(sync_buf_free(&frame) == SYNC_OK);
    free_replica(restored);
    tear_down();
}

static void an_inbox_that_is_full(void) {
    sync_options options = SYNC_OPTIONS_INIT;
    options.max_inbox_bytes = 1;
    CHECK_OK(sync_replica_new(&DOCUMENT, 1, &options, &replica, &error));
    CHECK_OK(sync_replica_save(replica, &before, &error));
    sync_replica *other = new_replica(2);
    sync_buf since, frame;
    CHECK_OK(sync_replica_set_i64(other, SYNC_STR("k"), 0, &error));
    CHECK_OK(sync_replica_encode_version(other, &since, &error));
    CHECK_OK(sync_replica_set_i64(other, SYNC_STR("k"), 1, &error));
    CHECK_OK(sync_replica_export(other, since.ptr, since.len, &frame, &error));
    CHECK_FAILS(SYNC_ERR_INBOX_FULL,
                sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK(sync_buf_free(&since) == SYNC_OK && sync_buf_free(&frame) == SYNC_OK);
    free_replica(other);
    tear_down();
}

static void too_many_acknowledgements_that_wait(void) {
    set_up();
    CHECK(sync_buf_free(&before) == SYNC_OK);
    const uint64_t limit = 1024;
    for (uint64_t i = 0; i <= limit; i++) {
        sync_replica *other = new_replica(100 + i);
        sync_buf frame;
        sync_acknowledged acknowledged;
        CHECK_OK(sync_replica_set_null(other, SYNC_STR("k"), &error));
        CHECK_OK(sync_replica_acknowledge(other, &frame, &error));
        sync_status status = sync_replica_apply_acknowledgement(replica, frame.ptr, frame.len,
                                                                &acknowledged, &error);
        if (i < limit) {
            CHECK_OK(status);
            CHECK(acknowledged == SYNC_ACKNOWLEDGED_HELD);
        } else {
            CHECK_DETAILS(SYNC_ERR_TOO_MANY_HELD,
                          "{\"limit\":1024,\"member\":\"0000000000000464\"}", status);
        }
        CHECK(sync_buf_free(&frame) == SYNC_OK);
        free_replica(other);
    }
    free_replica(replica);
}

int main(void) {
    RUN(arguments);
    RUN(paths);
    RUN(positions);
    RUN(frames);
    RUN(lineages);
    RUN(a_replica_id_used_twice);
    RUN(a_replica_that_was_away_for_too_long);
    RUN(a_change_that_contradicts_the_document);
    RUN(a_change_from_before_its_past);
    RUN(one_who_left);
    RUN(a_replica_that_was_restored_from_a_backup);
    RUN(an_inbox_that_is_full);
    RUN(too_many_acknowledgements_that_wait);
    return 0;
}
