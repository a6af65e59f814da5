/* A replica in a C program, driven over its standard input and output.
 *
 * Usage: typist DOCUMENT NAME PATH
 * The document's id in 32 hex digits, the replica's name, and the path of the text it types.
 *
 * A request is a letter, a length in 32 bits, and so many bytes; a reply is 0, or 1 before an error
 * message, then a length and the bytes likewise. Numbers are little-endian. The program ends when
 * its input does. What each letter asks for is beside its function.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync.h"

struct typist {
    sync_replica *replica;
    const char *path;
    size_t path_len;
};

/* Something that this program can't go on after: its peer, or the machine, is broken. */
static void give_up(const char *why) {
    fprintf(stderr, "typist: %s\n", why);
    exit(2);
}

/* A request, read from its start on. */
struct request {
    const uint8_t *next;
    size_t left;
};

static const uint8_t *take(struct request *request, size_t len) {
    const uint8_t *bytes = request->next;
    if (len > request->left) {
        give_up("a request ends within an item");
    }
    request->next += len;
    request->left -= len;
    return bytes;
}

static uint32_t read_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static uint32_t take_u32(struct request *request) { return read_u32(take(request, 4)); }

/* A reply, which grows at its end. */
struct reply {
    uint8_t *bytes;
    size_t len;
    size_t cap;
};

static void put(struct reply *reply, const void *bytes, size_t len) {
    if (len > reply->cap - reply->len) {
        size_t cap = (reply->len + len) * 2;
        uint8_t *grown = realloc(reply->bytes, cap);
        if (grown == NULL) {
            give_up("out of memory");
        }
        reply->bytes = grown;
        reply->cap = cap;
    }
    if (len > 0) {
        memcpy(reply->bytes + reply->len, bytes, len);
        reply->len += len;
    }
}

static void put_number(struct reply *reply, uint64_t number, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(number >> (8 * i));
        put(reply, &byte, 1);
    }
}

static void put_u32(struct reply *reply, size_t number) { put_number(reply, number, 4); }

static void put_u64(struct reply *reply, uint64_t number) { put_number(reply, number, 8); }

/* Puts what the library handed out, and frees it. */
static void put_buf(struct reply *reply, sync_buf *buf) {
    put(reply, buf->ptr, buf->len);
    sync_buf_free(buf);
}

/* Puts what is new since `version`, as one frame, and makes `version` the present one. */
static sync_status put_new_changes(struct typist *typist, sync_buf *version, bool with_length,
                                   struct reply *reply, sync_error **error) {
    sync_buf frame, present;
    sync_status status =
        sync_replica_export(typist->replica, version->ptr, version->len, &frame, error);
    if (status != SYNC_OK) {
        return status;
    }
    if (with_length) {
        put_u32(reply, frame.len);
    }
    put_buf(reply, &frame);
    status = sync_replica_encode_version(typist->replica, &present, error);
    if (status == SYNC_OK) {
        sync_buf_free(version);
        *version = present;
    }
    return status;
}

/* How long the text is; 0 where there is none yet. */
static sync_status text_len(struct typist *typist, size_t *len, sync_error **error) {
    sync_value shown;
    sync_status status =
        sync_replica_get(typist->replica, typist->path, typist->path_len, &shown, error);
    if (status != SYNC_OK) {
        return status;
    }
    bool nothing = shown.kind == SYNC_VALUE_NONE;
    sync_value_free(&shown);
    *len = 0;
    return nothing ? SYNC_OK
                   : sync_replica_text_len(typist->replica, typist->path, typist->path_len,
                                           SYNC_UNIT_SCALAR, len, error);
}

/* How many Unicode scalar values UTF-8 has: every byte counts that continues none. */
static size_t count_scalars(const uint8_t *text, size_t len) {
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        count += (text[i] & 0xC0) != 0x80;
    }
    return count;
}

/* Makes one edit: whether its offset counts from the end, the offset, how much is deleted there,
 * and what is inserted there, with its length before it. */
static sync_status type_one(struct typist *typist, struct request *request, size_t *len,
                            sync_error **error) {
    bool from_end = *take(request, 1) != 0;
    size_t offset = take_u32(request);
    size_t deleted = take_u32(request);
    size_t inserted_len = take_u32(request);
    const uint8_t *inserted = take(request, inserted_len);
    size_t position = from_end ? *len - offset : offset;
    sync_status status = SYNC_OK;
    if (deleted > 0) {
        status = sync_replica_delete_text(typist->replica, typist->path, typist->path_len,
                                          SYNC_UNIT_SCALAR, position, deleted, error);
        *len -= deleted;
    }
    if (status == SYNC_OK && inserted_len > 0) {
        status = sync_replica_insert_text(typist->replica, typist->path, typist->path_len,
                                          SYNC_UNIT_SCALAR, position, (const char *)inserted,
                                          inserted_len, error);
        *len += count_scalars(inserted, inserted_len);
    }
    return status;
}

/* T, edits: types them, and replies with a frame for each, its length before it. */
static sync_status type(struct typist *typist, struct request *request, struct reply *reply,
                        sync_error **error) {
    size_t len;
    sync_buf version;
    sync_status status = text_len(typist, &len, error);
    if (status != SYNC_OK) {
        return status;
    }
    status = sync_replica_encode_version(typist->replica, &version, error);
    if (status != SYNC_OK) {
        return status;
    }
    while (status == SYNC_OK && request->left > 0) {
        status = type_one(typist, request, &len, error);
        if (status == SYNC_OK) {
            status = put_new_changes(typist, &version, true, reply, error);
        }
    }
    sync_buf_free(&version);
    return status;
}

/* D, frames, the length of each before it: applies what was delivered, and replies with how many of
 * the frames were held for others to come first. */
static sync_status apply(struct typist *typist, struct request *request, struct reply *reply,
                         sync_error **error) {
    uint64_t held = 0;
    while (request->left > 0) {
        size_t len = take_u32(request);
        sync_applied applied = SYNC_APPLIED_INIT;
        sync_status status = sync_replica_apply(typist->replica, take(request, len), len, &applied,
                                                NULL, error);
        if (status != SYNC_OK) {
            return status;
        }
        held += applied.changes == 0 && applied.duplicates == 0;
    }
    put_u64(reply, held);
    return SYNC_OK;
}

/* S, the length of a path, the path, a string: assigns it, and replies with the frame. */
static sync_status set(struct typist *typist, struct request *request, struct reply *reply,
                       sync_error **error) {
    size_t path_len = take_u32(request);
    const char *path = (const char *)take(request, path_len);
    size_t value_len = request->left;
    const char *value = (const char *)take(request, value_len);
    sync_buf version;
    sync_status status = sync_replica_encode_version(typist->replica, &version, error);
    if (status != SYNC_OK) {
        return status;
    }
    status = sync_replica_set_string(typist->replica, path, path_len, value, value_len, error);
    if (status == SYNC_OK) {
        status = put_new_changes(typist, &version, false, reply, error);
    }
    sync_buf_free(&version);
    return status;
}

/* H, a frame: hears what another replica acknowledges. */
static sync_status hear(struct typist *typist, struct request *request, sync_error **error) {
    size_t len = request->left;
    return sync_replica_apply_acknowledgement(typist->replica, take(request, len), len, NULL,
                                              error);
}

/* P: prunes, and replies with how many nodes, changes and bytes are gone, and how many members
 * hold back the rest. */
static sync_status prune(struct typist *typist, struct reply *reply, sync_error **error) {
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    sync_status status = sync_replica_prune(typist->replica, &report, NULL, error);
    if (status == SYNC_OK) {
        put_u64(reply, report.nodes);
        put_u64(reply, report.changes);
        put_u64(reply, report.bytes);
        put_u64(reply, report.held_back_by);
    }
    return status;
}

/* M: replies with the bytes in memory, the nodes, the tombstones among them, and the changes. */
static sync_status memory(struct typist *typist, struct reply *reply, sync_error **error) {
    sync_memory held = SYNC_MEMORY_INIT;
    sync_status status = sync_replica_memory(typist->replica, &held, error);
    if (status == SYNC_OK) {
        put_u64(reply, held.state_bytes + held.log_bytes + held.inbox_bytes);
        put_u64(reply, held.nodes);
        put_u64(reply, held.tombstones);
        put_u64(reply, held.changes);
    }
    return status;
}

static sync_status answer(struct typist *typist, char command, struct request *request,
                          struct reply *reply, sync_error **error) {
    sync_buf buf;
    sync_status status;
    switch (command) {
    case 'T': return type(typist, request, reply, error);
    case 'D': return apply(typist, request, reply, error);
    case 'S': return set(typist, request, reply, error);
    case 'H': return hear(typist, request, error);
    case 'P': return prune(typist, reply, error);
    case 'M': return memory(typist, reply, error);
    /* A: what this replica acknowledges, as a frame. */
    case 'A': status = sync_replica_acknowledge(typist->replica, &buf, error); break;
    /* X: the text. */
    case 'X':
        status = sync_replica_text(typist->replica, typist->path, typist->path_len, &buf, error);
        break;
    /* J: the document as canonical JSON. */
    case 'J': status = sync_replica_to_json(typist->replica, &buf, error); break;
    default: give_up("an unknown request"); return SYNC_ERR_ARGUMENT;
    }
    if (status == SYNC_OK) {
        put_buf(reply, &buf);
    }
    return status;
}

/* Reads one request; false where the input ends before it. */
static bool read_request(char *command, uint8_t **bytes, size_t *len) {
    uint8_t head[5];
    size_t got = fread(head, 1, sizeof head, stdin);
    if (got == 0 && feof(stdin)) {
        return false;
    }
    if (got < sizeof head) {
        give_up("the input ends within a request");
    }
    *command = (char)head[0];
    *len = read_u32(head + 1);
    *bytes = malloc(*len > 0 ? *len : 1);
    if (*bytes == NULL) {
        give_up("out of memory");
    }
    if (fread(*bytes, 1, *len, stdin) < *len) {
        give_up("the input ends within a request");
    }
    return true;
}

static void write_reply(bool failed, const struct reply *reply) {
    struct reply head = {NULL, 0, 0};
    if (reply->len > UINT32_MAX) {
        give_up("a reply is too long for its length");
    }
    put_number(&head, failed, 1);
    put_u32(&head, reply->len);
    bool written = fwrite(head.bytes, 1, head.len, stdout) == head.len &&
                   fwrite(reply->bytes, 1, reply->len, stdout) == reply->len &&
                   fflush(stdout) == 0;
    free(head.bytes);
    if (!written) {
        give_up("the output is closed");
    }
}

/* Answers requests until there are no more. */
static void serve(struct typist *typist) {
    char command;
    uint8_t *bytes;
    size_t len;
    while (read_request(&command, &bytes, &len)) {
        struct request request = {bytes, len};
        struct reply reply = {NULL, 0, 0};
        sync_error *error = NULL;
        bool failed = answer(typist, command, &request, &reply, &error) != SYNC_OK;
        if (failed) {
            const char *message = sync_error_message(error);
            reply.len = 0;
            put(&reply, message, strlen(message));
        }
        write_reply(failed, &reply);
        sync_error_free(error);
        free(reply.bytes);
        free(bytes);
    }
}

static bool parse_document(const char *hex, sync_document_id *document) {
    size_t digits = 2 * sizeof document->bytes;
    if (strlen(hex) != digits || strspn(hex, "0123456789abcdef") != digits) {
        return false;
    }
    for (size_t i = 0; i < sizeof document->bytes; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        document->bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return true;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        give_up("usage: typist DOCUMENT NAME PATH");
    }
    sync_document_id document;
    uint64_t id;
    sync_error *error = NULL;
    sync_options options = SYNC_OPTIONS_INIT;
    struct typist typist = {NULL, argv[3], strlen(argv[3])};
    if (!parse_document(argv[1], &document)) {
        give_up("the document's id is not 32 hex digits");
    }
    /* The demo shows what pruning does: it is done when that is asked for. */
    options.manual_pruning = 1;
    if (sync_replica_id_from_name(argv[2], strlen(argv[2]), &id, &error) != SYNC_OK ||
        sync_replica_new(&document, id, &options, &typist.replica, &error) != SYNC_OK) {
        give_up(sync_error_message(error));
    }
    serve(&typist);
    sync_replica_free(typist.replica);
    return EXIT_SUCCESS;
}
