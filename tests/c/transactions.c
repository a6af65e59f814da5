/* Transactions, and what changes carry beside their edits. */
#include "check.h"

static const int64_t NOON = INT64_C(1732190400000000);

static bool is_open(const sync_replica *replica) {
    bool open = false;
    CHECK_OK(sync_replica_in_transaction(replica, &open, &error));
    return open;
}

static void a_transaction_is_one_change(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_buf change;
    sync_commit commit = SYNC_COMMIT_INIT;
    sync_operation_id id = {7, 7};
    bool changed = false;
    CHECK(!is_open(a));
    CHECK_OK(sync_replica_begin(a, &error));
    CHECK(is_open(a));
    CHECK_OK(sync_replica_set_i64(a, SYNC_STR("x"), 1, &error));
    CHECK_OK(sync_replica_increment(a, SYNC_STR("n"), 2, &error));
    CHECK_TEXT(json_of(a), "{\"n\":2,\"x\":1}");
    commit.time = &NOON;
    commit.message = "sign up";
    commit.message_len = strlen(commit.message);
    commit.origin = "";
    CHECK_OK(sync_replica_commit(a, &commit, &changed, &id, &error));
    CHECK(!is_open(a) && changed && id.replica == 1 && id.counter == 0);
    CHECK_OK(sync_replica_change(a, &id, &change, &error));
    CHECK_TEXT(change, "{\"dependencies\":[],\"id\":{\"counter\":0,\"replica\":\"0000000000000001\"},"
                       "\"lamport\":0,\"len\":3,\"message\":\"sign up\",\"origin\":\"\","
                       "\"time\":1732190400000000}");
    deliver(a, b);
    check_equal(a, b);

    /* Any operation of a change names it; one that is not known is none. */
    sync_buf again;
    id.counter = 2;
    CHECK_OK(sync_replica_change(a, &id, &change, &error));
    CHECK_OK(sync_replica_change(b, &id, &again, &error));
    CHECK(same_bytes(change, again));
    CHECK(sync_buf_free(&change) == SYNC_OK && sync_buf_free(&again) == SYNC_OK);
    id.counter = UINT64_MAX;
    CHECK_OK(sync_replica_change(a, &id, &change, &error));
    CHECK_TEXT(change, "null");
    free_replica(a);
    free_replica(b);
}

static void a_commit_may_say_nothing(void) {
    sync_replica *replica = new_replica(1);
    sync_operation_id id = {7, 7};
    bool changed = true;
    sync_buf change;
    CHECK_OK(sync_replica_begin(replica, &error));
    CHECK_OK(sync_replica_commit(replica, NULL, &changed, &id, &error));
    CHECK(!changed && id.replica == 0 && id.counter == 0);
    CHECK_OK(sync_replica_begin(replica, &error));
    CHECK_OK(sync_replica_set_null(replica, SYNC_STR("k"), &error));
    CHECK_OK(sync_replica_commit(replica, NULL, NULL, NULL, &error));
    id.replica = 1;
    CHECK_OK(sync_replica_change(replica, &id, &change, &error));
    CHECK_TEXT(change, "{\"dependencies\":[],\"id\":{\"counter\":0,\"replica\":\"0000000000000001\"},"
                       "\"lamport\":0,\"len\":1,\"message\":null,\"origin\":null,\"time\":null}");
    free_replica(replica);
}

/* Edits of everything that there is, so that all of it has to be undone. */
static void edit_everything(sync_replica *replica) {
    sync_value value = SYNC_VALUE_INIT_STRING(SYNC_STR("new"));
    CHECK_OK(sync_replica_set_timestamp(replica, SYNC_STR("user.seen"), NOON, &error));
    CHECK_OK(sync_replica_remove(replica, SYNC_STR("user.name"), NULL, &error));
    CHECK_OK(sync_replica_remove_wins(replica, SYNC_STR("user.age"), NULL, &error));
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, 2, SYNC_STR("-"),
                                      &error));
    CHECK_OK(sync_replica_delete_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, 0, 2, &error));
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("list"), 1, &value, 1, &error));
    CHECK_OK(sync_replica_move_item(replica, SYNC_STR("list"), 0, 2, &error));
    CHECK_OK(sync_replica_delete_items(replica, SYNC_STR("list"), 0, 2, &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("/list/0"), -1, &error));
    CHECK_OK(sync_replica_increment(replica, SYNC_STR("count"), 3, &error));
    CHECK_OK(sync_replica_add(replica, SYNC_STR("set"), &value, NULL, &error));
    value.kind = SYNC_VALUE_NULL;
    CHECK_OK(sync_replica_discard(replica, SYNC_STR("set"), &value, NULL, &error));
    CHECK_OK(sync_replica_create(replica, SYNC_STR("new"), SYNC_KIND_GROW_ONLY_SET, &error));
}

static sync_replica *with_everything(uint64_t id) {
    sync_replica *replica = new_replica(id);
    const sync_value values[] = {SYNC_VALUE_INIT_NULL, SYNC_VALUE_INIT_INT(1),
                                 SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_MAP)};
    CHECK_OK(sync_replica_set_string(replica, SYNC_STR("user.name"), SYNC_STR("Ada"), &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("user.age"), 36, &error));
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, 0,
                                      SYNC_STR("abcd"), &error));
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("list"), 0, values, 3, &error));
    CHECK_OK(sync_replica_increment(replica, SYNC_STR("count"), 1, &error));
    CHECK_OK(sync_replica_add(replica, SYNC_STR("set"), &values[0], NULL, &error));
    return replica;
}

static void what_is_aborted_never_was(void) {
    sync_replica *replica = with_everything(1);
    sync_buf saved, during, after, json = json_of(replica), json_after;
    bool aborted = false;
    CHECK_OK(sync_replica_save(replica, &saved, &error));
    for (int round = 0; round < 3; round++) {
        CHECK_OK(sync_replica_begin(replica, &error));
        edit_everything(replica);
        CHECK_OK(sync_replica_save(replica, &during, &error));
        CHECK(same_bytes(saved, during));
        CHECK_OK(sync_replica_abort(replica, &aborted, &error));
        CHECK(aborted && !is_open(replica));
        CHECK_OK(sync_replica_save(replica, &after, &error));
        json_after = json_of(replica);
        CHECK(same_bytes(saved, after) && same_bytes(json, json_after));
        CHECK(sync_buf_free(&during) == SYNC_OK && sync_buf_free(&after) == SYNC_OK);
        CHECK(sync_buf_free(&json_after) == SYNC_OK);
    }
    CHECK_OK(sync_replica_abort(replica, &aborted, &error));
    CHECK(!aborted);
    CHECK_OK(sync_replica_abort(replica, NULL, &error));

    /* The same edits, committed, are what they are one by one. */
    sync_replica *other = with_everything(1);
    CHECK_OK(sync_replica_begin(replica, &error));
    edit_everything(replica);
    CHECK_OK(sync_replica_commit(replica, NULL, NULL, NULL, &error));
    edit_everything(other);
    check_equal(replica, other);
    CHECK(sync_buf_free(&saved) == SYNC_OK && sync_buf_free(&json) == SYNC_OK);
    free_replica(replica);
    free_replica(other);
}

static void what_cant_be_done_while_a_transaction_is_open(void) {
    sync_replica *replica = new_replica(1), *other = new_replica(2);
    sync_buf version, frame, acknowledgement, saved, said, out = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_set_i64(other, SYNC_STR("theirs"), 1, &error));
    frame = export_all(other);
    CHECK_OK(sync_replica_acknowledge(other, &acknowledgement, &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("mine"), 1, &error));
    CHECK_OK(sync_replica_encode_version(replica, &version, &error));
    /* To acknowledge is a promise, which is saved: so it comes first. */
    CHECK_OK(sync_replica_acknowledge_whole(replica, &said, &error));
    CHECK_OK(sync_replica_save(replica, &saved, &error));

    CHECK_OK(sync_replica_begin(replica, &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("mine"), 2, &error));
#define REFUSED(call) CHECK_DETAILS(SYNC_ERR_IN_TRANSACTION, "{}", call)
    REFUSED(sync_replica_begin(replica, &error));
    REFUSED(sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    REFUSED(sync_replica_export(replica, NULL, 0, &out, &error));
    REFUSED(sync_replica_export(replica, version.ptr, version.len, &out, &error));
    REFUSED(sync_replica_apply_acknowledgement(replica, acknowledgement.ptr, acknowledgement.len,
                                               NULL, &error));
    REFUSED(sync_replica_join(replica, 3, &error));
    REFUSED(sync_replica_leave(replica, &error));
#undef REFUSED
    CHECK(out.ptr == NULL);

    /* What only reads gives what was before. */
    sync_buf same;
    CHECK_OK(sync_replica_encode_version(replica, &same, &error));
    CHECK(same_bytes(version, same) && sync_buf_free(&same) == SYNC_OK);
    CHECK_OK(sync_replica_save(replica, &same, &error));
    CHECK(same_bytes(saved, same) && sync_buf_free(&same) == SYNC_OK);
    CHECK_OK(sync_replica_acknowledge_whole(replica, &same, &error));
    CHECK(same_bytes(said, same) && sync_buf_free(&same) == SYNC_OK);
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    CHECK_OK(sync_replica_prune(replica, &report, NULL, &error));
    CHECK(report.nodes == 0 && report.changes == 0);

    /* An edit that fails leaves the transaction as it was, and open. */
    CHECK_DETAILS(SYNC_ERR_ROOT, "{}", sync_replica_set_null(replica, SYNC_STR(""), &error));
    CHECK(is_open(replica));
    CHECK_OK(sync_replica_commit(replica, NULL, NULL, NULL, &error));
    CHECK_TEXT(json_of(replica), "{\"mine\":2}");
    CHECK_OK(sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    deliver(replica, other);
    check_equal(replica, other);
    CHECK_DETAILS(SYNC_ERR_NO_TRANSACTION, "{}",
                  sync_replica_commit(replica, NULL, NULL, NULL, &error));

    sync_buf *all[] = {&version, &frame, &acknowledgement, &saved, &said};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        CHECK(sync_buf_free(all[i]) == SYNC_OK);
    }
    free_replica(replica);
    /* A handle with an open transaction is freed like any other. */
    CHECK_OK(sync_replica_begin(other, &error));
    CHECK_OK(sync_replica_set_null(other, SYNC_STR("lost"), &error));
    free_replica(other);
}

static void a_commit_that_cant_be_read_leaves_the_transaction_open(void) {
    sync_replica *replica = new_replica(1);
    sync_commit commit = SYNC_COMMIT_INIT;
    CHECK_OK(sync_replica_begin(replica, &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("k"), 1, &error));
    commit.message_len = 1;
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"message\"}",
                  sync_replica_commit(replica, &commit, NULL, NULL, &error));
    commit.message = "\377";
    CHECK_DETAILS(SYNC_ERR_UTF8, "{\"argument\":\"message\",\"at\":0}",
                  sync_replica_commit(replica, &commit, NULL, NULL, &error));
    commit.message_len = 0;
    commit.origin = "a\300";
    commit.origin_len = 2;
    CHECK_DETAILS(SYNC_ERR_UTF8, "{\"argument\":\"origin\",\"at\":1}",
                  sync_replica_commit(replica, &commit, NULL, NULL, &error));
    commit.origin_len = 1;
    commit.size = 1;
    CHECK_DETAILS(SYNC_ERR_STRUCT_SIZE, "{\"argument\":\"commit\",\"size\":1}",
                  sync_replica_commit(replica, &commit, NULL, NULL, &error));
    commit.size = sizeof commit;
    commit.time = (const int64_t *)((uintptr_t)&NOON + 1);
    CHECK_DETAILS(SYNC_ERR_ARGUMENT, "{\"argument\":\"time\"}",
                  sync_replica_commit(replica, &commit, NULL, NULL, &error));
    CHECK(is_open(replica));
    commit.time = &NOON;
    CHECK_OK(sync_replica_commit(replica, &commit, NULL, NULL, &error));
    CHECK_TEXT(json_of(replica), "{\"k\":1}");
    free_replica(replica);
}

static void edits_carry_the_time_that_was_set(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    const int64_t later = NOON + 1;
    sync_buf conflicts, change;
    CHECK_OK(sync_replica_set_time(a, &NOON, &error));
    CHECK_OK(sync_replica_set_i64(a, SYNC_STR("k"), 1, &error));
    CHECK_OK(sync_replica_set_time(b, &later, &error));
    CHECK_OK(sync_replica_set_time(b, NULL, &error));
    CHECK_OK(sync_replica_set_i64(b, SYNC_STR("k"), 2, &error));
    deliver(a, b);
    deliver(b, a);
    CHECK_OK(sync_replica_conflicts(a, SYNC_STR("k"), &conflicts, &error));
    CHECK_TEXT(conflicts,
               "[{\"id\":{\"counter\":0,\"replica\":\"0000000000000002\"},\"kind\":\"value\","
               "\"time\":null,\"value\":2},"
               "{\"id\":{\"counter\":0,\"replica\":\"0000000000000001\"},\"kind\":\"value\","
               "\"time\":1732190400000000,\"value\":1}]");
    sync_operation_id id = {1, 0};
    CHECK_OK(sync_replica_change(b, &id, &change, &error));
    CHECK(strstr((const char *)change.ptr, "\"time\":1732190400000000") != NULL);
    CHECK(sync_buf_free(&change) == SYNC_OK);

    /* A change has one time, and all replicas the same: here that of its commit. */
    CHECK_OK(sync_replica_begin(a, &error));
    CHECK_OK(sync_replica_set_i64(a, SYNC_STR("k"), 3, &error));
    CHECK_OK(sync_replica_set_time(a, &later, &error));
    CHECK_OK(sync_replica_set_i64(a, SYNC_STR("l"), 4, &error));
    CHECK_OK(sync_replica_commit(a, NULL, NULL, NULL, &error));
    deliver(a, b);
    for (int i = 0; i < 2; i++) {
        const char *path = i == 0 ? "k" : "l";
        sync_buf here, there;
        CHECK_OK(sync_replica_conflicts(a, path, 1, &here, &error));
        CHECK_OK(sync_replica_conflicts(b, path, 1, &there, &error));
        CHECK(strstr((const char *)here.ptr, "\"time\":1732190400000001") != NULL);
        CHECK(same_bytes(here, there));
        CHECK(sync_buf_free(&here) == SYNC_OK && sync_buf_free(&there) == SYNC_OK);
    }
    free_replica(a);
    free_replica(b);
}

int main(void) {
    RUN(a_transaction_is_one_change);
    RUN(a_commit_may_say_nothing);
    RUN(what_is_aborted_never_was);
    RUN(what_cant_be_done_while_a_transaction_is_open);
    RUN(a_commit_that_cant_be_read_leaves_the_transaction_open);
    RUN(edits_carry_the_time_that_was_set);
    return 0;
}
