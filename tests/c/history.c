/* Where what is shown comes from: versions and how they compare, clocks, nodes. */
#include "check.h"

static sync_causality compare(const sync_replica *replica, sync_buf first, sync_buf second) {
    sync_causality causality = (sync_causality)0;
    CHECK_OK(sync_replica_compare_versions(replica, first.ptr, first.len, second.ptr, second.len,
                                           &causality, &error));
    return causality;
}

static void versions_are_compared(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_buf old, new, other, nothing = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_set_null(a, SYNC_STR("k"), &error));
    CHECK_OK(sync_replica_encode_version(a, &old, &error));
    CHECK_OK(sync_replica_set_bool(a, SYNC_STR("k"), true, &error));
    CHECK_OK(sync_replica_encode_version(a, &new, &error));
    CHECK_OK(sync_replica_set_null(b, SYNC_STR("k"), &error));
    CHECK_OK(sync_replica_encode_version(b, &other, &error));
    CHECK(compare(a, old, new) == SYNC_CAUSALITY_BEFORE);
    CHECK(compare(a, new, old) == SYNC_CAUSALITY_AFTER);
    CHECK(compare(b, new, new) == SYNC_CAUSALITY_EQUAL);
    CHECK(compare(b, new, other) == SYNC_CAUSALITY_CONCURRENT);
    CHECK(compare(a, nothing, other) == SYNC_CAUSALITY_BEFORE);
    CHECK(compare(a, nothing, nothing) == SYNC_CAUSALITY_EQUAL);

    sync_document_id another = DOCUMENT;
    another.bytes[0] = 99;
    sync_replica *stranger;
    sync_causality causality = (sync_causality)77;
    CHECK_OK(sync_replica_new(&another, 1, NULL, &stranger, &error));
    CHECK_FAILS(SYNC_ERR_OTHER_DOCUMENT,
                sync_replica_compare_versions(stranger, old.ptr, old.len, NULL, 0, &causality,
                                              &error));
    CHECK_FAILS(SYNC_ERR_DECODE,
                sync_replica_compare_versions(a, NULL, 0, old.ptr, old.len - 1, &causality, &error));
    CHECK(causality == (sync_causality)77);
    CHECK(sync_buf_free(&old) == SYNC_OK && sync_buf_free(&new) == SYNC_OK);
    CHECK(sync_buf_free(&other) == SYNC_OK);
    free_replica(a);
    free_replica(b);
    free_replica(stranger);
}

static void an_entity_has_a_clock(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_buf json, user, text, again;
    CHECK_OK(sync_replica_set_i64(a, SYNC_STR("user.age"), 1, &error));
    deliver(a, b);
    CHECK_OK(sync_replica_clock(a, SYNC_STR("user"), &json, &user, &error));
    CHECK_TEXT(json, "{\"0000000000000001\":2}");
    CHECK_OK(sync_replica_insert_text(b, SYNC_STR("text"), SYNC_UNIT_UTF8, 0, SYNC_STR("abc"),
                                      &error));
    deliver(b, a);
    CHECK_OK(sync_replica_clock(a, SYNC_STR("user"), NULL, &again, &error));
    CHECK(compare(a, user, again) == SYNC_CAUSALITY_EQUAL);
    CHECK(sync_buf_free(&again) == SYNC_OK);
    CHECK_OK(sync_replica_clock(a, SYNC_STR("text"), NULL, &text, &error));
    CHECK(compare(a, user, text) == SYNC_CAUSALITY_CONCURRENT);
    CHECK_OK(sync_replica_set_i64(b, SYNC_STR("user.age"), 2, &error));
    deliver(b, a);
    CHECK_OK(sync_replica_clock(a, SYNC_STR("user"), NULL, &again, &error));
    CHECK(compare(a, user, again) == SYNC_CAUSALITY_BEFORE);
    CHECK_OK(sync_replica_clock(a, SYNC_STR("user"), NULL, NULL, &error));
    CHECK(sync_buf_free(&again) == SYNC_OK && sync_buf_free(&user) == SYNC_OK);
    CHECK(sync_buf_free(&text) == SYNC_OK);
    free_replica(a);
    free_replica(b);
}

static void sequences_show_their_nodes(void) {
    sync_replica *replica = new_replica(1);
    sync_buf nodes;
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("t"), SYNC_UNIT_UTF8, 0, SYNC_STR("ab"),
                                      &error));
    CHECK_OK(sync_replica_delete_text(replica, SYNC_STR("t"), SYNC_UNIT_UTF8, 1, 1, &error));
    CHECK_OK(sync_replica_nodes(replica, SYNC_STR("t"), &nodes, &error));
    CHECK_TEXT(nodes,
               "[{\"content\":{\"kind\":\"value\",\"value\":\"a\"},\"deleted\":false,"
               "\"id\":{\"counter\":1,\"replica\":\"0000000000000001\"},\"origin_left\":null,"
               "\"origin_right\":null},"
               "{\"content\":null,\"deleted\":true,"
               "\"id\":{\"counter\":2,\"replica\":\"0000000000000001\"},"
               "\"origin_left\":{\"counter\":1,\"replica\":\"0000000000000001\"},"
               "\"origin_right\":null}]");
    sync_value item = SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_MAP);
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("l"), 0, &item, 1, &error));
    CHECK_OK(sync_replica_nodes(replica, SYNC_STR("l"), &nodes, &error));
    CHECK(strncmp((const char *)nodes.ptr, "[{\"content\":{\"kind\":\"map\"},\"deleted\":false,",
                  strlen("[{\"content\":{\"kind\":\"map\"},\"deleted\":false,")) == 0);
    CHECK(sync_buf_free(&nodes) == SYNC_OK);
    free_replica(replica);
}

int main(void) {
    RUN(versions_are_compared);
    RUN(an_entity_has_a_clock);
    RUN(sequences_show_their_nodes);
    return 0;
}
