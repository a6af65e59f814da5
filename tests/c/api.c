/* What every function of the interface does when all is well. */
#include "check.h"

static void the_library_says_what_it_is(void) {
    CHECK(sync_abi_version() == SYNC_ABI_VERSION);
    CHECK(strlen(sync_version()) >= strlen("0.1.0"));
    CHECK(strcmp(sync_status_name(SYNC_OK), "SYNC_OK") == 0);
    CHECK(strcmp(sync_status_name(SYNC_ERR_TOO_MANY_HELD), "SYNC_ERR_TOO_MANY_HELD") == 0);
}

static void identities_are_drawn_and_named(void) {
    sync_document_id document, other;
    CHECK_OK(sync_random_document_id(&document, &error));
    CHECK_OK(sync_random_document_id(&other, &error));
    CHECK(memcmp(&document, &other, sizeof document) != 0);

    uint64_t id, drawn;
    CHECK_OK(sync_random_replica_id(&id, &error));
    CHECK_OK(sync_random_replica_id(&drawn, &error));
    CHECK(id != drawn);

    uint64_t named, again;
    CHECK_OK(sync_replica_id_from_name(SYNC_STR("edge_001"), &named, &error));
    CHECK_OK(sync_replica_id_from_name(SYNC_STR("edge_001"), &again, &error));
    CHECK(named == again);
    /* FNV-1a of nothing is its offset basis. */
    CHECK_OK(sync_replica_id_from_name(NULL, 0, &named, &error));
    CHECK(named == UINT64_C(0xcbf29ce484222325));

    sync_replica *replica;
    CHECK_OK(sync_replica_new(&document, id, NULL, &replica, &error));
    CHECK_OK(sync_replica_id(replica, &drawn, &error));
    CHECK_OK(sync_replica_document(replica, &other, &error));
    CHECK(drawn == id && memcmp(&document, &other, sizeof document) == 0);
    free_replica(replica);
}

static void values_of_every_kind_are_set_and_read(void) {
    static const uint8_t raw[] = {0, 255, 10};
    sync_replica *replica = new_replica(1);
    CHECK_OK(sync_replica_set_null(replica, SYNC_STR("v.null"), &error));
    CHECK_OK(sync_replica_set_bool(replica, SYNC_STR("v.bool"), true, &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("v.int"), INT64_MIN, &error));
    CHECK_OK(sync_replica_set_f64(replica, SYNC_STR("v.float"), 0.5, &error));
    CHECK_OK(sync_replica_set_string(replica, SYNC_STR("v.string"), SYNC_STR("a\0\303\251"), &error));
    CHECK_OK(sync_replica_set_bytes(replica, SYNC_STR("v.bytes"), raw, sizeof raw, &error));
    CHECK_OK(sync_replica_set_string(replica, SYNC_STR("v.empty"), NULL, 0, &error));
    CHECK_OK(sync_replica_set_timestamp(replica, SYNC_STR("v.timestamp"), INT64_MAX, &error));
    CHECK_OK(sync_replica_create(replica, SYNC_STR("v.map"), SYNC_KIND_MAP, &error));
    CHECK_OK(sync_replica_create(replica, SYNC_STR("v.text"), SYNC_KIND_TEXT, &error));

    sync_value value = value_at(replica, "v.null");
    CHECK(value.kind == SYNC_VALUE_NULL);
    value = value_at(replica, "v.bool");
    CHECK(value.kind == SYNC_VALUE_BOOL && value.boolean);
    value = value_at(replica, "v.int");
    CHECK(value.kind == SYNC_VALUE_INT && value.integer == INT64_MIN);
    value = value_at(replica, "v.float");
    CHECK(value.kind == SYNC_VALUE_FLOAT && value.number >= 0.5 && value.number <= 0.5);
    value = value_at(replica, "v.timestamp");
    CHECK(value.kind == SYNC_VALUE_TIMESTAMP && value.integer == INT64_MAX);
    value = value_at(replica, "v.map");
    CHECK(value.kind == SYNC_VALUE_MAP && value.bytes.ptr == NULL);
    value = value_at(replica, "v.text");
    CHECK(value.kind == SYNC_VALUE_TEXT);
    value = value_at(replica, "v.nothing");
    CHECK(value.kind == SYNC_VALUE_NONE);
    value = value_at(replica, "nothing.on.the.way");
    CHECK(value.kind == SYNC_VALUE_NONE);
    value = value_at(replica, "");
    CHECK(value.kind == SYNC_VALUE_MAP);

    value = value_at(replica, "/v/string");
    CHECK(value.kind == SYNC_VALUE_STRING && value.bytes.len == 4);
    CHECK(memcmp(value.bytes.ptr, "a\0\303\251", 5) == 0);
    CHECK(sync_value_free(&value) == SYNC_OK);
    CHECK(value.kind == SYNC_VALUE_NONE && value.bytes.ptr == NULL && value.bytes.cap == 0);
    CHECK(sync_value_free(&value) == SYNC_OK);
    value = value_at(replica, "/v/bytes");
    CHECK(value.kind == SYNC_VALUE_BYTES && value.bytes.len == sizeof raw);
    CHECK(memcmp(value.bytes.ptr, raw, sizeof raw) == 0);
    CHECK(sync_value_free(&value) == SYNC_OK);
    value = value_at(replica, "/v/empty");
    CHECK(value.kind == SYNC_VALUE_STRING && value.bytes.len == 0 && value.bytes.ptr != NULL);
    CHECK(sync_value_free(&value) == SYNC_OK);

    CHECK_TEXT(json_of(replica),
               "{\"v\":{\"bool\":true,\"bytes\":{\"$bytes\":\"00ff0a\"},\"empty\":\"\","
               "\"float\":0.5,\"int\":-9223372036854775808,\"map\":{},\"null\":null,"
               "\"string\":\"a\\u0000\303\251\",\"text\":\"\","
               "\"timestamp\":{\"$timestamp\":9223372036854775807}}}");
    free_replica(replica);
}

static void containers_of_every_kind_are_created(void) {
    static const struct {
        const char *path;
        sync_kind kind;
        sync_value_kind shown;
    } all[] = {
        {"map", SYNC_KIND_MAP, SYNC_VALUE_MAP},
        {"text", SYNC_KIND_TEXT, SYNC_VALUE_TEXT},
        {"list", SYNC_KIND_LIST, SYNC_VALUE_LIST},
        {"counter", SYNC_KIND_COUNTER, SYNC_VALUE_COUNTER},
        {"grow", SYNC_KIND_GROW_ONLY_COUNTER, SYNC_VALUE_GROW_ONLY_COUNTER},
        {"set", SYNC_KIND_SET, SYNC_VALUE_SET},
        {"grows", SYNC_KIND_GROW_ONLY_SET, SYNC_VALUE_GROW_ONLY_SET},
    };
    sync_replica *replica = new_replica(1);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const char *path = all[i].path;
        CHECK_OK(sync_replica_create(replica, path, strlen(path), all[i].kind, &error));
        CHECK(value_at(replica, path).kind == all[i].shown);
    }
    CHECK_TEXT(json_of(replica), "{\"counter\":0,\"grow\":0,\"grows\":[],\"list\":[],\"map\":{},"
                                 "\"set\":[],\"text\":\"\"}");
    free_replica(replica);
}

static void keys_are_listed_and_removed(void) {
    sync_replica *replica = new_replica(1);
    sync_buf keys;
    bool removed;
    CHECK_OK(sync_replica_keys(replica, SYNC_STR(""), &keys, &error));
    CHECK_TEXT(keys, "[]");
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("/b/x"), 1, &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("/a\"/y"), 2, &error));
    CHECK_OK(sync_replica_keys(replica, NULL, 0, &keys, &error));
    CHECK_TEXT(keys, "[\"a\\\"\",\"b\"]");
    CHECK_OK(sync_replica_keys(replica, SYNC_STR("b"), &keys, &error));
    CHECK_TEXT(keys, "[\"x\"]");
    CHECK_OK(sync_replica_remove(replica, SYNC_STR("b"), &removed, &error));
    CHECK(removed);
    CHECK_OK(sync_replica_remove(replica, SYNC_STR("b"), &removed, &error));
    CHECK(!removed);
    CHECK_OK(sync_replica_remove(replica, SYNC_STR("/a\"/y"), NULL, &error));
    CHECK_TEXT(json_of(replica), "{\"a\\\"\":{}}");
    free_replica(replica);
}

static size_t length_in(const sync_replica *replica, sync_unit unit) {
    size_t len = SIZE_MAX;
    CHECK_OK(sync_replica_text_len(replica, SYNC_STR("doc.body"), unit, &len, &error));
    return len;
}

static void texts_count_in_every_unit(void) {
    sync_replica *replica = new_replica(1);
    sync_buf text;
    /* U+00E9 has 2 bytes and 1 UTF-16 unit, U+1F600 has 4 and 2. */
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("doc.body"), SYNC_UNIT_UTF8, 0,
                                      SYNC_STR("h\303\251llo \360\237\230\200!"), &error));
    CHECK(length_in(replica, SYNC_UNIT_SCALAR) == 8);
    CHECK(length_in(replica, SYNC_UNIT_UTF8) == 12);
    CHECK(length_in(replica, SYNC_UNIT_UTF16) == 9);
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("doc.body"), SYNC_UNIT_UTF16, 8,
                                      SYNC_STR("?"), &error));
    CHECK_OK(sync_replica_delete_text(replica, SYNC_STR("doc.body"), SYNC_UNIT_SCALAR, 6, 1,
                                      &error));
    CHECK_OK(sync_replica_delete_text(replica, SYNC_STR("doc.body"), SYNC_UNIT_UTF8, 1, 2,
                                      &error));
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("doc.body"), SYNC_UNIT_UTF8, 1,
                                      SYNC_STR("e"), &error));
    CHECK_OK(sync_replica_text(replica, SYNC_STR("doc.body"), &text, &error));
    CHECK_TEXT(text, "hello ?!");
    CHECK_OK(sync_replica_delete_text(replica, SYNC_STR("doc.body"), SYNC_UNIT_UTF16, 0, 8,
                                      &error));
    CHECK_OK(sync_replica_text(replica, SYNC_STR("doc.body"), &text, &error));
    CHECK_TEXT(text, "");
    free_replica(replica);
}

static void concurrent_assignments_are_all_readable(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_buf conflicts;
    CHECK_OK(sync_replica_conflicts(a, SYNC_STR("color"), &conflicts, &error));
    CHECK_TEXT(conflicts, "[]");
    CHECK_OK(sync_replica_set_string(a, SYNC_STR("color"), SYNC_STR("red"), &error));
    CHECK_OK(sync_replica_create(b, SYNC_STR("color"), SYNC_KIND_TEXT, &error));
    deliver(a, b);
    deliver(b, a);
    check_equal(a, b);
    CHECK_OK(sync_replica_conflicts(a, SYNC_STR("color"), &conflicts, &error));
    CHECK_TEXT(conflicts,
               "[{\"id\":{\"counter\":0,\"replica\":\"0000000000000002\"},\"kind\":\"text\","
               "\"time\":null},"
               "{\"id\":{\"counter\":0,\"replica\":\"0000000000000001\"},\"kind\":\"value\","
               "\"time\":null,\"value\":\"red\"}]");
    CHECK_OK(sync_replica_set_f64(a, SYNC_STR("color"), 1.0, &error));
    CHECK_OK(sync_replica_conflicts(a, SYNC_STR("color"), &conflicts, &error));
    /* A's second operation made B a member, as it exported to it. */
    CHECK_TEXT(conflicts,
               "[{\"id\":{\"counter\":2,\"replica\":\"0000000000000001\"},\"kind\":\"value\","
               "\"time\":null,\"value\":1.0}]");
    free_replica(a);
    free_replica(b);
}

static void changes_travel_in_any_order_and_twice(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_buf first, second, since, missing, refused;
    CHECK_OK(sync_replica_set_i64(a, SYNC_STR("n"), 1, &error));
    first = export_all(a);
    CHECK_OK(sync_replica_encode_version(a, &since, &error));
    CHECK_OK(sync_replica_set_i64(a, SYNC_STR("n"), 2, &error));
    CHECK_OK(sync_replica_export(a, since.ptr, since.len, &second, &error));

    sync_applied applied = SYNC_APPLIED_INIT;
    CHECK_OK(sync_replica_apply(b, second.ptr, second.len, &applied, &refused, &error));
    CHECK(applied.changes == 0 && applied.held == 1 && applied.duplicates == 0);
    CHECK(applied.refused == 0);
    CHECK_TEXT(refused, "[]");
    CHECK_OK(sync_replica_missing(b, &missing, &error));
    CHECK_TEXT(missing, "[{\"counter\":0,\"replica\":\"0000000000000001\"}]");
    sync_memory memory = SYNC_MEMORY_INIT;
    CHECK_OK(sync_replica_memory(b, &memory, &error));
    CHECK(memory.size == sizeof memory && memory.inbox_bytes > 0);

    CHECK_OK(sync_replica_apply(b, first.ptr, first.len, &applied, NULL, &error));
    CHECK(applied.changes == 2 && applied.held == 0 && applied.size == sizeof applied);
    CHECK_OK(sync_replica_apply(b, second.ptr, second.len, &applied, NULL, &error));
    CHECK(applied.changes == 0 && applied.duplicates == 1);
    CHECK_OK(sync_replica_missing(b, &missing, &error));
    CHECK_TEXT(missing, "[]");
    CHECK_TEXT(json_of(b), "{\"n\":2}");
    CHECK(sync_buf_free(&first) == SYNC_OK && sync_buf_free(&second) == SYNC_OK);
    CHECK(sync_buf_free(&since) == SYNC_OK);
    free_replica(a);
    free_replica(b);
}

static void a_saved_document_is_loaded(void) {
    sync_replica *a = new_replica(1), *b;
    sync_buf saved;
    CHECK_OK(sync_replica_insert_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 0, SYNC_STR("abc"), &error));
    CHECK_OK(sync_replica_delete_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 1, 1, &error));
    CHECK_OK(sync_replica_save(a, &saved, &error));
    sync_options options = SYNC_OPTIONS_INIT;
    options.max_inbox_changes = 10;
    CHECK_OK(sync_replica_load(saved.ptr, saved.len, 2, &options, &b, &error));
    check_equal(a, b);
    CHECK_OK(sync_replica_insert_text(b, SYNC_STR("t"), SYNC_UNIT_UTF8, 1, SYNC_STR("-"), &error));
    deliver(b, a);
    check_equal(a, b);
    CHECK_TEXT(json_of(a), "{\"t\":\"a-c\"}");
    CHECK(sync_buf_free(&saved) == SYNC_OK);
    free_replica(a);
    free_replica(b);
}

static void members_acknowledge_and_prune(void) {
    sync_replica *a, *b;
    sync_buf saved, members, details;
    sync_options options = SYNC_OPTIONS_INIT;
    options.manual_pruning = 1;
    CHECK_OK(sync_replica_new(&DOCUMENT, 1, &options, &a, &error));
    CHECK_OK(sync_replica_insert_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 0, SYNC_STR("hello world"),
                                      &error));
    CHECK_OK(sync_replica_join(a, 2, &error));
    CHECK_OK(sync_replica_save(a, &saved, &error));
    CHECK_OK(sync_replica_load(saved.ptr, saved.len, 2, &options, &b, &error));
    CHECK_OK(sync_replica_members(a, &members, &error));
    CHECK(strstr((const char *)members.ptr, "\"replica\":\"0000000000000002\"") != NULL);
    CHECK(sync_buf_free(&members) == SYNC_OK && sync_buf_free(&saved) == SYNC_OK);

    CHECK_OK(sync_replica_delete_text(a, SYNC_STR("t"), SYNC_UNIT_UTF8, 5, 6, &error));
    CHECK(deliver_acknowledgement(a, b) == SYNC_ACKNOWLEDGED_HELD);

    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    CHECK_OK(sync_replica_prune(a, &report, &details, &error));
    CHECK(report.nodes == 0 && report.held_back_by > 0);
    CHECK(strstr((const char *)details.ptr, "\"member\":\"0000000000000002\"") != NULL);
    CHECK(sync_buf_free(&details) == SYNC_OK);

    deliver(a, b);
    CHECK(deliver_acknowledgement(a, b) == SYNC_ACKNOWLEDGED_STALE);
    for (int round = 0; round < 3; round++) {
        deliver_acknowledgement(b, a);
        deliver_acknowledgement(a, b);
    }
    sync_memory before = SYNC_MEMORY_INIT, after = SYNC_MEMORY_INIT;
    CHECK_OK(sync_replica_memory(a, &before, &error));
    CHECK(before.nodes == 11 && before.tombstones == 6 && before.changes > 0);
    CHECK_OK(sync_replica_prune(a, &report, &details, &error));
    CHECK(report.size == sizeof report && report.nodes == 6 && report.held_back_by == 0);
    CHECK(report.changes > 0 && report.bytes > 0);
    CHECK(strstr((const char *)details.ptr, "\"held_back_by\":[]") != NULL);
    CHECK(strstr((const char *)details.ptr, "\"floor\":{\"0000000000000001\":") != NULL);
    CHECK(sync_buf_free(&details) == SYNC_OK);
    CHECK_OK(sync_replica_memory(a, &after, &error));
    CHECK(after.nodes == 5 && after.tombstones == 0 && after.changes == 0);
    CHECK(after.state_bytes + after.log_bytes < before.state_bytes + before.log_bytes);
    CHECK_OK(sync_replica_prune(b, NULL, NULL, &error));
    check_equal(a, b);

    CHECK_OK(sync_replica_leave(b, &error));
    deliver(b, a);
    CHECK_OK(sync_replica_members(a, &members, &error));
    CHECK(strstr((const char *)members.ptr, "0000000000000002\",") == NULL);
    CHECK(sync_buf_free(&members) == SYNC_OK);
    free_replica(a);
    free_replica(b);
}

int main(void) {
    RUN(the_library_says_what_it_is);
    RUN(identities_are_drawn_and_named);
    RUN(values_of_every_kind_are_set_and_read);
    RUN(containers_of_every_kind_are_created);
    RUN(keys_are_listed_and_removed);
    RUN(texts_count_in_every_unit);
    RUN(concurrent_assignments_are_all_readable);
    RUN(changes_travel_in_any_order_and_twice);
    RUN(a_saved_document_is_loaded);
    RUN(members_acknowledge_and_prune);
    return 0;
}
