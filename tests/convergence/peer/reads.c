/* Requests that read the document. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "request.h"

typedef sync_status (*place_reader)(const sync_replica *, const char *, size_t, sync_buf *,
                                    sync_error **);

static sync_status read_place(request *r, place_reader read)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(read(*r->replica, path, len, &buf, r->error), &buf);
}

static sync_status on_text(request *r)
{
    return read_place(r, sync_replica_text);
}

static sync_status on_keys(request *r)
{
    return read_place(r, sync_replica_keys);
}

static sync_status on_items(request *r)
{
    return read_place(r, sync_replica_items);
}

static sync_status on_elements(request *r)
{
    return read_place(r, sync_replica_elements);
}

static sync_status on_conflicts(request *r)
{
    return read_place(r, sync_replica_conflicts);
}

static sync_status on_nodes(request *r)
{
    return read_place(r, sync_replica_nodes);
}

static sync_status on_clock(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(sync_replica_clock(*r->replica, path, len, &buf, NULL, r->error), &buf);
}

static sync_status on_len(request *r)
{
    size_t path_len;
    size_t len = 0;
    const char *path = text_of(r, 0, &path_len);
    sync_status status = sync_replica_len(*r->replica, path, path_len, &len, r->error);
    return reply_number(status, len);
}

static sync_status on_count(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    int64_t count = 0;
    uint64_t bits;
    sync_status status = sync_replica_count(*r->replica, path, len, &count, r->error);
    memcpy(&bits, &count, sizeof bits);
    return reply_number(status, bits);
}

static sync_status on_contains(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    sync_value value = value_of(r, 1);
    bool found = false;
    sync_status status =
        sync_replica_contains(*r->replica, path, len, &value, &found, r->error);
    return reply_bool(status, found);
}

static sync_status on_change(request *r)
{
    sync_operation_id id = {number_of(r, 0), number_of(r, 1)};
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(sync_replica_change(*r->replica, &id, &buf, r->error), &buf);
}

static sync_status on_json(request *r)
{
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(sync_replica_to_json(*r->replica, &buf, r->error), &buf);
}

static sync_status on_memory(request *r)
{
    sync_memory memory = SYNC_MEMORY_INIT;
    sync_status status = sync_replica_memory(*r->replica, &memory, r->error);
    if (status == SYNC_OK) {
        printf("ok %" PRIu64 " %" PRIu64 "\n", memory.nodes, memory.tombstones);
    }
    return status;
}

const entry READS[] = {
    {"text", 1, on_text},
    {"keys", 1, on_keys},
    {"items", 1, on_items},
    {"elements", 1, on_elements},
    {"conflicts", 1, on_conflicts},
    {"nodes", 1, on_nodes},
    {"clock", 1, on_clock},
    {"len", 1, on_len},
    {"count", 1, on_count},
    {"contains", 3, on_contains},
    {"change", 2, on_change},
    {"json", 0, on_json},
    {"memory", 0, on_memory},
    {NULL, 0, NULL},
};
