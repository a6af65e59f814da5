/* Requests about members, about those who are none any more, and about what pruning waits for. */

#include <stdio.h>

#include "request.h"

static sync_status on_evict(request *r)
{
    return reply(sync_replica_evict(*r->replica, number_of(r, 0), r->error));
}

static sync_status on_next_evicted(request *r)
{
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(sync_replica_next_evicted(*r->replica, &buf, NULL, r->error), &buf);
}

static sync_status on_members(request *r)
{
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(sync_replica_members(*r->replica, &buf, r->error), &buf);
}

static sync_status on_departed(request *r)
{
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(sync_replica_departed(*r->replica, &buf, r->error), &buf);
}

static sync_status on_pruning(request *r)
{
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(sync_replica_pruning(*r->replica, NULL, &buf, r->error), &buf);
}

static sync_status on_redact(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    bool removed = false;
    sync_status status = sync_replica_redact_path(*r->replica, path, len, &removed, r->error);
    return reply_bool(status, removed);
}

/* The new replica takes the place of the old one. */
static sync_status become(request *r, sync_status status, sync_replica *next)
{
    if (status == SYNC_OK) {
        sync_replica_free(*r->replica);
        *r->replica = next;
    }
    return status;
}

static sync_status on_rescue(request *r)
{
    size_t len;
    const uint8_t *snapshot = bytes_of(r, 0, &len);
    sync_replica *next = NULL;
    sync_buf details = SYNC_BUF_INIT;
    sync_status status = sync_replica_rescue(*r->replica, snapshot, len, number_of(r, 1), NULL,
                                             &next, NULL, &details, r->error);
    return reply_buf(become(r, status, next), &details);
}

static sync_status on_reseed(request *r)
{
    sync_replica *next = NULL;
    sync_status status = sync_replica_reseed(*r->replica, number_of(r, 0), &next, r->error);
    return reply(become(r, status, next));
}

const entry MEMBERS[] = {
    {"evict", 1, on_evict},
    {"next_evicted", 0, on_next_evicted},
    {"members", 0, on_members},
    {"departed", 0, on_departed},
    {"pruning", 0, on_pruning},
    {"redact", 1, on_redact},
    {"rescue", 2, on_rescue},
    {"reseed", 1, on_reseed},
    {NULL, 0, NULL},
};
