/* Lists, counters and sets: what their functions do when all is well, alone and together. */
#include "check.h"

/* Checks what a list shows, as JSON. */
static void check_items(const sync_replica *replica, const char *expected) {
    sync_buf items;
    CHECK_OK(sync_replica_items(replica, SYNC_STR("list"), &items, &error));
    CHECK_TEXT(items, expected);
}

static size_t length_of(const sync_replica *replica, const char *path) {
    size_t len = SIZE_MAX;
    CHECK_OK(sync_replica_len(replica, path, strlen(path), &len, &error));
    return len;
}

static int64_t count_of(const sync_replica *replica, const char *path) {
    int64_t count = -99;
    CHECK_OK(sync_replica_count(replica, path, strlen(path), &count, &error));
    return count;
}

static void insert_int(sync_replica *replica, size_t index, int64_t number) {
    sync_value item = SYNC_VALUE_INIT_INT(number);
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("list"), index, &item, 1, &error));
}

static void items_of_every_kind_are_inserted_and_read(void) {
    static const uint8_t raw[] = {0, 255};
    const sync_value items[] = {
        SYNC_VALUE_INIT_NULL,
        SYNC_VALUE_INIT_BOOL(true),
        SYNC_VALUE_INIT_INT(INT64_MIN),
        SYNC_VALUE_INIT_FLOAT(0.5),
        SYNC_VALUE_INIT_STRING(SYNC_STR("a\0\303\251")),
        SYNC_VALUE_INIT_STRING(NULL, 0),
        SYNC_VALUE_INIT_BYTES(raw, sizeof raw),
        SYNC_VALUE_INIT_TIMESTAMP(-1),
        SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_MAP),
        SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_TEXT),
        SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_LIST),
        SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_COUNTER),
        SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_GROW_ONLY_COUNTER),
        SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_SET),
        SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_GROW_ONLY_SET),
    };
    enum { COUNT = sizeof items / sizeof *items };
    sync_replica *replica = new_replica(1);
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("list"), 0, items, COUNT, &error));
    CHECK(length_of(replica, "list") == COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        char path[32];
        snprintf(path, sizeof path, "/list/%zu", i);
        sync_value value = value_at(replica, path);
        CHECK(value.kind == items[i].kind && value.integer == items[i].integer);
        CHECK(value.boolean == items[i].boolean && value.bytes.len == items[i].bytes.len);
        CHECK(value.number >= items[i].number && value.number <= items[i].number);
        /* What came out can go in again. */
        sync_buf before = json_of(replica), after;
        CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("copy"), 0, &value, 1, &error));
        CHECK_OK(sync_replica_delete_items(replica, SYNC_STR("copy"), 0, 1, &error));
        CHECK_OK(sync_replica_remove(replica, SYNC_STR("copy"), NULL, &error));
        after = json_of(replica);
        CHECK(same_bytes(before, after));
        CHECK(sync_buf_free(&before) == SYNC_OK && sync_buf_free(&after) == SYNC_OK);
        CHECK(sync_value_free(&value) == SYNC_OK);
    }
    check_items(replica,
                "[{\"kind\":\"value\",\"value\":null},{\"kind\":\"value\",\"value\":true},"
                "{\"kind\":\"value\",\"value\":-9223372036854775808},"
                "{\"kind\":\"value\",\"value\":0.5},"
                "{\"kind\":\"value\",\"value\":\"a\\u0000\303\251\"},"
                "{\"kind\":\"value\",\"value\":\"\"},"
                "{\"kind\":\"value\",\"value\":{\"$bytes\":\"00ff\"}},"
                "{\"kind\":\"value\",\"value\":{\"$timestamp\":-1}},"
                "{\"kind\":\"map\"},{\"kind\":\"text\"},{\"kind\":\"list\"},{\"kind\":\"counter\"},"
                "{\"kind\":\"grow-only counter\"},{\"kind\":\"set\"},{\"kind\":\"grow-only set\"}]");
    CHECK_TEXT(json_of(replica),
               "{\"list\":[null,true,-9223372036854775808,0.5,\"a\\u0000\303\251\",\"\","
               "{\"$bytes\":\"00ff\"},{\"$timestamp\":-1},{},\"\",[],0,0,[],[]]}");
    /* No items at all are no error. */
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("list"), COUNT, NULL, 0, &error));
    CHECK(length_of(replica, "list") == COUNT);
    free_replica(replica);
}

static void items_are_set_moved_and_deleted(void) {
    sync_replica *replica = new_replica(1);
    bool removed;
    CHECK_OK(sync_replica_create(replica, SYNC_STR("list"), SYNC_KIND_LIST, &error));
    for (int64_t i = 0; i < 5; i++) {
        insert_int(replica, (size_t)i, i);
    }
    CHECK_OK(sync_replica_move_item(replica, SYNC_STR("list"), 0, 3, &error));
    CHECK_TEXT(json_of(replica), "{\"list\":[1,2,3,0,4]}");
    CHECK_OK(sync_replica_move_item(replica, SYNC_STR("list"), 4, 0, &error));
    CHECK_TEXT(json_of(replica), "{\"list\":[4,1,2,3,0]}");
    CHECK_OK(sync_replica_delete_items(replica, SYNC_STR("list"), 1, 2, &error));
    CHECK_TEXT(json_of(replica), "{\"list\":[4,3,0]}");
    CHECK_OK(sync_replica_set_bool(replica, SYNC_STR("/list/1"), true, &error));
    CHECK_OK(sync_replica_set_timestamp(replica, SYNC_STR("/list/-"), 7, &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("list.-.x"), 1, &error));
    CHECK_OK(sync_replica_create(replica, SYNC_STR("/list/0"), SYNC_KIND_TEXT, &error));
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("/list/0"), SYNC_UNIT_UTF8, 0,
                                      SYNC_STR("hi"), &error));
    CHECK_TEXT(json_of(replica), "{\"list\":[\"hi\",true,0,{\"$timestamp\":7},{\"x\":1}]}");
    CHECK_OK(sync_replica_remove(replica, SYNC_STR("/list/2"), &removed, &error));
    CHECK(removed);
    CHECK_OK(sync_replica_remove(replica, SYNC_STR("/list/3/x"), &removed, &error));
    CHECK(removed);
    CHECK_TEXT(json_of(replica), "{\"list\":[\"hi\",true,{\"$timestamp\":7},{}]}");
    CHECK(length_of(replica, "") == 1 && length_of(replica, "/list/3") == 0);
    free_replica(replica);
}

static void one_item_moved_twice_is_one_item(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    for (int64_t i = 0; i < 3; i++) {
        insert_int(a, (size_t)i, i);
    }
    deliver(a, b);
    CHECK_OK(sync_replica_move_item(a, SYNC_STR("list"), 0, 1, &error));
    CHECK_OK(sync_replica_move_item(b, SYNC_STR("list"), 0, 2, &error));
    CHECK_OK(sync_replica_set_i64(b, SYNC_STR("/list/0"), 10, &error));
    deliver(a, b);
    deliver(b, a);
    check_equal(a, b);
    CHECK_TEXT(json_of(a), "{\"list\":[10,2,0]}");
    free_replica(a);
    free_replica(b);
}

static void an_item_that_is_set_survives_its_deletion(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    for (int64_t i = 0; i < 3; i++) {
        insert_int(a, (size_t)i, i);
    }
    deliver(a, b);
    CHECK_OK(sync_replica_delete_items(a, SYNC_STR("list"), 0, 3, &error));
    CHECK_OK(sync_replica_set_i64(b, SYNC_STR("/list/1"), 11, &error));
    deliver(a, b);
    deliver(b, a);
    check_equal(a, b);
    CHECK_TEXT(json_of(a), "{\"list\":[11]}");
    free_replica(a);
    free_replica(b);
}

static void counters_add_up(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    CHECK_OK(sync_replica_increment(a, SYNC_STR("n.hits"), 5, &error));
    deliver(a, b);
    CHECK_OK(sync_replica_increment(a, SYNC_STR("n.hits"), -2, &error));
    CHECK_OK(sync_replica_increment(b, SYNC_STR("n.hits"), 10, &error));
    CHECK_OK(sync_replica_create(a, SYNC_STR("n.total"), SYNC_KIND_GROW_ONLY_COUNTER, &error));
    CHECK_OK(sync_replica_create(b, SYNC_STR("n.total"), SYNC_KIND_GROW_ONLY_COUNTER, &error));
    CHECK_OK(sync_replica_increment(a, SYNC_STR("n.total"), 1, &error));
    CHECK_OK(sync_replica_increment(b, SYNC_STR("n.total"), 2, &error));
    deliver(a, b);
    deliver(b, a);
    check_equal(a, b);
    CHECK(count_of(a, "n.hits") == 13 && count_of(b, "n.total") == 3);
    CHECK_TEXT(json_of(a), "{\"n\":{\"hits\":13,\"total\":3}}");
    CHECK(value_at(a, "n.hits").kind == SYNC_VALUE_COUNTER);
    CHECK(value_at(a, "n.total").kind == SYNC_VALUE_GROW_ONLY_COUNTER);

    /* A removal takes away what it saw. */
    bool removed;
    CHECK_OK(sync_replica_remove(a, SYNC_STR("n.hits"), &removed, &error));
    CHECK(removed);
    CHECK_OK(sync_replica_increment(b, SYNC_STR("n.hits"), 4, &error));
    deliver(a, b);
    deliver(b, a);
    check_equal(a, b);
    CHECK(count_of(a, "n.hits") == 4);
    free_replica(a);
    free_replica(b);
}

static void a_counter_beyond_its_range_comes_back(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    CHECK_OK(sync_replica_increment(a, SYNC_STR("n"), INT64_MAX, &error));
    CHECK_OK(sync_replica_increment(b, SYNC_STR("n"), INT64_MAX, &error));
    deliver(a, b);
    deliver(b, a);
    check_equal(a, b);
    CHECK(count_of(a, "n") == INT64_MAX);
    CHECK_DETAILS(SYNC_ERR_OVERFLOW, "{\"path\":\"/n\"}",
                  sync_replica_increment(a, SYNC_STR("n"), 1, &error));
    CHECK_OK(sync_replica_increment(a, SYNC_STR("n"), -INT64_MAX, &error));
    CHECK_OK(sync_replica_increment(a, SYNC_STR("n"), -7, &error));
    deliver(a, b);
    check_equal(a, b);
    CHECK(count_of(b, "n") == INT64_MAX - 7);
    free_replica(a);
    free_replica(b);
}

static void what_only_grows_can_go_while_it_is_empty(void) {
    sync_replica *replica = new_replica(1);
    bool removed = false;
    CHECK_OK(sync_replica_create(replica, SYNC_STR("g"), SYNC_KIND_GROW_ONLY_SET, &error));
    CHECK_OK(sync_replica_remove(replica, SYNC_STR("g"), &removed, &error));
    CHECK(removed);
    CHECK_TEXT(json_of(replica), "{}");
    free_replica(replica);
}

/* Every value that a set can hold, one of each, in the order of its listing. */
static const sync_value ELEMENTS[] = {
    SYNC_VALUE_INIT_NULL,
    SYNC_VALUE_INIT_BOOL(false),
    SYNC_VALUE_INIT_INT(-1),
    SYNC_VALUE_INIT_INT(2),
    SYNC_VALUE_INIT_FLOAT(0.5),
    SYNC_VALUE_INIT_STRING(SYNC_STR("")),
    SYNC_VALUE_INIT_STRING(SYNC_STR("a\0b")),
    SYNC_VALUE_INIT_BYTES(SYNC_STR("\377")),
    SYNC_VALUE_INIT_TIMESTAMP(-5),
};
enum { ELEMENT_COUNT = sizeof ELEMENTS / sizeof *ELEMENTS };

static void sets_hold_each_value_once(void) {
    sync_replica *replica = new_replica(1);
    sync_buf elements;
    for (size_t i = ELEMENT_COUNT; i > 0; i--) {
        bool added = false, there = false;
        CHECK_OK(sync_replica_add(replica, SYNC_STR("s"), &ELEMENTS[i - 1], &added, &error));
        CHECK(added);
        CHECK_OK(sync_replica_add(replica, SYNC_STR("s"), &ELEMENTS[i - 1], &added, &error));
        CHECK(!added);
        CHECK_OK(sync_replica_add(replica, SYNC_STR("s"), &ELEMENTS[i - 1], NULL, &error));
        CHECK_OK(sync_replica_contains(replica, SYNC_STR("s"), &ELEMENTS[i - 1], &there, &error));
        CHECK(there);
    }
    CHECK(length_of(replica, "s") == ELEMENT_COUNT);
    CHECK_OK(sync_replica_elements(replica, SYNC_STR("s"), &elements, &error));
    CHECK_TEXT(elements,
               "[null,false,-1,2,0.5,\"\",\"a\\u0000b\",{\"$bytes\":\"ff\"},{\"$timestamp\":-5}]");
    CHECK(value_at(replica, "s").kind == SYNC_VALUE_SET);
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        bool discarded = false, there = true;
        CHECK_OK(sync_replica_discard(replica, SYNC_STR("s"), &ELEMENTS[i], &discarded, &error));
        CHECK(discarded);
        CHECK_OK(sync_replica_discard(replica, SYNC_STR("s"), &ELEMENTS[i], &discarded, &error));
        CHECK(!discarded);
        CHECK_OK(sync_replica_discard(replica, SYNC_STR("s"), &ELEMENTS[i], NULL, &error));
        CHECK_OK(sync_replica_contains(replica, SYNC_STR("s"), &ELEMENTS[i], &there, &error));
        CHECK(!there);
    }
    CHECK_TEXT(json_of(replica), "{\"s\":[]}");
    free_replica(replica);
}

static void adding_wins_over_discarding(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_value red = SYNC_VALUE_INIT_STRING(SYNC_STR("red")), one = SYNC_VALUE_INIT_INT(1);
    CHECK_OK(sync_replica_add(a, SYNC_STR("s"), &red, NULL, &error));
    CHECK_OK(sync_replica_add(a, SYNC_STR("s"), &one, NULL, &error));
    CHECK_OK(sync_replica_create(a, SYNC_STR("g"), SYNC_KIND_GROW_ONLY_SET, &error));
    deliver(a, b);
    CHECK_OK(sync_replica_discard(a, SYNC_STR("s"), &red, NULL, &error));
    CHECK_OK(sync_replica_discard(a, SYNC_STR("s"), &one, NULL, &error));
    CHECK_OK(sync_replica_add(b, SYNC_STR("s"), &red, NULL, &error));
    CHECK_OK(sync_replica_add(a, SYNC_STR("g"), &red, NULL, &error));
    CHECK_OK(sync_replica_add(b, SYNC_STR("g"), &one, NULL, &error));
    deliver(a, b);
    deliver(b, a);
    check_equal(a, b);
    CHECK_TEXT(json_of(a), "{\"g\":[1,\"red\"],\"s\":[\"red\"]}");
    CHECK(length_of(b, "g") == 2 && value_at(b, "g").kind == SYNC_VALUE_GROW_ONLY_SET);
    free_replica(a);
    free_replica(b);
}

static void a_removal_that_wins(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_buf conflicts;
    bool removed = false;
    CHECK_OK(sync_replica_set_i64(a, SYNC_STR("user.age"), 1, &error));
    deliver(a, b);
    CHECK_OK(sync_replica_remove_wins(a, SYNC_STR("user.age"), &removed, &error));
    CHECK(removed);
    CHECK_OK(sync_replica_remove_wins(a, SYNC_STR("user.nothing"), &removed, &error));
    CHECK(!removed);
    CHECK_OK(sync_replica_remove_wins(a, SYNC_STR("user.nothing"), NULL, &error));
    CHECK_OK(sync_replica_set_i64(b, SYNC_STR("user.age"), 2, &error));
    deliver(a, b);
    deliver(b, a);
    check_equal(a, b);
    CHECK(value_at(b, "user.age").kind == SYNC_VALUE_NONE);
    CHECK_OK(sync_replica_conflicts(b, SYNC_STR("user.age"), &conflicts, &error));
    CHECK_TEXT(conflicts, "[{\"id\":{\"counter\":0,\"replica\":\"0000000000000002\"},"
                          "\"kind\":\"value\",\"time\":null,\"value\":2}]");
    CHECK_OK(sync_replica_set_i64(b, SYNC_STR("user.age"), 3, &error));
    CHECK_TEXT(json_of(b), "{\"user\":{\"age\":3}}");
    free_replica(a);
    free_replica(b);
}

int main(void) {
    RUN(items_of_every_kind_are_inserted_and_read);
    RUN(items_are_set_moved_and_deleted);
    RUN(one_item_moved_twice_is_one_item);
    RUN(an_item_that_is_set_survives_its_deletion);
    RUN(counters_add_up);
    RUN(a_counter_beyond_its_range_comes_back);
    RUN(what_only_grows_can_go_while_it_is_empty);
    RUN(sets_hold_each_value_once);
    RUN(adding_wins_over_discarding);
    RUN(a_removal_that_wins);
    return 0;
}
