/* Hostile bytes: every truncation and every bit flip of every kind of frame, once as damage (the
 * checksum no longer fits) and once as malice (sealed again, so that what the frame says is
 * believed). Each is a typed error that changes nothing, or a document that works. */
#include "check.h"
#include "frames.h"

/* The frames under attack. */
static sync_buf document, history, changes, version, acknowledgement;
static sync_buf packed_document, packed_history;

/* The replica that is attacked, and the document that it starts from each time. */
static sync_replica *target;
static const sync_buf *start;
static sync_buf start_empty, start_pruned;

/* Something of each kind of container, and of each edit of it. */
static void edit_containers(sync_replica *replica, int64_t time) {
    const sync_value items[] = {SYNC_VALUE_INIT_INT(1), SYNC_VALUE_INIT_TIMESTAMP(-2),
                                SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_COUNTER)};
    sync_commit commit = SYNC_COMMIT_INIT;
    CHECK_OK(sync_replica_begin(replica, &error));
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("l"), 0, items, 3, &error));
    CHECK_OK(sync_replica_move_item(replica, SYNC_STR("l"), 0, 1, &error));
    CHECK_OK(sync_replica_increment(replica, SYNC_STR("/l/2"), -time, &error));
    commit.time = &time;
    commit.message = commit.origin = "m";
    commit.message_len = commit.origin_len = 1;
    CHECK_OK(sync_replica_commit(replica, &commit, NULL, NULL, &error));
    CHECK_OK(sync_replica_delete_items(replica, SYNC_STR("l"), 1, 1, &error));
    CHECK_OK(sync_replica_add(replica, SYNC_STR("s"), &items[0], NULL, &error));
    CHECK_OK(sync_replica_add(replica, SYNC_STR("s"), &items[1], NULL, &error));
    CHECK_OK(sync_replica_discard(replica, SYNC_STR("s"), &items[0], NULL, &error));
    CHECK_OK(sync_replica_increment(replica, SYNC_STR("n"), 300, &error));
    CHECK_OK(sync_replica_remove(replica, SYNC_STR("n"), NULL, &error));
    CHECK_OK(sync_replica_create(replica, SYNC_STR("g"), SYNC_KIND_GROW_ONLY_SET, &error));
    CHECK_OK(sync_replica_add(replica, SYNC_STR("g"), &items[0], NULL, &error));
    CHECK_OK(sync_replica_set_null(replica, SYNC_STR("w"), &error));
    CHECK_OK(sync_replica_remove_wins(replica, SYNC_STR("w"), NULL, &error));
}

/* Something of everything that a frame can hold: values, containers of each kind, conflicts,
 * tombstones, a prune floor, members, acknowledgements, what commits say, a change that is held. */
static void make_frames(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2), *c = new_replica(4);
    sync_buf since, frame;
    CHECK_OK(sync_replica_save(a, &start_empty, &error));
    CHECK_OK(sync_replica_set_i64(a, SYNC_STR("user.age"), 41, &error));
    CHECK_OK(sync_replica_insert_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 0,
                                      SYNC_STR("h\303\251llo world"), &error));
    deliver(a, b);
    CHECK_OK(sync_replica_delete_text(b, SYNC_STR("t"), SYNC_UNIT_SCALAR, 5, 6, &error));
    CHECK_OK(sync_replica_set_i64(b, SYNC_STR("user.age"), 42, &error));
    CHECK_OK(sync_replica_set_null(a, SYNC_STR("user.name"), &error));
    edit_containers(a, 5);
    deliver(b, a);
    deliver(a, b);
    history = export_all(b);
    sync_save_options save = SYNC_SAVE_OPTIONS_INIT;
    sync_export_options export = SYNC_EXPORT_OPTIONS_INIT;
    save.compressed = export.compressed = 1;
    CHECK_OK(sync_replica_save_with(b, &save, &packed_document, &error));
    CHECK_OK(sync_replica_export_with(b, NULL, 0, &export, &packed_history, &error));
    for (int round = 0; round < 2; round++) {
        deliver_acknowledgement(a, b);
        deliver_acknowledgement(b, a);
    }
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    CHECK_OK(sync_replica_prune(b, &report, NULL, &error));
    CHECK(report.nodes >= 6);
    CHECK_OK(sync_replica_save(b, &start_pruned, &error));
    CHECK_OK(sync_replica_encode_version(b, &since, &error));

    CHECK_OK(sync_replica_set_f64(b, SYNC_STR("user.age"), 0.5, &error));
    CHECK_OK(sync_replica_set_bytes(a, SYNC_STR("user.age"), (const uint8_t *)"\0\1", 2, &error));
    CHECK_OK(sync_replica_delete_text(b, SYNC_STR("t"), SYNC_UNIT_SCALAR, 1, 2, &error));
    CHECK_OK(sync_replica_insert_text(a, SYNC_STR("t"), SYNC_UNIT_SCALAR, 2, SYNC_STR("-"), &error));
    edit_containers(a, 7);
    CHECK_OK(sync_replica_join(b, 3, &error));
    deliver(a, b);
    deliver(b, a);
    deliver_acknowledgement(a, b);
    CHECK_OK(sync_replica_remove(b, SYNC_STR("user"), NULL, &error));
    CHECK_OK(sync_replica_export(b, since.ptr, since.len, &changes, &error));
    CHECK_OK(sync_replica_encode_version(b, &version, &error));
    CHECK_OK(sync_replica_acknowledge(b, &acknowledgement, &error));
    CHECK(sync_buf_free(&since) == SYNC_OK);

    CHECK_OK(sync_replica_set_null(c, SYNC_STR("k"), &error));
    CHECK_OK(sync_replica_encode_version(c, &since, &error));
    CHECK_OK(sync_replica_set_bool(c, SYNC_STR("k"), false, &error));
    CHECK_OK(sync_replica_export(c, since.ptr, since.len, &frame, &error));
    sync_applied applied = SYNC_APPLIED_INIT;
    CHECK_OK(sync_replica_apply(b, frame.ptr, frame.len, &applied, NULL, &error));
    CHECK(applied.held == 1);
    CHECK_OK(sync_replica_save(b, &document, &error));
    CHECK(sync_buf_free(&since) == SYNC_OK && sync_buf_free(&frame) == SYNC_OK);
    free_replica(a);
    free_replica(b);
    free_replica(c);
}

static void new_target(void) {
    CHECK_OK(sync_replica_load(start->ptr, start->len, 9, NULL, &target, &error));
}

/* Who no forged change is of: bits are flipped in small ids alone. */
static const uint64_t FRESH = UINT64_C(0xfedcba9876543210);

/* A replica that took in hostile bytes works like any other. */
static void check_works(sync_replica *replica) {
    sync_buf saved, json, again;
    sync_replica *loaded;
    json = json_of(replica);
    CHECK_OK(sync_replica_save(replica, &saved, &error));
    CHECK_OK(sync_replica_load(saved.ptr, saved.len, FRESH, NULL, &loaded, &error));
    again = json_of(loaded);
    CHECK(same_bytes(json, again));
    CHECK_OK(sync_replica_set_bool(loaded, SYNC_STR("alive"), true, &error));
    CHECK_OK(sync_replica_insert_text(loaded, SYNC_STR("a text of its own"), SYNC_UNIT_UTF8, 0,
                                      SYNC_STR("works"), &error));
    CHECK_OK(sync_replica_create(loaded, SYNC_STR("/a list of its own"), SYNC_KIND_LIST, &error));
    CHECK_OK(sync_replica_set_i64(loaded, SYNC_STR("/a list of its own/-/x"), 1, &error));
    CHECK_OK(sync_replica_move_item(loaded, SYNC_STR("/a list of its own"), 0, 0, &error));
    CHECK_OK(sync_replica_prune(loaded, NULL, NULL, &error));
    CHECK(sync_buf_free(&saved) == SYNC_OK && sync_buf_free(&json) == SYNC_OK);
    CHECK(sync_buf_free(&again) == SYNC_OK);
    free_replica(loaded);
}

/* How a kind of frame is handed in; on success, what came of it is checked. */
typedef sync_status taker(const uint8_t *bytes, size_t len);

static sync_status take_document(const uint8_t *bytes, size_t len) {
    sync_replica *loaded = NULL;
    sync_status status = sync_replica_load(bytes, len, 9, NULL, &loaded, &error);
    CHECK((status == SYNC_OK) == (loaded != NULL));
    if (status == SYNC_OK) {
        check_works(loaded);
        free_replica(loaded);
    }
    return status;
}

/* The target starts anew after each frame that it took, and is compared after each that it did
 * not. */
static void check_target(sync_status status) {
    if (status == SYNC_OK) {
        check_works(target);
        free_replica(target);
        new_target();
        return;
    }
    sync_error *refusal = error;
    sync_buf saved;
    error = NULL;
    CHECK_OK(sync_replica_save(target, &saved, &error));
    error = refusal;
    CHECK(same_bytes(saved, *start));
    CHECK(sync_buf_free(&saved) == SYNC_OK);
}

static sync_status take_changes(const uint8_t *bytes, size_t len) {
    sync_status status = sync_replica_apply(target, bytes, len, NULL, NULL, &error);
    check_target(status);
    return status;
}

static sync_status take_version(const uint8_t *bytes, size_t len) {
    sync_buf out = SYNC_BUF_INIT;
    sync_status status = sync_replica_export(target, bytes, len, &out, &error);
    CHECK((status == SYNC_OK) == (out.ptr != NULL));
    CHECK(sync_buf_free(&out) == SYNC_OK);
    return status;
}

static sync_status take_acknowledgement(const uint8_t *bytes, size_t len) {
    sync_status status = sync_replica_apply_acknowledgement(target, bytes, len, NULL, &error);
    check_target(status);
    return status;
}

static void attack(taker *take, sync_buf frame, const sync_buf *from) {
    unsigned taken = 0, refused = 0;
    start = from;
    new_target();
    CHECK_OK(take(frame.ptr, frame.len));
    for (size_t len = 0; len < frame.len; len++) {
        if (take == take_version && len == 0) {
            continue; /* No version at all is legal: it asks for everything. */
        }
        uint8_t *cut = copy_of(frame.ptr, len);
        CHECK_FAILS(SYNC_ERR_DECODE, take(cut, len));
        free(cut);
    }
    for (size_t bit = 0; bit < 8 * frame.len; bit++) {
        uint8_t *flipped = copy_of(frame.ptr, frame.len);
        flipped[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        CHECK_FAILS(SYNC_ERR_DECODE, take(flipped, frame.len));
        reseal(flipped, frame.len);
        sync_status status = take(flipped, frame.len);
        CHECK(status != SYNC_ERR_PANIC);
        CHECK_FAILS(status, status);
        taken += status == SYNC_OK;
        refused += status != SYNC_OK;
        free(flipped);
    }
    printf("    %zu bytes; of the flips sealed again, %u taken, %u refused\n", frame.len, taken,
           refused);
    free_replica(target);
}

static void a_document(void) { attack(take_document, document, &start_empty); }
static void a_compressed_document(void) { attack(take_document, packed_document, &start_empty); }
static void a_whole_history(void) { attack(take_changes, history, &start_empty); }
static void a_compressed_history(void) { attack(take_changes, packed_history, &start_empty); }
static void later_changes(void) { attack(take_changes, changes, &start_pruned); }
static void a_version(void) { attack(take_version, version, &start_pruned); }
static void an_acknowledgement(void) {
    attack(take_acknowledgement, acknowledgement, &start_pruned);
}

int main(void) {
    make_frames();
    RUN(a_document);
    RUN(a_compressed_document);
    RUN(a_whole_history);
    RUN(a_compressed_history);
    RUN(later_changes);
    RUN(a_version);
    RUN(an_acknowledgement);
    sync_buf *frames[] = {&document,        &packed_document, &history,     &packed_history, &changes,
                          &version, &acknowledgement, &start_empty, &start_pruned};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        CHECK(sync_buf_free(frames[i]) == SYNC_OK);
    }
    return 0;
}
