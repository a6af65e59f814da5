/*
 * A replica in a process of its own, driven line by line over standard input and output, so that
 * programs in other languages can exchange changes with one that is written in C.
 *
 * A request is a word and its arguments, parted by single spaces; text and bytes are in hex, and
 * `-` is the empty string. The reply is `ok` and its results in the same form, or `err`, the name
 * of the status, and the message. The first request is `new` or `load`.
 *
 *   new <document> <replica>                   load <saved> <replica>
 *   save                                       version
 *   json                                       text <path>
 *   keys <path>                                conflicts <path>
 *   set <path> <kind> <value>                  create <path> <kind>
 *   insert <path> <unit> <position> <text>     delete <path> <unit> <position> <length>
 *   remove <path>                              export <since>
 *   apply <frame>                              missing
 *   join <replica>                             leave
 *   acknowledge                                acknowledged <frame>
 *   prune                                      nodes
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync.h"

enum { MAX_ARGUMENTS = 4 };

typedef struct request {
    sync_replica **replica;
    sync_error **error;
    char *arguments[MAX_ARGUMENTS];
    /* What the arguments were decoded to, freed when the request is done. */
    uint8_t *decoded[MAX_ARGUMENTS];
} request;

typedef sync_status (*handler)(request *r);

/* A malformed request is a mistake of the test, and ends the process. */
static void give_up(const char *why)
{
    fprintf(stderr, "peer: %s\n", why);
    exit(2);
}

static uint8_t hex_digit(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    if (found == NULL) {
        give_up("an argument is not in hex");
        return 0;
    }
    return (uint8_t)(found - digits);
}

static const uint8_t *bytes_of(request *r, int argument, size_t *len)
{
    const char *text = r->arguments[argument];
    *len = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
    uint8_t *decoded = malloc(*len + 1);
    if (decoded == NULL) {
        give_up("out of memory");
        return NULL;
    }
    for (size_t i = 0; i < *len; i++) {
        decoded[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    }
    r->decoded[argument] = decoded;
    return decoded;
}

static const char *text_of(request *r, int argument, size_t *len)
{
    return (const char *)bytes_of(r, argument, len);
}

static uint64_t number_of(const request *r, int argument)
{
    const char *text = r->arguments[argument];
    char *end = NULL;
    errno = 0;
    uint64_t number = strtoull(text, &end, 10);
    if (errno != 0 || *text == '\0' || *end != '\0') {
        give_up("an argument is not a number");
    }
    return number;
}

static sync_unit unit_of(const request *r, int argument)
{
    const char *unit = r->arguments[argument];
    if (strcmp(unit, "scalar") == 0) {
        return SYNC_UNIT_SCALAR;
    }
    return strcmp(unit, "utf8") == 0 ? SYNC_UNIT_UTF8 : SYNC_UNIT_UTF16;
}

static sync_status reply(sync_status status)
{
    if (status == SYNC_OK) {
        puts("ok");
    }
    return status;
}

static sync_status reply_buf(sync_status status, sync_buf *buf)
{
    if (status != SYNC_OK) {
        return status;
    }
    fputs(buf->len == 0 ? "ok -" : "ok ", stdout);
    for (size_t i = 0; i < buf->len; i++) {
        printf("%02x", buf->ptr[i]);
    }
    putchar('\n');
    return sync_buf_free(buf);
}

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

static sync_status on_json(request *r)
{
    return read_all(r, sync_replica_to_json);
}

static sync_status on_missing(request *r)
{
    return read_all(r, sync_replica_missing);
}

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

static sync_status on_conflicts(request *r)
{
    return read_place(r, sync_replica_conflicts);
}

/* Numbers travel as the 64 bits that they are, in decimal without sign: exact, NaN too. */
static sync_status on_set(request *r)
{
    size_t path_len;
    size_t len;
    const char *path = text_of(r, 0, &path_len);
    const char *kind = r->arguments[1];
    if (strcmp(kind, "null") == 0) {
        return reply(sync_replica_set_null(*r->replica, path, path_len, r->error));
    }
    if (strcmp(kind, "string") == 0) {
        const char *value = text_of(r, 2, &len);
        return reply(
            sync_replica_set_string(*r->replica, path, path_len, value, len, r->error));
    }
    if (strcmp(kind, "bytes") == 0) {
        const uint8_t *value = bytes_of(r, 2, &len);
        return reply(sync_replica_set_bytes(*r->replica, path, path_len, value, len, r->error));
    }
    uint64_t bits = number_of(r, 2);
    if (strcmp(kind, "bool") == 0) {
        return reply(
            sync_replica_set_bool(*r->replica, path, path_len, bits == 1, r->error));
    }
    if (strcmp(kind, "int") == 0) {
        int64_t value;
        memcpy(&value, &bits, sizeof value);
        return reply(sync_replica_set_i64(*r->replica, path, path_len, value, r->error));
    }
    double value;
    memcpy(&value, &bits, sizeof value);
    return reply(sync_replica_set_f64(*r->replica, path, path_len, value, r->error));
}

static sync_status on_create(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    sync_kind kind = strcmp(r->arguments[1], "map") == 0 ? SYNC_KIND_MAP : SYNC_KIND_TEXT;
    return reply(sync_replica_create(*r->replica, path, len, kind, r->error));
}

static sync_status on_remove(request *r)
{
    size_t len;
    const char *path = text_of(r, 0, &len);
    bool removed = false;
    sync_status status = sync_replica_remove(*r->replica, path, len, &removed, r->error);
    if (status == SYNC_OK) {
        puts(removed ? "ok 1" : "ok 0");
    }
    return status;
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

static sync_status on_nodes(request *r)
{
    sync_memory memory = SYNC_MEMORY_INIT;
    sync_status status = sync_replica_memory(*r->replica, &memory, r->error);
    if (status == SYNC_OK) {
        printf("ok %" PRIu64 " %" PRIu64 "\n", memory.nodes, memory.tombstones);
    }
    return status;
}

static const struct {
    const char *name;
    int arguments;
    handler handle;
} HANDLERS[] = {
    {"new", 2, on_new},
    {"load", 2, on_load},
    {"save", 0, on_save},
    {"version", 0, on_version},
    {"json", 0, on_json},
    {"text", 1, on_text},
    {"keys", 1, on_keys},
    {"conflicts", 1, on_conflicts},
    {"set", 3, on_set},
    {"create", 2, on_create},
    {"remove", 1, on_remove},
    {"insert", 4, on_insert},
    {"delete", 4, on_delete},
    {"export", 1, on_export},
    {"apply", 1, on_apply},
    {"missing", 0, on_missing},
    {"join", 1, on_join},
    {"leave", 0, on_leave},
    {"acknowledge", 0, on_acknowledge},
    {"acknowledged", 1, on_acknowledged},
    {"prune", 0, on_prune},
    {"nodes", 0, on_nodes},
};

static handler find_handler(const char *name, int arguments)
{
    for (size_t i = 0; i < sizeof HANDLERS / sizeof *HANDLERS; i++) {
        if (strcmp(name, HANDLERS[i].name) == 0 && arguments == HANDLERS[i].arguments) {
            return HANDLERS[i].handle;
        }
    }
    return NULL;
}

static void serve(char *line, sync_replica **replica)
{
    sync_error *error = NULL;
    request r = {replica, &error, {NULL}, {NULL}};
    int count = 0;
    const char *name = strtok(line, " \n");
    char *argument;
    while ((argument = strtok(NULL, " \n")) != NULL && count < MAX_ARGUMENTS) {
        r.arguments[count++] = argument;
    }
    handler handle = name != NULL && argument == NULL ? find_handler(name, count) : NULL;
    if (handle == NULL) {
        give_up("an unknown request, or a wrong number of arguments");
        return;
    }
    sync_status status = handle(&r);
    if (status != SYNC_OK) {
        printf("err %s %s\n", sync_status_name(status), sync_error_message(error));
        sync_error_free(error);
    }
    for (int i = 0; i < MAX_ARGUMENTS; i++) {
        free(r.decoded[i]);
    }
    fflush(stdout);
}

int main(void)
{
    if (sync_abi_version() != SYNC_ABI_VERSION) {
        give_up("the library has another interface than the header");
    }
    sync_replica *replica = NULL;
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        serve(line, &replica);
    }
    free(line);
    return sync_replica_free(replica) == SYNC_OK ? 0 : 1;
}
