/* Requests of a connection to one other replica: a stream each way. */

#include "request.h"

static sync_status on_connect(request *r)
{
    size_t len;
    const uint8_t *known = bytes_of(r, 0, &len);
    sync_sender_free(*r->sender);
    sync_receiver_free(*r->receiver);
    sync_status status = sync_sender_new(*r->replica, known, len, r->sender, r->error);
    return reply(status == SYNC_OK ? sync_receiver_new(r->receiver, r->error) : status);
}

static sync_status on_send(request *r)
{
    sync_buf buf = SYNC_BUF_INIT;
    sync_status status = sync_sender_skip_received(*r->sender, *r->receiver, r->error);
    if (status == SYNC_OK) {
        status = sync_replica_send(*r->replica, *r->sender, &buf, r->error);
    }
    return reply_buf(status, &buf);
}

static sync_status on_receive(request *r)
{
    size_t len;
    const uint8_t *frame = bytes_of(r, 0, &len);
    return reply(sync_replica_receive(*r->replica, *r->receiver, frame, len, NULL, NULL,
                                      r->error));
}

const entry STREAMS[] = {
    {"connect", 1, on_connect},
    {"send", 0, on_send},
    {"receive", 1, on_receive},
    {NULL, 0, NULL},
};
