/* A replica with something of each kind, and its document before calls that must fail: afterwards
 * it must be the same. */
#ifndef UNCHANGED_H
#define UNCHANGED_H

#include "check.h"

static sync_replica *replica;
static sync_buf before;

static inline void set_up(void) {
    const sync_value items[] = {SYNC_VALUE_INIT_INT(0), SYNC_VALUE_INIT_CONTAINER(SYNC_VALUE_MAP)};
    replica = new_replica(1);
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("text"), SYNC_UNIT_UTF8, 0,
                                      SYNC_STR("a\303\251\360\237\230\200"), &error));
    CHECK_OK(sync_replica_set_i64(replica, SYNC_STR("value"), 1, &error));
    CHECK_OK(sync_replica_create(replica, SYNC_STR("map"), SYNC_KIND_MAP, &error));
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("list"), 0, items, 2, &error));
    CHECK_OK(sync_replica_increment(replica, SYNC_STR("counter"), INT64_MAX, &error));
    CHECK_OK(sync_replica_create(replica, SYNC_STR("/list/1/grown"), SYNC_KIND_GROW_ONLY_COUNTER,
                                 &error));
    CHECK_OK(sync_replica_increment(replica, SYNC_STR("/list/1/grown"), 1, &error));
    CHECK_OK(sync_replica_add(replica, SYNC_STR("set"), &items[0], NULL, &error));
    CHECK_OK(sync_replica_create(replica, SYNC_STR("deep.grown"), SYNC_KIND_GROW_ONLY_SET, &error));
    CHECK_OK(sync_replica_add(replica, SYNC_STR("deep.grown"), &items[0], NULL, &error));
    CHECK_OK(sync_replica_save(replica, &before, &error));
}

static inline void check_unchanged(void) {
    sync_buf after;
    CHECK_OK(sync_replica_save(replica, &after, &error));
    CHECK(same_bytes(before, after));
    CHECK(sync_buf_free(&after) == SYNC_OK);
}

static inline void tear_down(void) {
    check_unchanged();
    CHECK(sync_buf_free(&before) == SYNC_OK);
    free_replica(replica);
}

#endif /* UNCHANGED_H */
