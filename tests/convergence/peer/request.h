/*
 * A request as it came in: its arguments decoded, and the replies that there are.
 *
 * A malformed request is a mistake of the test, and ends the process.
 */

#ifndef PEER_REQUEST_H
#define PEER_REQUEST_H

#include "sync.h"

enum { MAX_ARGUMENTS = 64 };

typedef struct request {
    sync_replica **replica;
    /* The ends of its streams to and from another replica. */
    sync_sender **sender;
    sync_receiver **receiver;
    sync_error **error;
    int count;
    char *arguments[MAX_ARGUMENTS];
    /* What the arguments were decoded to, freed when the request is done. */
    uint8_t *decoded[MAX_ARGUMENTS];
} request;

typedef sync_status (*handler)(request *r);

/* A request that is understood; of fewer than 0 arguments: of any number. */
typedef struct entry {
    const char *name;
    int arguments;
    handler handle;
} entry;

/* The requests of each file, ended by one without a name. */
extern const entry EDITS[];
extern const entry READS[];
extern const entry EXCHANGES[];
extern const entry STREAMS[];
extern const entry MEMBERS[];

void give_up(const char *why);

const uint8_t *bytes_of(request *r, int argument, size_t *len);
const char *text_of(request *r, int argument, size_t *len);
/* A number is the 64 bits that it is, in decimal without sign: exact, NaN too. */
uint64_t number_of(const request *r, int argument);
int64_t signed_of(const request *r, int argument);
sync_unit unit_of(const request *r, int argument);
sync_kind kind_of(const request *r, int argument);
/* The value, or the kind of container, that two arguments make; borrowed from the request. */
sync_value value_of(request *r, int argument);

sync_status reply(sync_status status);
sync_status reply_bool(sync_status status, bool answer);
sync_status reply_number(sync_status status, uint64_t answer);
sync_status reply_buf(sync_status status, sync_buf *buf);

#endif
