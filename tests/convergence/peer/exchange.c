/* Requests that make a replica, and those that exchange with others. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "request.h"

static sync_status on_new(request *r)
{
    size_t len;
    const uint8_t *document = bytes_of(r, 0, &len);
    sync_document_id id;
    if (len != sizeof id.bytes) {
        give_up("a document id has 16 bytes");
    }
    memcpy(id.bytes, document, sizeof id.bytes);
    return reply(sync_replica_new(&id, number_of(r, 1), NULL, r->replica, r->error));
}

static sync_status on_load(request *r)
{
    size_t len;
    const uint8_t *saved = bytes_of(r, 0, &len);
    return reply(sync_replica_load(saved, len, number_of(r, 1), NULL, r->replica, r->error));
}

typedef sync_status (*reader)(const sync_replica *, sync_buf *, sync_error **);

static sync_status read_all(request *r, reader read)
{
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(read(*r->replica, &buf, r->error), &buf);
}

static sync_status on_save(request *r)
{
    return read_all(r, sync_replica_save);
}

static sync_status on_version(request *r)
{
    return read_all(r, sync_replica_encode_version);
}

static sync_status on_missing(request *r)
{
    return read_all(r, sync_replica_missing);
}

static sync_status on_export(request *r)
{
    size_t len;
    const uint8_t *since = bytes_of(r, 0, &len);
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(sync_replica_export(*r->replica, since, len, &buf, r->error), &buf);
}

static sync_status on_apply(request *r)
{
    size_t len;
    const uint8_t *frame = bytes_of(r, 0, &len);
    sync_applied applied = SYNC_APPLIED_INIT;
    sync_status status =
        sync_replica_apply(*r->replica, frame, len, &applied, NULL, r->error);
    if (status == SYNC_OK) {
        printf("ok %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", applied.changes,
               applied.duplicates, applied.held, applied.refused);
    }
    return status;
}

static sync_status on_join(request *r)
{
    return reply(sync_replica_join(*r->replica, number_of(r, 0), r->error));
}

static sync_status on_leave(request *r)
{
    return reply(sync_replica_leave(*r->replica, r->error));
}

static sync_status on_acknowledge(request *r)
{
    sync_buf buf = SYNC_BUF_INIT;
    return reply_buf(sync_replica_acknowledge(*r->replica, &buf, r->error), &buf);
}

static sync_status on_acknowledged(request *r)
{
    size_t len;
    const uint8_t *frame = bytes_of(r, 0, &len);
    return reply(
        sync_replica_apply_acknowledgement(*r->replica, frame, len, NULL, r->error));
}

static sync_status on_prune(request *r)
{
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    sync_status status = sync_replica_prune(*r->replica, &report, NULL, r->error);
    if (status == SYNC_OK) {
        printf("ok %" PRIu64 " %" PRIu64 "\n", report.nodes, report.held_back_by);
    }
    return status;
}

const entry EXCHANGES[] = {
    {"new", 2, on_new},
    {"load", 2, on_load},
    {"save", 0, on_save},
    {"version", 0, on_version},
    {"export", 1, on_export},
    {"apply", 1, on_apply},
    {"missing", 0, on_missing},
    {"join", 1, on_join},
    {"leave", 0, on_leave},
    {"acknowledge", 0, on_acknowledge},
    {"acknowledged", 1, on_acknowledged},
    {"prune", 0, on_prune},
    {NULL, 0, NULL},
};
