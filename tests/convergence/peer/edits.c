/* Requests that edit, and transactions. */

#include <string.h>

#include "request.h"

static sync_status on_set(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    sync_replica *replica = *r->replica;
    sync_value value = value_of(r, 1);
    switch (value.kind) {
    case SYNC_VALUE_NULL:
        return reply(sync_replica_set_null(replica, path, len, r->error));
    case SYNC_VALUE_BOOL:
        return reply(sync_replica_set_bool(replica, path, len, value.boolean, r->error));
    case SYNC_VALUE_INT:
        return reply(sync_replica_set_i64(replica, path, len, value.integer, r->error));
    case SYNC_VALUE_FLOAT:
        return reply(sync_replica_set_f64(replica, path, len, value.number, r->error));
    case SYNC_VALUE_STRING:
        return reply(sync_replica_set_string(replica, path, len, (const char *)value.bytes.ptr,
                                             value.bytes.len, r->error));
    case SYNC_VALUE_BYTES:
        return reply(sync_replica_set_bytes(replica, path, len, value.bytes.ptr,
                                            value.bytes.len, r->error));
    case SYNC_VALUE_TIMESTAMP:
        return reply(sync_replica_set_timestamp(replica, path, len, value.integer, r->error));
    default:
        give_up("a container is created, not set");
        return SYNC_ERR_OTHER;
    }
}

static sync_status on_create(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    return reply(sync_replica_create(*r->replica, path, len, kind_of(r, 1), r->error));
}

typedef sync_status (*remover)(sync_replica *, const char *, size_t, bool *, sync_error **);

static sync_status take_away(request *r, remover take)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    bool removed = false;
    sync_status status = take(*r->replica, path, len, &removed, r->error);
    return reply_bool(status, removed);
}

static sync_status on_remove(request *r)
{
    return take_away(r, sync_replica_remove);
}

static sync_status on_remove_wins(request *r)
{
    return take_away(r, sync_replica_remove_wins);
}

static sync_status on_insert(request *r)
{
    size_t path_len;
    size_t len;
    const char *path = text_of(r, 0, &path_len);
    const char *text = text_of(r, 3, &len);
    return reply(sync_replica_insert_text(*r->replica, path, path_len, unit_of(r, 1),
                                          (size_t)number_of(r, 2), text, len, r->error));
}

static sync_status on_delete(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    return reply(sync_replica_delete_text(*r->replica, path, len, unit_of(r, 1),
                                          (size_t)number_of(r, 2), (size_t)number_of(r, 3),
                                          r->error));
}

static sync_status on_insert_items(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    sync_value items[MAX_ARGUMENTS / 2];
    size_t count = 0;
    for (int argument = 2; argument + 1 < r->count; argument += 2) {
        items[count++] = value_of(r, argument);
    }
    return reply(sync_replica_insert_items(*r->replica, path, len, (size_t)number_of(r, 1),
                                           items, count, r->error));
}

static sync_status on_delete_items(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    return reply(sync_replica_delete_items(*r->replica, path, len, (size_t)number_of(r, 1),
                                           (size_t)number_of(r, 2), r->error));
}

static sync_status on_move_item(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    return reply(sync_replica_move_item(*r->replica, path, len, (size_t)number_of(r, 1),
                                        (size_t)number_of(r, 2), r->error));
}

static sync_status on_increment(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    return reply(sync_replica_increment(*r->replica, path, len, signed_of(r, 1), r->error));
}

static sync_status on_add(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    sync_value value = value_of(r, 1);
    bool added = false;
    sync_status status = sync_replica_add(*r->replica, path, len, &value, &added, r->error);
    return reply_bool(status, added);
}

static sync_status on_discard(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    sync_value value = value_of(r, 1);
    bool was_there = false;
    sync_status status =
        sync_replica_discard(*r->replica, path, len, &value, &was_there, r->error);
    return reply_bool(status, was_there);
}

static sync_status on_begin(request *r)
{
    return reply(sync_replica_begin(*r->replica, r->error));
}

static sync_status on_commit(request *r)
{
    sync_commit commit = SYNC_COMMIT_INIT;
    int64_t time = signed_of(r, 2);
    bool changed = false;
    commit.message = text_of(r, 0, &commit.message_len);
    commit.origin = text_of(r, 1, &commit.origin_len);
    commit.time = &time;
    sync_status status = sync_replica_commit(*r->replica, &commit, &changed, NULL, r->error);
    return reply_bool(status, changed);
}

static sync_status on_abort(request *r)
{
    bool aborted = false;
    sync_status status = sync_replica_abort(*r->replica, &aborted, r->error);
    return reply_bool(status, aborted);
}

static sync_status on_set_time(request *r)
{
    bool none = strcmp(r->arguments[0], "-") == 0;
    int64_t time = none ? 0 : signed_of(r, 0);
    return reply(sync_replica_set_time(*r->replica, none ? NULL : &time, r->error));
}

const entry EDITS[] = {
    {"set", 3, on_set},
    {"create", 2, on_create},
    {"remove", 1, on_remove},
    {"remove_wins", 1, on_remove_wins},
    {"insert", 4, on_insert},
    {"delete", 4, on_delete},
    {"insert_items", -1, on_insert_items},
    {"delete_items", 3, on_delete_items},
    {"move_item", 3, on_move_item},
    {"increment", 2, on_increment},
    {"add", 3, on_add},
    {"discard", 3, on_discard},
    {"begin", 0, on_begin},
    {"commit", 3, on_commit},
    {"abort", 0, on_abort},
    {"set_time", 1, on_set_time},
    {NULL, 0, NULL},
};
