/* What edits and reads of lists, counters and sets refuse, and what the limits of the options do:
 * the status, its details, and that nothing has changed. */
#include "unchanged.h"

static void kinds(void) {
    sync_buf out = SYNC_BUF_INIT;
    const sync_value one = SYNC_VALUE_INIT_INT(1);
    int64_t count = 7;
    size_t len = 7;
    bool there = true;
    set_up();
    CHECK_DETAILS(SYNC_ERR_WRONG_KIND,
                  "{\"expected\":\"list\",\"found\":\"text\",\"path\":\"/text\"}",
                  sync_replica_insert_items(replica, SYNC_STR("text"), 0, &one, 1, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND,
                sync_replica_delete_items(replica, SYNC_STR("value"), 0, 1, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND,
                sync_replica_move_item(replica, SYNC_STR("map"), 0, 0, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND, sync_replica_items(replica, SYNC_STR("set"), &out, &error));
    CHECK_DETAILS(SYNC_ERR_WRONG_KIND,
                  "{\"expected\":\"counter\",\"found\":\"list\",\"path\":\"/list\"}",
                  sync_replica_increment(replica, SYNC_STR("list"), 1, &error));
    CHECK_DETAILS(SYNC_ERR_WRONG_KIND,
                  "{\"expected\":\"counter\",\"found\":\"value\",\"path\":\"/value\"}",
                  sync_replica_count(replica, SYNC_STR("value"), &count, &error));
    CHECK_DETAILS(SYNC_ERR_WRONG_KIND,
                  "{\"expected\":\"set\",\"found\":\"counter\",\"path\":\"/counter\"}",
                  sync_replica_add(replica, SYNC_STR("counter"), &one, NULL, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND,
                sync_replica_discard(replica, SYNC_STR("text"), &one, NULL, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND,
                sync_replica_contains(replica, SYNC_STR("map"), &one, &there, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND, sync_replica_elements(replica, SYNC_STR(""), &out, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND, sync_replica_len(replica, SYNC_STR("value"), &len, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND, sync_replica_nodes(replica, SYNC_STR("map"), &out, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND,
                sync_replica_remove_wins(replica, SYNC_STR("/list/0"), NULL, &error));
    CHECK_FAILS(SYNC_ERR_WRONG_KIND,
                sync_replica_set_null(replica, SYNC_STR("counter.below"), &error));
    CHECK(out.ptr == NULL && count == 7 && len == 7 && there);
    tear_down();
}

static void nothing_there(void) {
    sync_buf out = SYNC_BUF_INIT;
    const sync_value one = SYNC_VALUE_INIT_INT(1);
    int64_t count;
    size_t len;
    bool there;
    set_up();
#define NOTHING(call) CHECK_DETAILS(SYNC_ERR_NOT_FOUND, "{\"path\":\"/no\"}", call)
    NOTHING(sync_replica_delete_items(replica, SYNC_STR("no"), 0, 0, &error));
    NOTHING(sync_replica_move_item(replica, SYNC_STR("no"), 0, 0, &error));
    NOTHING(sync_replica_items(replica, SYNC_STR("no"), &out, &error));
    NOTHING(sync_replica_count(replica, SYNC_STR("no.counter"), &count, &error));
    NOTHING(sync_replica_discard(replica, SYNC_STR("no"), &one, NULL, &error));
    NOTHING(sync_replica_contains(replica, SYNC_STR("no"), &one, &there, &error));
    NOTHING(sync_replica_elements(replica, SYNC_STR("no"), &out, &error));
    NOTHING(sync_replica_len(replica, SYNC_STR("no"), &len, &error));
    NOTHING(sync_replica_nodes(replica, SYNC_STR("no"), &out, &error));
    NOTHING(sync_replica_clock(replica, SYNC_STR("no"), &out, NULL, &error));
#undef NOTHING
    CHECK(out.ptr == NULL);
    tear_down();
}

static void indices(void) {
    const sync_value one = SYNC_VALUE_INIT_INT(1);
    sync_value value = SYNC_VALUE_INIT;
    set_up();
    CHECK_DETAILS(SYNC_ERR_INDEX_OUT_OF_BOUNDS, "{\"index\":3,\"len\":2,\"path\":\"/list\"}",
                  sync_replica_insert_items(replica, SYNC_STR("list"), 3, &one, 1, &error));
    CHECK_DETAILS(SYNC_ERR_INDEX_OUT_OF_BOUNDS, "{\"index\":1,\"len\":0,\"path\":\"/new\"}",
                  sync_replica_insert_items(replica, SYNC_STR("new"), 1, &one, 1, &error));
    CHECK_DETAILS(SYNC_ERR_INDEX_OUT_OF_BOUNDS, "{\"index\":3,\"len\":2,\"path\":\"/list\"}",
                  sync_replica_delete_items(replica, SYNC_STR("list"), 1, 2, &error));
    CHECK_FAILS(SYNC_ERR_INDEX_OUT_OF_BOUNDS,
                sync_replica_delete_items(replica, SYNC_STR("list"), SIZE_MAX, SIZE_MAX, &error));
    CHECK_DETAILS(SYNC_ERR_INDEX_OUT_OF_BOUNDS, "{\"index\":2,\"len\":2,\"path\":\"/list\"}",
                  sync_replica_move_item(replica, SYNC_STR("list"), 2, 0, &error));
    CHECK_FAILS(SYNC_ERR_INDEX_OUT_OF_BOUNDS,
                sync_replica_move_item(replica, SYNC_STR("list"), 0, 2, &error));
    CHECK_DETAILS(SYNC_ERR_INDEX_OUT_OF_BOUNDS, "{\"index\":5,\"len\":2,\"path\":\"/list\"}",
                  sync_replica_set_null(replica, SYNC_STR("/list/5"), &error));
    CHECK_DETAILS(SYNC_ERR_NOT_AN_INDEX, "{\"path\":\"/list/first\"}",
                  sync_replica_set_null(replica, SYNC_STR("/list/first"), &error));
    CHECK_FAILS(SYNC_ERR_NOT_AN_INDEX,
                sync_replica_set_null(replica, SYNC_STR("/list/01/x"), &error));
    CHECK_FAILS(SYNC_ERR_NOT_AN_INDEX,
                sync_replica_get(replica, SYNC_STR("/list/first"), &value, &error));
    CHECK_OK(sync_replica_get(replica, SYNC_STR("/list/5"), &value, &error));
    CHECK(value.kind == SYNC_VALUE_NONE);
    tear_down();
}

static void what_only_grows(void) {
    const sync_value zero = SYNC_VALUE_INIT_INT(0);
    set_up();
#define GROWS(path, call) CHECK_DETAILS(SYNC_ERR_GROW_ONLY, "{\"path\":\"" path "\"}", call)
    GROWS("/list/1/grown", sync_replica_increment(replica, SYNC_STR("list.1.grown"), -1, &error));
    GROWS("/list/1/grown", sync_replica_remove(replica, SYNC_STR("/list/1/grown"), NULL, &error));
    GROWS("/list/1", sync_replica_remove(replica, SYNC_STR("/list/1"), NULL, &error));
    GROWS("/list", sync_replica_delete_items(replica, SYNC_STR("list"), 0, 2, &error));
    GROWS("/list", sync_replica_set_null(replica, SYNC_STR("list"), &error));
    GROWS("/deep/grown", sync_replica_discard(replica, SYNC_STR("deep.grown"), &zero, NULL, &error));
    GROWS("/deep/grown", sync_replica_set_null(replica, SYNC_STR("deep.grown"), &error));
    GROWS("/deep", sync_replica_create(replica, SYNC_STR("deep"), SYNC_KIND_LIST, &error));
    GROWS("/deep", sync_replica_remove_wins(replica, SYNC_STR("deep"), NULL, &error));
#undef GROWS
    tear_down();
}

static void counters_that_would_overflow(void) {
    set_up();
    CHECK_DETAILS(SYNC_ERR_OVERFLOW, "{\"path\":\"/counter\"}",
                  sync_replica_increment(replica, SYNC_STR("counter"), 1, &error));
    CHECK_FAILS(SYNC_ERR_OVERFLOW,
                sync_replica_increment(replica, SYNC_STR("/list/1/grown"), INT64_MAX, &error));
    tear_down();
}

/* Inputs that are no values. */
static void values(void) {
    bool there = true;
    set_up();
    sync_value value = SYNC_VALUE_INIT;
    CHECK_DETAILS(SYNC_ERR_ARGUMENT, "{\"argument\":\"value\"}",
                  sync_replica_add(replica, SYNC_STR("set"), &value, NULL, &error));
    value.kind = (sync_value_kind)15;
    CHECK_FAILS(SYNC_ERR_ARGUMENT,
                sync_replica_discard(replica, SYNC_STR("set"), &value, NULL, &error));
    value.kind = SYNC_VALUE_MAP;
    CHECK_DETAILS(SYNC_ERR_ARGUMENT, "{\"argument\":\"value\"}",
                  sync_replica_contains(replica, SYNC_STR("set"), &value, &there, &error));
    value = (sync_value)SYNC_VALUE_INIT_STRING(SYNC_STR("a\377"));
    CHECK_DETAILS(SYNC_ERR_UTF8, "{\"argument\":\"value\",\"at\":1}",
                  sync_replica_add(replica, SYNC_STR("set"), &value, NULL, &error));
    value = (sync_value)SYNC_VALUE_INIT_BYTES(NULL, 1);
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"value\"}",
                  sync_replica_contains(replica, SYNC_STR("set"), &value, &there, &error));
    value = (sync_value)SYNC_VALUE_INIT_BYTES("a", SIZE_MAX);
    CHECK_FAILS(SYNC_ERR_ARGUMENT,
                sync_replica_discard(replica, SYNC_STR("set"), &value, NULL, &error));
    CHECK(there);

    /* Of several, the error says which one. */
    sync_value items[] = {SYNC_VALUE_INIT_NULL, SYNC_VALUE_INIT_STRING(SYNC_STR("\303")),
                          SYNC_VALUE_INIT};
    CHECK_DETAILS(SYNC_ERR_UTF8, "{\"argument\":\"items\",\"at\":0,\"index\":1}",
                  sync_replica_insert_items(replica, SYNC_STR("list"), 0, items, 3, &error));
    items[1].kind = SYNC_VALUE_NULL;
    CHECK_DETAILS(SYNC_ERR_ARGUMENT, "{\"argument\":\"items\",\"index\":2}",
                  sync_replica_insert_items(replica, SYNC_STR("list"), 0, items, 3, &error));
    CHECK_DETAILS(SYNC_ERR_ARGUMENT, "{\"argument\":\"items\"}",
                  sync_replica_insert_items(replica, SYNC_STR("list"), 0, items, SIZE_MAX, &error));
    tear_down();
}

static void limits(void) {
    sync_options options = SYNC_OPTIONS_INIT;
    const sync_value longer = SYNC_VALUE_INIT_STRING(SYNC_STR("1234567")),
                     fits = SYNC_VALUE_INIT_STRING(SYNC_STR("123456"));
    options.max_depth = 3;
    options.max_key_bytes = 4;
    options.max_value_bytes = 6;
    CHECK_OK(sync_replica_new(&DOCUMENT, 1, &options, &replica, &error));
    CHECK_OK(sync_replica_set_string(replica, SYNC_STR("four"), SYNC_STR("123456"), &error));
    CHECK_OK(sync_replica_set_bool(replica, SYNC_STR("a.b.c"), true, &error));
    CHECK_OK(sync_replica_add(replica, SYNC_STR("set"), &fits, NULL, &error));
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("list"), 0, &fits, 1, &error));
    CHECK_OK(sync_replica_save(replica, &before, &error));

    CHECK_DETAILS(SYNC_ERR_TOO_DEEP, "{\"limit\":3}",
                  sync_replica_set_null(replica, SYNC_STR("a.b.c.d"), &error));
    CHECK_DETAILS(SYNC_ERR_TOO_LONG, "{\"len\":5,\"limit\":4,\"what\":\"key\"}",
                  sync_replica_set_null(replica, SYNC_STR("fiver"), &error));
    CHECK_FAILS(SYNC_ERR_TOO_LONG, sync_replica_set_null(replica, SYNC_STR("fiver.x"), &error));
    CHECK_DETAILS(SYNC_ERR_TOO_LONG, "{\"len\":7,\"limit\":6,\"what\":\"value\"}",
                  sync_replica_set_string(replica, SYNC_STR("k"), SYNC_STR("1234567"), &error));
    CHECK_DETAILS(SYNC_ERR_TOO_LONG, "{\"len\":7,\"limit\":6,\"what\":\"value\"}",
                  sync_replica_set_bytes(replica, SYNC_STR("k"), (const uint8_t *)"1234567", 7,
                                       &error));
    CHECK_FAILS(SYNC_ERR_TOO_LONG,
                sync_replica_add(replica, SYNC_STR("set"), &longer, NULL, &error));
    CHECK_FAILS(SYNC_ERR_TOO_LONG,
                sync_replica_insert_items(replica, SYNC_STR("list"), 0, &longer, 1, &error));
    tear_down();
}

static void frames_that_are_too_long(void) {
    sync_options options = SYNC_OPTIONS_INIT;
    sync_replica *other = new_replica(2), *none = NULL;
    CHECK_OK(sync_replica_set_string(other, SYNC_STR("k"), SYNC_STR("any"), &error));
    sync_buf frame = export_all(other), saved;
    CHECK_OK(sync_replica_save(other, &saved, &error));
    options.max_frame_bytes = frame.len - 1;
    CHECK_OK(sync_replica_new(&DOCUMENT, 1, &options, &replica, &error));
    CHECK_OK(sync_replica_save(replica, &before, &error));
    CHECK_FAILS(SYNC_ERR_DECODE,
                sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK_FAILS(SYNC_ERR_DECODE,
                sync_replica_load(saved.ptr, saved.len, 3, &options, &none, &error));
    CHECK(none == NULL);
    tear_down();
    options.max_frame_bytes = frame.len;
    CHECK_OK(sync_replica_new(&DOCUMENT, 1, &options, &replica, &error));
    CHECK_OK(sync_replica_apply(replica, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK(sync_buf_free(&frame) == SYNC_OK && sync_buf_free(&saved) == SYNC_OK);
    free_replica(replica);
    free_replica(other);
}

/* A program that was built before the newer limits came. */
static void options_of_an_older_header(void) {
    sync_options options = SYNC_OPTIONS_INIT;
    options.size = offsetof(sync_options, max_frame_bytes);
    options.max_frame_bytes = 1;
    options.max_depth = 1;
    CHECK_OK(sync_replica_new(&DOCUMENT, 1, &options, &replica, &error));
    CHECK_OK(sync_replica_set_null(replica, SYNC_STR("a.b.c"), &error));
    free_replica(replica);
}

int main(void) {
    RUN(kinds);
    RUN(nothing_there);
    RUN(indices);
    RUN(what_only_grows);
    RUN(counters_that_would_overflow);
    RUN(values);
    RUN(limits);
    RUN(frames_that_are_too_long);
    RUN(options_of_an_older_header);
    return 0;
}
