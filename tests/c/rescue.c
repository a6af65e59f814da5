/* Replicas that go on under a new id: rescued on a snapshot, or seeded anew; and shallow snapshots. */
#include "check.h"

static sync_replica *server, *late;

static sync_buf saved_of(const sync_replica *replica) {
    sync_buf saved = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_save(replica, &saved, &error));
    return saved;
}

static sync_replica *loaded_as(const sync_replica *from, uint64_t id) {
    sync_buf saved = saved_of(from);
    sync_replica *loaded;
    CHECK_OK(sync_replica_load(saved.ptr, saved.len, id, NULL, &loaded, &error));
    CHECK(sync_buf_free(&saved) == SYNC_OK);
    return loaded;
}

static void type(sync_replica *replica, size_t at, const char *text) {
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("story"), SYNC_UNIT_UTF8, at, text,
                                      strlen(text), &error));
}

/* A replica with edits that were not sent, and the server, which has pruned beyond it. */
static void set_up(void) {
    server = new_replica(1);
    type(server, 0, "It was a dark night.");
    CHECK_OK(sync_replica_set_string(server, SYNC_STR("notes.mood"), SYNC_STR("gloomy"), &error));
    late = loaded_as(server, 2);
    type(late, 13, " (very dark)");
    CHECK_OK(sync_replica_set_f64(late, SYNC_STR("notes.mood"), 0.5, &error));
    CHECK_OK(sync_replica_set_i64(late, SYNC_STR("title"), 1, &error));
    CHECK_OK(sync_replica_delete_text(server, SYNC_STR("story"), SYNC_UNIT_UTF8, 7, 12, &error));
    CHECK_OK(sync_replica_remove(server, SYNC_STR("notes"), NULL, &error));
    CHECK_OK(sync_replica_prune(server, NULL, NULL, &error));
}

static void tear_down(void) {
    free_replica(server);
    free_replica(late);
}

static void what_was_not_sent_is_made_anew(void) {
    set_up();
    sync_buf frame = SYNC_BUF_INIT, version = SYNC_BUF_INIT, details = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_encode_version(server, &version, &error));
    CHECK_OK(sync_replica_export(late, version.ptr, version.len, &frame, &error));
    CHECK_FAILS(SYNC_ERR_BELOW_PRUNE_FLOOR,
                sync_replica_apply(server, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK_OK(sync_replica_join(server, 3, &error));
    sync_buf snapshot = saved_of(server), before = saved_of(late), after;
    sync_rescue_report report = SYNC_RESCUE_REPORT_INIT;
    sync_replica *rescued = NULL;
    uint64_t id = 0;
    CHECK_OK(sync_replica_rescue(late, snapshot.ptr, snapshot.len, 3, NULL, &rescued, &report,
                                 &details, &error));
    CHECK(report.edits == 3 && report.applied == 1 && report.moved == 1 && report.offered == 1);
    CHECK(report.unknown == 0 && report.sponsored == 0);
    CHECK_TEXT(details,
               "{\"edits\":[{\"id\":{\"counter\":0,\"replica\":\"0000000000000002\"},\"len\":12,"
               "\"now\":{\"counter\":0,\"replica\":\"0000000000000003\"},\"offer\":null,"
               "\"outcome\":\"moved\",\"path\":\"/story\"},"
               "{\"id\":{\"counter\":12,\"replica\":\"0000000000000002\"},\"len\":1,\"now\":null,"
               "\"offer\":{\"content\":{\"kind\":\"value\",\"value\":0.5},\"what\":\"value\"},"
               "\"outcome\":\"offered\",\"path\":\"/notes/mood\"},"
               "{\"id\":{\"counter\":13,\"replica\":\"0000000000000002\"},\"len\":1,"
               "\"now\":{\"counter\":12,\"replica\":\"0000000000000003\"},\"offer\":null,"
               "\"outcome\":\"applied\",\"path\":\"/title\"}],\"sponsored\":[],\"unknown\":[]}");
    CHECK_OK(sync_replica_id(rescued, &id, &error));
    CHECK(id == 3);
    after = saved_of(late);
    CHECK(same_bytes(before, after));
    deliver(rescued, server);
    check_equal(rescued, server);
    CHECK_TEXT(json_of(server), "{\"story\":\"It was . (very dark)\",\"title\":1}");
    free_replica(rescued);

    CHECK_OK(sync_replica_join(server, 4, &error));
    CHECK(sync_buf_free(&snapshot) == SYNC_OK);
    snapshot = saved_of(server);
    CHECK_OK(sync_replica_rescue(late, snapshot.ptr, snapshot.len, 4, NULL, &rescued, NULL, NULL,
                                 &error));
    free_replica(rescued);
    CHECK(sync_buf_free(&snapshot) == SYNC_OK && sync_buf_free(&frame) == SYNC_OK);
    CHECK(sync_buf_free(&before) == SYNC_OK && sync_buf_free(&after) == SYNC_OK);
    CHECK(sync_buf_free(&version) == SYNC_OK);
    tear_down();
}

static void a_snapshot_that_does_not_do_is_refused(void) {
    set_up();
    sync_buf snapshot = saved_of(server);
    sync_replica *rescued = NULL;
#define REFUSED(status, details, id)                                                            \
    CHECK_DETAILS(status, details,                                                              \
                  sync_replica_rescue(late, snapshot.ptr, snapshot.len, id, NULL, &rescued, NULL, \
                                      NULL, &error))
    REFUSED(SYNC_ERR_NOT_A_MEMBER, "{\"replica\":\"0000000000000003\"}", 3);
    REFUSED(SYNC_ERR_REPLICA_ID_REUSED, "{\"replica\":\"0000000000000002\"}", 2);
    REFUSED(SYNC_ERR_REPLICA_ID_REUSED, "{\"replica\":\"0000000000000001\"}", 1);
    CHECK_OK(sync_replica_begin(late, &error));
    REFUSED(SYNC_ERR_IN_TRANSACTION, "{}", 3);
    CHECK_OK(sync_replica_abort(late, NULL, &error));
    CHECK(sync_buf_free(&snapshot) == SYNC_OK);
    CHECK_FAILS(SYNC_ERR_DECODE, sync_replica_rescue(late, NULL, 0, 3, NULL, &rescued, NULL, NULL,
                                                     &error));
    sync_document_id another = DOCUMENT;
    another.bytes[0] = 99;
    sync_replica *stranger;
    CHECK_OK(sync_replica_new(&another, 1, NULL, &stranger, &error));
    snapshot = saved_of(stranger);
    CHECK_FAILS(SYNC_ERR_OTHER_DOCUMENT,
                sync_replica_rescue(late, snapshot.ptr, snapshot.len, 3, NULL, &rescued, NULL, NULL,
                                    &error));
    CHECK(sync_buf_free(&snapshot) == SYNC_OK);
    free_replica(stranger);

    /* One of a member that has not seen what is pruned here. */
    sync_replica *behind = new_replica(9), *pruned = loaded_as(server, 4);
    CHECK_OK(sync_replica_join(behind, 3, &error));
    snapshot = saved_of(behind);
    CHECK_FAILS(SYNC_ERR_SNAPSHOT_BEHIND,
                sync_replica_rescue(pruned, snapshot.ptr, snapshot.len, 3, NULL, &rescued, NULL,
                                    NULL, &error));
    sync_rescue_options options = SYNC_RESCUE_OPTIONS_INIT;
    options.size = 4;
    CHECK_DETAILS(SYNC_ERR_STRUCT_SIZE, "{\"argument\":\"options\",\"size\":4}",
                  sync_replica_rescue(pruned, snapshot.ptr, snapshot.len, 3, &options, &rescued,
                                      NULL, NULL, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"out\"}",
                  sync_replica_rescue(pruned, snapshot.ptr, snapshot.len, 3, NULL, NULL, NULL, NULL,
                                      &error));
    CHECK(rescued == NULL && sync_buf_free(&snapshot) == SYNC_OK);
    free_replica(behind);
    free_replica(pruned);
    tear_down();
}

static void a_restored_backup_says_what_it_has_written_since(void) {
    sync_replica *replica = new_replica(1), *restored, *rescued = NULL;
    type(replica, 0, "one ");
    restored = loaded_as(replica, 1);
    type(replica, 4, "two ");
    type(replica, 8, "three ");
    server = loaded_as(replica, 9);
    CHECK_OK(sync_replica_set_null(server, SYNC_STR("k"), &error));
    CHECK_OK(sync_replica_join(server, 3, &error));
    const uint64_t in_backup = 5;
    type(restored, 4, "2 ");
    sync_save_options shallow = SYNC_SAVE_OPTIONS_INIT;
    shallow.shallow = 1;
    sync_buf snapshot = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_save_with(server, &shallow, &snapshot, &error));
    CHECK_DETAILS(SYNC_ERR_UNDECIDED, "{\"here\":7,\"known\":15}",
                  sync_replica_rescue(restored, snapshot.ptr, snapshot.len, 3, NULL, &rescued, NULL,
                                      NULL, &error));
    sync_rescue_options options = SYNC_RESCUE_OPTIONS_INIT;
    sync_rescue_report report = SYNC_RESCUE_REPORT_INIT;
    options.written_since = &in_backup;
    CHECK_OK(sync_replica_rescue(restored, snapshot.ptr, snapshot.len, 3, &options, &rescued,
                                 &report, NULL, &error));
    CHECK(report.edits == 1);
    deliver(rescued, server);
    check_equal(rescued, server);
    sync_buf text;
    CHECK_OK(sync_replica_text(server, SYNC_STR("story"), &text, &error));
    CHECK(strstr((const char *)text.ptr, "2 ") != NULL);
    CHECK(sync_buf_free(&text) == SYNC_OK && sync_buf_free(&snapshot) == SYNC_OK);
    free_replica(replica);
    free_replica(restored);
    free_replica(rescued);
    free_replica(server);
}

static void a_document_is_seeded_anew(void) {
    set_up();
    sync_replica *seeded = NULL, *rescued = NULL;
    uint64_t epoch = 7;
    CHECK_OK(sync_replica_reseed(server, 5, &seeded, &error));
    CHECK_OK(sync_replica_epoch(server, &epoch, &error));
    CHECK(epoch == 0);
    CHECK_OK(sync_replica_epoch(seeded, &epoch, &error));
    CHECK(epoch == 1);
    check_equal(server, seeded);
    sync_buf frame = export_all(late);
    CHECK_DETAILS(SYNC_ERR_OTHER_EPOCH, "{\"ours\":1,\"theirs\":0}",
                  sync_replica_apply(seeded, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK_OK(sync_replica_join(seeded, 6, &error));
    sync_buf snapshot = saved_of(seeded);
    CHECK_OK(sync_replica_rescue(late, snapshot.ptr, snapshot.len, 6, NULL, &rescued, NULL, NULL,
                                 &error));
    deliver(rescued, seeded);
    check_equal(rescued, seeded);
    CHECK_DETAILS(SYNC_ERR_REPLICA_ID_REUSED, "{\"replica\":\"0000000000000001\"}",
                  sync_replica_reseed(server, 1, &rescued, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"out\"}",
                  sync_replica_reseed(server, 8, NULL, &error));
    CHECK_OK(sync_replica_begin(server, &error));
    CHECK_FAILS(SYNC_ERR_IN_TRANSACTION, sync_replica_reseed(server, 8, &rescued, &error));
    CHECK_OK(sync_replica_abort(server, NULL, &error));
    CHECK(sync_buf_free(&frame) == SYNC_OK && sync_buf_free(&snapshot) == SYNC_OK);
    free_replica(seeded);
    free_replica(rescued);
    tear_down();
}

static void a_shallow_snapshot_holds_the_state_alone(void) {
    sync_replica *replica = new_replica(1), *loaded;
    for (int64_t number = 0; number < 50; number++) {
        CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("k"), number, &error));
    }
    CHECK_OK(sync_replica_join(replica, 2, &error));
    sync_save_options options = SYNC_SAVE_OPTIONS_INIT;
    options.shallow = 1;
    sync_buf shallow = SYNC_BUF_INIT, full = saved_of(replica), frame = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_save_with(replica, &options, &shallow, &error));
    CHECK(shallow.len < full.len);
    CHECK_OK(sync_replica_load(shallow.ptr, shallow.len, 2, NULL, &loaded, &error));
    check_equal(replica, loaded);
    CHECK_DETAILS(SYNC_ERR_SHALLOW, "{\"start\":{\"0000000000000001\":51}}",
                  sync_replica_export(loaded, NULL, 0, &frame, &error));
    CHECK_OK(sync_replica_set_null(loaded, SYNC_STR("k"), &error));
    deliver(loaded, replica);
    check_equal(replica, loaded);
    CHECK(sync_buf_free(&shallow) == SYNC_OK && sync_buf_free(&full) == SYNC_OK);
    free_replica(replica);
    free_replica(loaded);
}

int main(void) {
    RUN(what_was_not_sent_is_made_anew);
    RUN(a_snapshot_that_does_not_do_is_refused);
    RUN(a_restored_backup_says_what_it_has_written_since);
    RUN(a_document_is_seeded_anew);
    RUN(a_shallow_snapshot_holds_the_state_alone);
    return 0;
}
