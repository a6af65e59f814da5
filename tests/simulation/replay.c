/* Replays runs that `simulate --record` wrote as words (FILE.txt): makes the same edits, and compares
 * every frame, byte for byte, and every document that is shown. README.md says what a file has.
 *
 * Usage: replay FILE... The last line says how many runs passed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync.h"

#define MAX_REPLICAS 16
/* The words of a step, and the items of an insertion, have fewer. */
#define MAX_WORDS 64

/* Where the calls write their errors. */
static sync_error *error;
static const char *file;
static size_t line_number;

static void fail(const char *what) {
    fprintf(stderr, "%s:%zu: %s\n", file, line_number, what);
    if (error != NULL) {
        fprintf(stderr, "    %s\n", sync_error_message(error));
    }
    exit(1);
}

static void must(sync_status status) {
    if (status != SYNC_OK) {
        fail(sync_status_name(status));
    }
}

/* Reading ----------------------------------------------------------------------------------------- */

/* Bytes of their own, which the caller frees. */
typedef struct bytes {
    uint8_t *at;
    size_t len;
} bytes;

static void *allocate(size_t size) {
    void *allocated = malloc(size + 1);
    if (allocated == NULL) {
        fail("no memory is left");
    }
    return allocated;
}

/* The next line of any length, without its end; NULL behind the last one. The caller frees it. */
static char *read_line(FILE *from) {
    size_t len = 0, capacity = 256;
    char *line = allocate(capacity);
    int c;
    while ((c = fgetc(from)) != EOF && c != '\n') {
        if (len + 1 == capacity) {
            capacity *= 2;
            line = realloc(line, capacity);
            if (line == NULL) {
                fail("no memory is left");
            }
        }
        line[len++] = (char)c;
    }
    if (c == EOF && len == 0) {
        free(line);
        return NULL;
    }
    line[len] = '\0';
    return line;
}

static unsigned digit(char c) {
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return (unsigned)(c - 'a' + 10);
    }
    fail("not a hexadecimal digit");
    return 0;
}

static bytes read_hex(const char *digits) {
    bytes read = {NULL, strlen(digits) / 2};
    read.at = allocate(read.len);
    for (size_t i = 0; i < read.len; i++) {
        read.at[i] = (uint8_t)(digit(digits[2 * i]) << 4 | digit(digits[2 * i + 1]));
    }
    return read;
}

/* A word that is text or bytes: `x` and hexadecimal digits. */
static bytes read_bytes(const char *word) {
    if (word[0] != 'x') {
        fail("expected bytes");
    }
    return read_hex(word + 1);
}

static size_t read_size(const char *word) { return (size_t)strtoull(word, NULL, 10); }

static int64_t read_int(const char *word) { return (int64_t)strtoll(word, NULL, 10); }

static sync_kind read_kind(const char *word) {
    static const char *const names[] = {"map",     "text", "list", "counter", "grow-only-counter",
                                        "set",     "grow-only-set"};
    static const sync_kind kinds[] = {SYNC_KIND_MAP,     SYNC_KIND_TEXT,
                                      SYNC_KIND_LIST,    SYNC_KIND_COUNTER,
                                      SYNC_KIND_GROW_ONLY_COUNTER, SYNC_KIND_SET,
                                      SYNC_KIND_GROW_ONLY_SET};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(word, names[i]) == 0) {
            return kinds[i];
        }
    }
    fail("no kind");
    return SYNC_KIND_MAP;
}

static sync_unit read_unit(const char *word) {
    if (strcmp(word, "scalar") == 0) {
        return SYNC_UNIT_SCALAR;
    }
    return strcmp(word, "utf8") == 0 ? SYNC_UNIT_UTF8 : SYNC_UNIT_UTF16;
}

/* A value, or a kind of container: a letter and what belongs to it. What strings and bytes point to
 * is freed by free_value. */
static sync_value read_value(const char *word) {
    static const sync_value_kind kinds[] = {SYNC_VALUE_MAP,     SYNC_VALUE_TEXT,
                                            SYNC_VALUE_LIST,    SYNC_VALUE_COUNTER,
                                            SYNC_VALUE_GROW_ONLY_COUNTER, SYNC_VALUE_SET,
                                            SYNC_VALUE_GROW_ONLY_SET};
    sync_value value = SYNC_VALUE_INIT;
    switch (word[0]) {
    case 'n':
        value.kind = SYNC_VALUE_NULL;
        break;
    case 'b':
        value.kind = SYNC_VALUE_BOOL;
        value.boolean = word[1] == '1';
        break;
    case 'i':
        value.kind = SYNC_VALUE_INT;
        value.integer = read_int(word + 1);
        break;
    case 't':
        value.kind = SYNC_VALUE_TIMESTAMP;
        value.integer = read_int(word + 1);
        break;
    case 'f': {
        uint64_t bits = strtoull(word + 1, NULL, 16);
        value.kind = SYNC_VALUE_FLOAT;
        memcpy(&value.number, &bits, sizeof(bits));
        break;
    }
    case 's':
    case 'y': {
        bytes content = read_hex(word + 1);
        value.kind = word[0] == 's' ? SYNC_VALUE_STRING : SYNC_VALUE_BYTES;
        value.bytes.ptr = content.at;
        value.bytes.len = content.len;
        break;
    }
    case 'k':
        value.kind = kinds[word[1] - '0'];
        break;
    default:
        fail("no value");
    }
    return value;
}

static void free_value(sync_value *value) { free(value->bytes.ptr); }

/* Replaying --------------------------------------------------------------------------------------- */

static sync_document_id document;
static sync_replica *replicas[MAX_REPLICAS];
static uint64_t ids[MAX_REPLICAS];
/* What each has saved, as on a disk. */
static bytes saved[MAX_REPLICAS];

static void compare(sync_buf *actual, const char *expected, const char *what) {
    bytes wanted = read_bytes(expected);
    if (actual->len != wanted.len || memcmp(actual->ptr, wanted.at, wanted.len) != 0) {
        fail(what);
    }
    free(wanted.at);
    must(sync_buf_free(actual));
}

/* An edit has to end as it is recorded: `ok`, `true`, `false` or `refused`. */
static void check_result(sync_status status, bool said, const char *result) {
    if (strcmp(result, "refused") == 0) {
        if (status == SYNC_OK) {
            fail("the edit was not refused");
        }
        must(sync_error_free(error));
        error = NULL;
        return;
    }
    must(status);
    if (strcmp(result, "ok") != 0 && said != (strcmp(result, "true") == 0)) {
        fail("the edit says something else");
    }
}

static sync_status set(sync_replica *replica, const char *path, size_t len, const sync_value *value) {
    switch (value->kind) {
    case SYNC_VALUE_NULL:
        return sync_replica_set_null(replica, path, len, &error);
    case SYNC_VALUE_BOOL:
        return sync_replica_set_bool(replica, path, len, value->boolean, &error);
    case SYNC_VALUE_INT:
        return sync_replica_set_i64(replica, path, len, value->integer, &error);
    case SYNC_VALUE_FLOAT:
        return sync_replica_set_f64(replica, path, len, value->number, &error);
    case SYNC_VALUE_STRING:
        return sync_replica_set_string(replica, path, len, (const char *)value->bytes.ptr,
                                       value->bytes.len, &error);
    case SYNC_VALUE_BYTES:
        return sync_replica_set_bytes(replica, path, len, value->bytes.ptr, value->bytes.len,
                                      &error);
    case SYNC_VALUE_TIMESTAMP:
        return sync_replica_set_timestamp(replica, path, len, value->integer, &error);
    default:
        fail("no value to set");
        return SYNC_OK;
    }
}

static sync_status insert_items(sync_replica *replica, const char *path, size_t len, char **words) {
    sync_value items[MAX_WORDS];
    size_t count = read_size(words[1]);
    for (size_t i = 0; i < count; i++) {
        items[i] = read_value(words[2 + i]);
    }
    sync_status status =
        sync_replica_insert_items(replica, path, len, read_size(words[0]), items, count, &error);
    for (size_t i = 0; i < count; i++) {
        free_value(&items[i]);
    }
    return status;
}

/* Makes an edit, if the step is one: `words` are its name, the replica, the path, the arguments, and
 * the result as the last of `count`. */
static bool edit(sync_replica *replica, char **words, size_t count) {
    static const char *const names[] = {"set",          "create",      "remove",    "remove_wins",
                                        "insert_text",  "delete_text", "insert_items",
                                        "delete_items", "move_item",   "increment", "add",
                                        "discard"};
    size_t name = 0;
    while (name < sizeof(names) / sizeof(names[0]) && strcmp(words[0], names[name]) != 0) {
        name++;
    }
    if (name == sizeof(names) / sizeof(names[0])) {
        return false;
    }
    bytes at = read_bytes(words[2]);
    const char *path = (const char *)at.at;
    char **arguments = words + 3;
    sync_status status = SYNC_OK;
    bool said = false;
    switch (name) {
    case 0: {
        sync_value value = read_value(arguments[0]);
        status = set(replica, path, at.len, &value);
        free_value(&value);
        break;
    }
    case 1:
        status = sync_replica_create(replica, path, at.len, read_kind(arguments[0]), &error);
        break;
    case 2:
        status = sync_replica_remove(replica, path, at.len, &said, &error);
        break;
    case 3:
        status = sync_replica_remove_wins(replica, path, at.len, &said, &error);
        break;
    case 4: {
        bytes text = read_bytes(arguments[2]);
        status = sync_replica_insert_text(replica, path, at.len, read_unit(arguments[0]),
                                          read_size(arguments[1]), (const char *)text.at, text.len,
                                          &error);
        free(text.at);
        break;
    }
    case 5:
        status = sync_replica_delete_text(replica, path, at.len, read_unit(arguments[0]),
                                          read_size(arguments[1]), read_size(arguments[2]), &error);
        break;
    case 6:
        status = insert_items(replica, path, at.len, arguments);
        break;
    case 7:
        status = sync_replica_delete_items(replica, path, at.len, read_size(arguments[0]),
                                           read_size(arguments[1]), &error);
        break;
    case 8:
        status = sync_replica_move_item(replica, path, at.len, read_size(arguments[0]),
                                        read_size(arguments[1]), &error);
        break;
    case 9:
        status = sync_replica_increment(replica, path, at.len, read_int(arguments[0]), &error);
        break;
    default: {
        sync_value value = read_value(arguments[0]);
        if (strcmp(words[0], "add") == 0) {
            status = sync_replica_add(replica, path, at.len, &value, &said, &error);
        } else {
            status = sync_replica_discard(replica, path, at.len, &value, &said, &error);
        }
        free_value(&value);
    }
    }
    free(at.at);
    check_result(status, said, words[count - 1]);
    return true;
}

static void commit(sync_replica *replica, char **words) {
    sync_commit commit = SYNC_COMMIT_INIT;
    int64_t time = read_int(words[2]);
    bytes message = {NULL, 0}, origin = {NULL, 0};
    if (strcmp(words[2], "-") != 0) {
        commit.time = &time;
    }
    if (strcmp(words[3], "-") != 0) {
        message = read_bytes(words[3]);
        commit.message = (const char *)message.at;
        commit.message_len = message.len;
    }
    if (strcmp(words[4], "-") != 0) {
        origin = read_bytes(words[4]);
        commit.origin = (const char *)origin.at;
        commit.origin_len = origin.len;
    }
    bool changed = false;
    must(sync_replica_commit(replica, &commit, &changed, NULL, &error));
    if (changed != (strcmp(words[5], "true") == 0)) {
        fail("something else was committed");
    }
    free(message.at);
    free(origin.at);
}

static void export(sync_replica *replica, char **words) {
    bytes since = read_bytes(words[2]);
    sync_buf frame = SYNC_BUF_INIT;
    sync_status status = sync_replica_export(replica, since.at, since.len, &frame, &error);
    free(since.at);
    if (strcmp(words[3], "-") == 0) {
        if (status != SYNC_ERR_BELOW_PRUNE_FLOOR) {
            fail("the export was not refused");
        }
        must(sync_error_free(error));
        error = NULL;
        return;
    }
    must(status);
    compare(&frame, words[3], "another frame is exported");
}

static void apply(sync_replica *replica, char **words) {
    bytes frame = read_bytes(words[2]);
    sync_applied applied = SYNC_APPLIED_INIT;
    must(sync_replica_apply(replica, frame.at, frame.len, &applied, NULL, &error));
    free(frame.at);
    if (applied.changes != read_size(words[3]) || applied.duplicates != read_size(words[4]) ||
        applied.held != read_size(words[5])) {
        fail("something else was applied");
    }
}

static void load(size_t number, size_t from) {
    must(sync_replica_free(replicas[number]));
    must(sync_replica_load(saved[from].at, saved[from].len, ids[number], NULL, &replicas[number],
                           &error));
}

static void save(size_t number) {
    sync_buf document_bytes = SYNC_BUF_INIT;
    must(sync_replica_save(replicas[number], &document_bytes, &error));
    free(saved[number].at);
    saved[number].at = allocate(document_bytes.len);
    saved[number].len = document_bytes.len;
    memcpy(saved[number].at, document_bytes.ptr, document_bytes.len);
    must(sync_buf_free(&document_bytes));
}

static void replay(char **words, size_t count) {
    const char *name = words[0];
    size_t number = read_size(words[1]);
    if (count < 2 || number >= MAX_REPLICAS) {
        fail("no replica is named");
    }
    sync_replica *replica = replicas[number];
    sync_buf shown = SYNC_BUF_INIT;
    if (strcmp(name, "note") == 0 || edit(replica, words, count)) {
        return;
    } else if (strcmp(name, "new") == 0) {
        ids[number] = strtoull(words[2], NULL, 16);
        must(sync_replica_new(&document, ids[number], NULL, &replicas[number], &error));
        save(number);
    } else if (strcmp(name, "join") == 0) {
        must(sync_replica_join(replica, strtoull(words[2], NULL, 16), &error));
    } else if (strcmp(name, "load") == 0) {
        ids[number] = strtoull(words[2], NULL, 16);
        load(number, read_size(words[3]));
    } else if (strcmp(name, "save") == 0) {
        save(number);
    } else if (strcmp(name, "restart") == 0) {
        load(number, number);
    } else if (strcmp(name, "begin") == 0) {
        must(sync_replica_begin(replica, &error));
    } else if (strcmp(name, "commit") == 0) {
        commit(replica, words);
    } else if (strcmp(name, "abort") == 0) {
        must(sync_replica_abort(replica, NULL, &error));
    } else if (strcmp(name, "set_time") == 0) {
        int64_t time = read_int(words[2]);
        must(sync_replica_set_time(replica, strcmp(words[2], "-") == 0 ? NULL : &time, &error));
    } else if (strcmp(name, "export") == 0) {
        export(replica, words);
    } else if (strcmp(name, "apply") == 0) {
        apply(replica, words);
    } else if (strcmp(name, "acknowledge") == 0) {
        must(sync_replica_acknowledge(replica, &shown, &error));
        compare(&shown, words[2], "something else is acknowledged");
    } else if (strcmp(name, "apply_acknowledgement") == 0) {
        bytes frame = read_bytes(words[2]);
        must(sync_replica_apply_acknowledgement(replica, frame.at, frame.len, NULL, &error));
        free(frame.at);
    } else if (strcmp(name, "prune") == 0) {
        must(sync_replica_prune(replica, NULL, NULL, &error));
    } else if (strcmp(name, "json") == 0) {
        must(sync_replica_to_json(replica, &shown, &error));
        compare(&shown, words[2], "something else is shown");
    } else {
        fail("an unknown step");
    }
}

static size_t split(char *line, char **words) {
    size_t count = 0;
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " ")) {
        if (count == MAX_WORDS) {
            fail("too many words");
        }
        words[count++] = word;
    }
    return count;
}

static void replay_file(void) {
    char *words[MAX_WORDS];
    FILE *from = fopen(file, "r");
    if (from == NULL) {
        fail("the file can't be opened");
    }
    char *line = read_line(from);
    line_number = 1;
    if (line == NULL || split(line, words) != 5 || strcmp(words[0], "libsync-simulation") != 0 ||
        strcmp(words[1], "1") != 0 || strlen(words[4]) != 32) {
        fail("not a recorded run of version 1");
    }
    bytes id = read_hex(words[4]);
    memcpy(document.bytes, id.at, sizeof(document.bytes));
    free(id.at);
    free(line);
    while ((line = read_line(from)) != NULL) {
        line_number++;
        replay(words, split(line, words));
        free(line);
    }
    fclose(from);
    for (size_t i = 0; i < MAX_REPLICAS; i++) {
        must(sync_replica_free(replicas[i]));
        free(saved[i].at);
        replicas[i] = NULL;
        saved[i].at = NULL;
    }
    if (line_number == 1) {
        fail("nothing is recorded");
    }
}

int main(int count, char **files) {
    for (int i = 1; i < count; i++) {
        file = files[i];
        replay_file();
    }
    printf("%d passed, 0 failed\n", count - 1);
    return count > 1 ? 0 : 1;
}
