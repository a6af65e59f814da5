/* Misuse that the interface can detect: each kind is a status, and never harms what is alive. */
#include "check.h"
#include "frames.h"

static void a_replica_is_freed_once(void) {
    sync_replica *replica = new_replica(1), *alive = new_replica(2);
    CHECK_OK(sync_replica_set_i64(alive, SYNC_STR("k"), 1, &error));
    free_replica(replica);
    CHECK(sync_replica_free(replica) == SYNC_ERR_HANDLE);

    uint64_t id = 7;
    sync_buf out = SYNC_BUF_INIT;
    CHECK_DETAILS(SYNC_ERR_HANDLE, "{\"argument\":\"replica\"}",
                  sync_replica_id(replica, &id, &error));
    CHECK(id == 7);
    CHECK_FAILS(SYNC_ERR_HANDLE, sync_replica_set_null(replica, SYNC_STR("k"), &error));
    CHECK_FAILS(SYNC_ERR_HANDLE, sync_replica_save(replica, &out, &error));
    CHECK_FAILS(SYNC_ERR_HANDLE, sync_replica_prune(replica, NULL, NULL, &error));
    CHECK(out.ptr == NULL);

    /* A new replica in the place of the freed one is not reached by the old handle. */
    sync_replica *next = new_replica(3);
    CHECK(next != replica);
    CHECK_FAILS(SYNC_ERR_HANDLE, sync_replica_set_null(replica, SYNC_STR("k"), &error));
    CHECK_TEXT(json_of(next), "{}");
    CHECK_TEXT(json_of(alive), "{\"k\":1}");
    free_replica(next);
    free_replica(alive);
}

static void handles_stay_unique_over_many_lives(void) {
    sync_replica *first = new_replica(1), *last = first;
    for (uint64_t life = 0; life < 500; life++) {
        free_replica(last);
        last = new_replica(life);
        CHECK(last != first);
        CHECK(sync_replica_free(first) == SYNC_ERR_HANDLE);
    }
    free_replica(last);
}

static void an_error_is_freed_once(void) {
    sync_replica *replica = new_replica(1);
    sync_error *first = NULL, *second = NULL;
    CHECK(sync_replica_set_null(replica, SYNC_STR(""), &first) == SYNC_ERR_ROOT);
    CHECK(sync_replica_set_null(replica, SYNC_STR("a."), &second) == SYNC_ERR_PATH);
    CHECK(first != NULL && second != NULL && first != second);
    CHECK(sync_error_free(first) == SYNC_OK);
    CHECK(sync_error_free(first) == SYNC_ERR_HANDLE);
    CHECK(sync_error_code(first) == SYNC_ERR_HANDLE);
    CHECK(strlen(sync_error_message(first)) > 0);
    CHECK(strcmp(sync_error_details(first), "{}") == 0);
    CHECK(sync_error_code(second) == SYNC_ERR_PATH);
    CHECK(sync_error_free(second) == SYNC_OK);
    free_replica(replica);
}

/* What C would call a cast gone wrong; through an integer, since compilers warn of the direct one. */
static sync_replica *as_replica(const void *pointer) {
    return (sync_replica *)(uintptr_t)pointer;
}

static void a_handle_of_another_kind_is_refused(void) {
    sync_replica *replica = new_replica(1);
    sync_error *kept = NULL;
    CHECK(sync_replica_set_null(replica, SYNC_STR(""), &kept) == SYNC_ERR_ROOT);
    CHECK_FAILS(SYNC_ERR_HANDLE, sync_replica_set_null(as_replica(kept), SYNC_STR("k"), &error));
    CHECK(sync_replica_free(as_replica(kept)) == SYNC_ERR_HANDLE);
    CHECK(sync_error_code((sync_error *)(uintptr_t)replica) == SYNC_ERR_HANDLE);
    CHECK(sync_error_free((sync_error *)(uintptr_t)replica) == SYNC_ERR_HANDLE);
    CHECK(sync_error_code(kept) == SYNC_ERR_ROOT);
    CHECK(sync_error_free(kept) == SYNC_OK);
    free_replica(replica);
}

static void a_foreign_pointer_is_refused(void) {
    uint64_t on_the_stack[4] = {0};
    uint64_t *on_the_heap = calloc(4, sizeof *on_the_heap);
    sync_replica *replica = new_replica(1);
    const uintptr_t handle = (uintptr_t)replica;
    const uintptr_t foreign[] = {
        1,
        3,
        4096,
        UINTPTR_MAX,
        (uintptr_t)on_the_stack,
        (uintptr_t)on_the_heap,
        (uintptr_t)on_the_heap + 1,
        (uintptr_t)&DOCUMENT,
        (uintptr_t)&replica,
        handle - 1,
        handle + 1,
        handle ^ ((uintptr_t)1 << (sizeof handle * 8 - 1)),
        handle + ((uintptr_t)1 << 20),
    };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        sync_replica *made_up = (sync_replica *)foreign[i];
        CHECK_FAILS(SYNC_ERR_HANDLE, sync_replica_set_null(made_up, SYNC_STR("k"), &error));
        CHECK(sync_replica_free(made_up) == SYNC_ERR_HANDLE);
        CHECK(sync_error_free((sync_error *)foreign[i]) == SYNC_ERR_HANDLE);
    }
    CHECK_TEXT(json_of(replica), "{}");
    free(on_the_heap);
    free_replica(replica);
}

static void null_is_freed_and_read_as_nothing(void) {
    CHECK(sync_replica_free(NULL) == SYNC_OK);
    CHECK(sync_error_free(NULL) == SYNC_OK);
    CHECK(sync_buf_free(NULL) == SYNC_OK);
    CHECK(sync_value_free(NULL) == SYNC_OK);
    CHECK(sync_error_code(NULL) == SYNC_OK);
    CHECK(strcmp(sync_error_message(NULL), "") == 0);
    CHECK(strcmp(sync_error_details(NULL), "{}") == 0);
}

static void null_replicas_are_refused(void) {
    bool removed;
    size_t len;
    uint64_t id;
    sync_document_id document;
    sync_buf out = SYNC_BUF_INIT;
    sync_value value = SYNC_VALUE_INIT;
    const sync_value null = SYNC_VALUE_INIT_NULL;
    sync_memory memory = SYNC_MEMORY_INIT;
    sync_operation_id operation = {1, 0};
    sync_causality causality;
    int64_t count;
    sync_replica *none = NULL, *made = NULL;
#define NONE(call) CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"replica\"}", call)
    NONE(sync_replica_save(none, &out, &error));
    NONE(sync_replica_id(none, &id, &error));
    NONE(sync_replica_document(none, &document, &error));
    NONE(sync_replica_set_null(none, NULL, 0, &error));
    NONE(sync_replica_set_bool(none, NULL, 0, true, &error));
    NONE(sync_replica_set_i64(none, NULL, 0, 1, &error));
    NONE(sync_replica_set_f64(none, NULL, 0, 1, &error));
    NONE(sync_replica_set_string(none, NULL, 0, NULL, 0, &error));
    NONE(sync_replica_set_bytes(none, NULL, 0, NULL, 0, &error));
    NONE(sync_replica_set_timestamp(none, NULL, 0, 1, &error));
    NONE(sync_replica_create(none, NULL, 0, SYNC_KIND_MAP, &error));
    NONE(sync_replica_remove(none, NULL, 0, &removed, &error));
    NONE(sync_replica_remove_wins(none, NULL, 0, &removed, &error));
    NONE(sync_replica_insert_items(none, NULL, 0, 0, NULL, 0, &error));
    NONE(sync_replica_delete_items(none, NULL, 0, 0, 0, &error));
    NONE(sync_replica_move_item(none, NULL, 0, 0, 0, &error));
    NONE(sync_replica_items(none, NULL, 0, &out, &error));
    NONE(sync_replica_increment(none, NULL, 0, 1, &error));
    NONE(sync_replica_count(none, NULL, 0, &count, &error));
    NONE(sync_replica_add(none, NULL, 0, &null, &removed, &error));
    NONE(sync_replica_discard(none, NULL, 0, &null, &removed, &error));
    NONE(sync_replica_contains(none, NULL, 0, &null, &removed, &error));
    NONE(sync_replica_elements(none, NULL, 0, &out, &error));
    NONE(sync_replica_len(none, NULL, 0, &len, &error));
    NONE(sync_replica_begin(none, &error));
    NONE(sync_replica_commit(none, NULL, NULL, NULL, &error));
    NONE(sync_replica_abort(none, NULL, &error));
    NONE(sync_replica_in_transaction(none, &removed, &error));
    NONE(sync_replica_set_time(none, NULL, &error));
    NONE(sync_replica_clock(none, NULL, 0, &out, NULL, &error));
    NONE(sync_replica_nodes(none, NULL, 0, &out, &error));
    NONE(sync_replica_change(none, &operation, &out, &error));
    NONE(sync_replica_compare_versions(none, NULL, 0, NULL, 0, &causality, &error));
    NONE(sync_replica_insert_text(none, NULL, 0, SYNC_UNIT_UTF8, 0, NULL, 0, &error));
    NONE(sync_replica_delete_text(none, NULL, 0, SYNC_UNIT_UTF8, 0, 0, &error));
    NONE(sync_replica_text(none, NULL, 0, &out, &error));
    NONE(sync_replica_text_len(none, NULL, 0, SYNC_UNIT_UTF8, &len, &error));
    NONE(sync_replica_get(none, NULL, 0, &value, &error));
    NONE(sync_replica_keys(none, NULL, 0, &out, &error));
    NONE(sync_replica_conflicts(none, NULL, 0, &out, &error));
    NONE(sync_replica_to_json(none, &out, &error));
    NONE(sync_replica_memory(none, &memory, &error));
    NONE(sync_replica_encode_version(none, &out, &error));
    NONE(sync_replica_export(none, NULL, 0, &out, &error));
    NONE(sync_replica_apply(none, NULL, 0, NULL, NULL, &error));
    NONE(sync_replica_missing(none, &out, &error));
    NONE(sync_replica_join(none, 1, &error));
    NONE(sync_replica_leave(none, &error));
    NONE(sync_replica_members(none, &out, &error));
    NONE(sync_replica_acknowledge(none, &out, &error));
    NONE(sync_replica_apply_acknowledgement(none, NULL, 0, NULL, &error));
    NONE(sync_replica_prune(none, NULL, NULL, &error));
    NONE(sync_replica_prune_if(none, NULL, NULL, NULL, NULL, &error));
    NONE(sync_replica_pruning(none, NULL, NULL, &error));
    NONE(sync_replica_evict(none, 2, &error));
    NONE(sync_replica_next_evicted(none, &out, NULL, &error));
    NONE(sync_replica_departed(none, &out, &error));
    NONE(sync_replica_acknowledge_whole(none, &out, &error));
    NONE(sync_replica_redact(none, &error));
    NONE(sync_replica_redact_text(none, NULL, 0, SYNC_UNIT_UTF8, 0, 0, &error));
    NONE(sync_replica_redact_path(none, NULL, 0, NULL, &error));
    NONE(sync_replica_rescue(none, NULL, 0, 2, NULL, &made, NULL, NULL, &error));
    NONE(sync_replica_reseed(none, 2, &made, &error));
    NONE(sync_replica_epoch(none, &id, &error));
#undef NONE
    CHECK(sync_replica_set_null(none, NULL, 0, NULL) == SYNC_ERR_NULL);
}

static void null_outputs_are_refused(void) {
    const sync_value null = SYNC_VALUE_INIT_NULL;
    const sync_operation_id operation = {1, 0};
    sync_replica *replica = new_replica(1);
    CHECK_OK(sync_replica_create(replica, SYNC_STR("t"), SYNC_KIND_TEXT, &error));
#define NONE(call) CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"out\"}", call)
    NONE(sync_random_document_id(NULL, &error));
    NONE(sync_random_replica_id(NULL, &error));
    NONE(sync_replica_id_from_name(SYNC_STR("n"), NULL, &error));
    NONE(sync_replica_new(&DOCUMENT, 1, NULL, NULL, &error));
    NONE(sync_replica_load(NULL, 0, 1, NULL, NULL, &error));
    NONE(sync_replica_save(replica, NULL, &error));
    NONE(sync_replica_id(replica, NULL, &error));
    NONE(sync_replica_document(replica, NULL, &error));
    NONE(sync_replica_text(replica, SYNC_STR("t"), NULL, &error));
    NONE(sync_replica_text_len(replica, SYNC_STR("t"), SYNC_UNIT_UTF8, NULL, &error));
    NONE(sync_replica_get(replica, SYNC_STR("t"), NULL, &error));
    NONE(sync_replica_keys(replica, NULL, 0, NULL, &error));
    NONE(sync_replica_conflicts(replica, SYNC_STR("t"), NULL, &error));
    NONE(sync_replica_to_json(replica, NULL, &error));
    NONE(sync_replica_memory(replica, NULL, &error));
    NONE(sync_replica_encode_version(replica, NULL, &error));
    NONE(sync_replica_export(replica, NULL, 0, NULL, &error));
    NONE(sync_replica_missing(replica, NULL, &error));
    NONE(sync_replica_members(replica, NULL, &error));
    NONE(sync_replica_acknowledge(replica, NULL, &error));
    NONE(sync_replica_acknowledge_whole(replica, NULL, &error));
    NONE(sync_replica_departed(replica, NULL, &error));
    NONE(sync_replica_next_evicted(replica, NULL, NULL, &error));
    NONE(sync_replica_rescue(replica, NULL, 0, 2, NULL, NULL, NULL, NULL, &error));
    NONE(sync_replica_reseed(replica, 2, NULL, &error));
    NONE(sync_replica_epoch(replica, NULL, &error));
    NONE(sync_replica_items(replica, SYNC_STR("l"), NULL, &error));
    NONE(sync_replica_count(replica, SYNC_STR("n"), NULL, &error));
    NONE(sync_replica_contains(replica, SYNC_STR("s"), &null, NULL, &error));
    NONE(sync_replica_elements(replica, SYNC_STR("s"), NULL, &error));
    NONE(sync_replica_len(replica, SYNC_STR("l"), NULL, &error));
    NONE(sync_replica_in_transaction(replica, NULL, &error));
    NONE(sync_replica_nodes(replica, SYNC_STR("t"), NULL, &error));
    NONE(sync_replica_change(replica, &operation, NULL, &error));
    NONE(sync_replica_compare_versions(replica, NULL, 0, NULL, 0, NULL, &error));
#undef NONE
    sync_replica *out = NULL;
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"document\"}",
                  sync_replica_new(NULL, 1, NULL, &out, &error));
    free_replica(replica);
}

static void null_inputs_with_a_length_are_refused(void) {
    sync_replica *replica = new_replica(1);
    sync_buf out = SYNC_BUF_INIT;
    sync_causality causality;
    bool there;
    uint64_t id;
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"path\"}",
                  sync_replica_set_null(replica, NULL, 1, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"value\"}",
                  sync_replica_set_string(replica, SYNC_STR("k"), NULL, 1, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"value\"}",
                  sync_replica_set_bytes(replica, SYNC_STR("k"), NULL, 1, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"inserted\"}",
                  sync_replica_insert_text(replica, SYNC_STR("k"), SYNC_UNIT_UTF8, 0, NULL, 1,
                                           &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"bytes\"}",
                  sync_replica_apply(replica, NULL, 1, NULL, NULL, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"bytes\"}",
                  sync_replica_apply_acknowledgement(replica, NULL, 1, NULL, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"since\"}",
                  sync_replica_export(replica, NULL, 1, &out, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"name\"}",
                  sync_replica_id_from_name(NULL, 1, &id, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"items\"}",
                  sync_replica_insert_items(replica, SYNC_STR("k"), 0, NULL, 1, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"value\"}",
                  sync_replica_add(replica, SYNC_STR("k"), NULL, NULL, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"value\"}",
                  sync_replica_discard(replica, SYNC_STR("k"), NULL, NULL, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"value\"}",
                  sync_replica_contains(replica, SYNC_STR("k"), NULL, &there, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"first\"}",
                  sync_replica_compare_versions(replica, NULL, 1, NULL, 0, &causality, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"second\"}",
                  sync_replica_compare_versions(replica, NULL, 0, NULL, 1, &causality, &error));
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"id\"}",
                  sync_replica_change(replica, NULL, &out, &error));
    sync_replica *loaded = NULL;
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"bytes\"}",
                  sync_replica_load(NULL, 1, 1, NULL, &loaded, &error));
    CHECK_TEXT(json_of(replica), "{}");
    free_replica(replica);
}

static void misaligned_places_are_refused(void) {
    sync_replica *replica = new_replica(1);
    uint64_t room[8] = {0};
    uintptr_t odd = (uintptr_t)room + 1;
    CHECK_FAILS(SYNC_ERR_ARGUMENT, sync_replica_id(replica, (uint64_t *)odd, &error));
    CHECK_FAILS(SYNC_ERR_ARGUMENT, sync_replica_to_json(replica, (sync_buf *)odd, &error));
    CHECK_FAILS(SYNC_ERR_ARGUMENT, sync_replica_memory(replica, (sync_memory *)odd, &error));
    CHECK_FAILS(SYNC_ERR_ARGUMENT,
                sync_replica_add(replica, SYNC_STR("s"), (sync_value *)odd, NULL, &error));
    CHECK_FAILS(SYNC_ERR_ARGUMENT,
                sync_replica_insert_items(replica, SYNC_STR("l"), 0, (sync_value *)odd, 1, &error));
    CHECK_FAILS(SYNC_ERR_ARGUMENT, sync_replica_set_time(replica, (int64_t *)odd, &error));
    sync_buf out = SYNC_BUF_INIT;
    CHECK_FAILS(SYNC_ERR_ARGUMENT,
                sync_replica_change(replica, (sync_operation_id *)odd, &out, &error));
    CHECK(out.ptr == NULL);
    CHECK(sync_replica_set_null(replica, NULL, 0, (sync_error **)odd) == SYNC_ERR_ROOT);
    CHECK(sync_buf_free((sync_buf *)odd) == SYNC_ERR_ARGUMENT);
    CHECK(sync_value_free((sync_value *)odd) == SYNC_ERR_ARGUMENT);
    for (size_t i = 0; i < sizeof room / sizeof *room; i++) {
        CHECK(room[i] == 0);
    }
    free_replica(replica);
}

static void a_buffer_is_freed_once(void) {
    sync_replica *replica = new_replica(1);
    sync_buf json = json_of(replica);
    CHECK(sync_buf_free(&json) == SYNC_OK);
    CHECK(json.ptr == NULL && json.len == 0 && json.cap == 0);
    CHECK(sync_buf_free(&json) == SYNC_OK);

    json = json_of(replica);
    sync_buf damaged = json;
    damaged.cap = damaged.len;
    CHECK(sync_buf_free(&damaged) == SYNC_ERR_ARGUMENT);
    CHECK(damaged.ptr == json.ptr);
    CHECK(sync_buf_free(&json) == SYNC_OK);
    free_replica(replica);
}

static void structs_that_are_too_short_get_what_fits(void) {
    sync_replica *replica = new_replica(1);
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("t"), SYNC_UNIT_UTF8, 0, SYNC_STR("abc"),
                                      &error));
    sync_memory memory = SYNC_MEMORY_INIT;
    memory.size = offsetof(sync_memory, tombstones);
    memory.tombstones = 77;
    memory.changes = 88;
    CHECK_OK(sync_replica_memory(replica, &memory, &error));
    CHECK(memory.nodes == 3 && memory.tombstones == 77 && memory.changes == 88);
    CHECK(memory.size == offsetof(sync_memory, tombstones));

    sync_applied applied = SYNC_APPLIED_INIT;
    sync_buf frame = export_all(replica);
    applied.size = 3;
    CHECK_FAILS(SYNC_ERR_STRUCT_SIZE,
                sync_replica_apply(replica, frame.ptr, frame.len, &applied, NULL, &error));
    sync_prune_report report = SYNC_PRUNE_REPORT_INIT;
    report.size = 1 << 20;
    CHECK_FAILS(SYNC_ERR_STRUCT_SIZE, sync_replica_prune(replica, &report, NULL, &error));
    CHECK(sync_buf_free(&frame) == SYNC_OK);
    free_replica(replica);
}

/* What follows an input in memory is never read: the allocation has exactly its size. */
static void inputs_are_read_no_further_than_their_length(void) {
    sync_replica *replica = new_replica(1);
    uint8_t *path = copy_of((const uint8_t *)"ab", 2), *value = copy_of((const uint8_t *)"xyz", 3);
    CHECK_OK(sync_replica_set_string(replica, (const char *)path, 2, (const char *)value, 3, &error));
    CHECK_OK(sync_replica_insert_text(replica, (const char *)path, 1, SYNC_UNIT_UTF8, 0,
                                      (const char *)value, 3, &error));
    free(path);
    free(value);
    CHECK_TEXT(json_of(replica), "{\"a\":\"xyz\",\"ab\":\"xyz\"}");
    free_replica(replica);
}

/* Of a value that goes in, only its kind and the field that this names are read, and nothing of it
 * is freed: here the others were never initialised. */
static void values_that_go_in_are_read_no_further_than_their_kind(void) {
    sync_replica *replica = new_replica(1);
    sync_value *items = malloc(2 * sizeof *items);
    uint8_t *text = copy_of((const uint8_t *)"xyz", 3);
    CHECK(items != NULL);
    items[0].kind = SYNC_VALUE_INT;
    items[0].integer = 5;
    items[1].kind = SYNC_VALUE_STRING;
    items[1].bytes.ptr = text;
    items[1].bytes.len = 3;
    CHECK_OK(sync_replica_insert_items(replica, SYNC_STR("l"), 0, items, 2, &error));
    CHECK_OK(sync_replica_add(replica, SYNC_STR("s"), &items[1], NULL, &error));
    CHECK(items[1].bytes.ptr == text);
    /* Made by the program, it is not the library's to free. */
    items[1].bytes.cap = 0;
    CHECK(sync_value_free(&items[1]) == SYNC_ERR_ARGUMENT);
    free(text);
    free(items);
    CHECK_TEXT(json_of(replica), "{\"l\":[5,\"xyz\"],\"s\":[\"xyz\"]}");
    free_replica(replica);
}

int main(void) {
    RUN(a_replica_is_freed_once);
    RUN(handles_stay_unique_over_many_lives);
    RUN(an_error_is_freed_once);
    RUN(a_handle_of_another_kind_is_refused);
    RUN(a_foreign_pointer_is_refused);
    RUN(null_is_freed_and_read_as_nothing);
    RUN(null_replicas_are_refused);
    RUN(null_outputs_are_refused);
    RUN(null_inputs_with_a_length_are_refused);
    RUN(misaligned_places_are_refused);
    RUN(a_buffer_is_freed_once);
    RUN(structs_that_are_too_short_get_what_fits);
    RUN(inputs_are_read_no_further_than_their_length);
    RUN(values_that_go_in_are_read_no_further_than_their_kind);
    return 0;
}
