/* Streams: what is typed travels as it is typed, both ways; what was lost on the way is noticed. And
 * the compressed forms of what is saved and exported. */
#include "check.h"
#include "frames.h"

static sync_sender *new_sender(const sync_replica *from, const sync_replica *to) {
    sync_sender *sender = NULL;
    sync_buf known;
    CHECK_OK(sync_replica_encode_version(to, &known, &error));
    CHECK_OK(sync_sender_new(from, known.ptr, known.len, &sender, &error));
    CHECK(sync_buf_free(&known) == SYNC_OK);
    return sender;
}

static sync_receiver *new_receiver(void) {
    sync_receiver *receiver = NULL;
    CHECK_OK(sync_receiver_new(&receiver, &error));
    return receiver;
}

static sync_buf next_frame(sync_replica *replica, sync_sender *sender) {
    sync_buf frame = SYNC_BUF_INIT;
    CHECK_OK(sync_replica_send(replica, sender, &frame, &error));
    return frame;
}

static size_t pass_on(sync_replica *from, sync_sender *sender, sync_replica *to,
                      sync_receiver *receiver) {
    sync_buf frame = next_frame(from, sender);
    size_t len = frame.len;
    if (len > 0) {
        CHECK_OK(sync_replica_receive(to, receiver, frame.ptr, frame.len, NULL, NULL, &error));
    }
    CHECK(sync_buf_free(&frame) == SYNC_OK);
    return len;
}

static void type(sync_replica *replica, size_t at, char letter) {
    CHECK_OK(sync_replica_insert_text(replica, SYNC_STR("notes"), SYNC_UNIT_UTF8, at, &letter, 1,
                                      &error));
}

static void keystrokes_travel_both_ways(void) {
    static const char typed[] = "What is typed here is typed there, too.";
    sync_replica *a = new_replica(1), *b = new_replica(2);
    CHECK_OK(sync_replica_join(a, 2, &error));
    deliver(a, b);
    sync_sender *to_b = new_sender(a, b), *to_a = new_sender(b, a);
    sync_receiver *from_a = new_receiver(), *from_b = new_receiver();
    for (size_t at = 0; at < strlen(typed); at++) {
        sync_replica *here = at % 8 < 4 ? a : b, *there = here == a ? b : a;
        sync_sender *sender = here == a ? to_b : to_a, *back = here == a ? to_a : to_b;
        sync_receiver *receiver = here == a ? from_a : from_b;
        type(here, at, typed[at]);
        size_t len = pass_on(here, sender, there, receiver);
        CHECK(len > 0 && (at <= 8 || len < 16));
        /* Nothing is left to be sent, nor is it sent back to whom it came from. */
        sync_buf none = next_frame(here, sender);
        CHECK_TEXT(none, "");
        CHECK_OK(sync_sender_skip_received(back, receiver, &error));
        none = next_frame(there, back);
        CHECK_TEXT(none, "");
    }
    check_equal(a, b);
    CHECK(sync_sender_free(to_a) == SYNC_OK && sync_sender_free(to_b) == SYNC_OK);
    CHECK(sync_receiver_free(from_a) == SYNC_OK && sync_receiver_free(from_b) == SYNC_OK);
    free_replica(a);
    free_replica(b);
}

static void a_sender_knows_what_its_peer_has(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_sender *sender = NULL;
    sync_receiver *receiver = new_receiver();
    sync_buf known, version, frame;
    type(a, 0, 'a');
    CHECK_OK(sync_sender_new(a, NULL, 0, &sender, &error));
    CHECK(pass_on(a, sender, b, receiver) > 0);
    CHECK_OK(sync_sender_known(sender, a, &known, &error));
    CHECK_OK(sync_replica_encode_version(b, &version, &error));
    CHECK(same_bytes(known, version));
    CHECK(sync_buf_free(&known) == SYNC_OK && sync_buf_free(&version) == SYNC_OK);

    /* What came another way is not sent. */
    type(a, 1, 'b');
    deliver(a, b);
    CHECK_OK(sync_replica_encode_version(b, &version, &error));
    CHECK_OK(sync_sender_skip(sender, a, version.ptr, version.len, &error));
    frame = next_frame(a, sender);
    CHECK_TEXT(frame, "");
    CHECK(sync_buf_free(&version) == SYNC_OK);
    type(a, 2, 'c');
    CHECK(pass_on(a, sender, b, receiver) > 0);
    check_equal(a, b);

    CHECK_FAILS(SYNC_ERR_DECODE, sync_sender_skip(sender, a, (const uint8_t *)"?", 1, &error));
    sync_sender *none = NULL;
    CHECK_FAILS(SYNC_ERR_DECODE, sync_sender_new(a, (const uint8_t *)"?", 1, &none, &error));
    CHECK(none == NULL);
    CHECK(sync_sender_free(sender) == SYNC_OK && sync_receiver_free(receiver) == SYNC_OK);
    free_replica(a);
    free_replica(b);
}

static void a_frame_that_was_lost_breaks_the_stream(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_sender *sender = new_sender(a, b);
    sync_receiver *receiver = new_receiver();
    type(a, 0, 'a');
    pass_on(a, sender, b, receiver);
    type(a, 1, 'b');
    sync_buf lost = next_frame(a, sender);
    type(a, 2, 'c');
    sync_buf next = next_frame(a, sender);
    sync_applied applied = SYNC_APPLIED_INIT;
    sync_buf refused = SYNC_BUF_INIT, none;
    applied.changes = 77;
    CHECK_DETAILS(SYNC_ERR_STREAM_BROKEN, "{}",
                  sync_replica_receive(b, receiver, next.ptr, next.len, &applied, &refused, &error));
    CHECK(applied.changes == 77 && refused.ptr == NULL);
    CHECK_TEXT(json_of(b), "{\"notes\":\"a\"}");

    /* The receiver is as it was: with what was missing the stream goes on. */
    CHECK_OK(sync_replica_receive(b, receiver, lost.ptr, lost.len, &applied, &refused, &error));
    CHECK(applied.changes == 1);
    CHECK_TEXT(refused, "[]");
    CHECK_FAILS(SYNC_ERR_STREAM_BROKEN,
                sync_replica_receive(b, receiver, lost.ptr, lost.len, NULL, NULL, &error));
    CHECK_OK(sync_replica_receive(b, receiver, next.ptr, next.len, NULL, NULL, &error));
    check_equal(a, b);
    CHECK(sync_buf_free(&lost) == SYNC_OK && sync_buf_free(&next) == SYNC_OK);

    /* Where it is lost for good, both ends start anew. */
    type(a, 3, 'd');
    lost = next_frame(a, sender);
    CHECK(sync_buf_free(&lost) == SYNC_OK);
    none = next_frame(a, sender);
    CHECK_TEXT(none, "");
    CHECK(sync_sender_free(sender) == SYNC_OK && sync_receiver_free(receiver) == SYNC_OK);
    sender = new_sender(a, b);
    receiver = new_receiver();
    CHECK(pass_on(a, sender, b, receiver) > 0);
    check_equal(a, b);
    CHECK(sync_sender_free(sender) == SYNC_OK && sync_receiver_free(receiver) == SYNC_OK);
    free_replica(a);
    free_replica(b);
}

static void damage_changes_nothing(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_sender *sender = new_sender(a, b);
    sync_receiver *receiver = new_receiver();
    for (size_t at = 0; at < 3; at++) {
        type(a, at, 'x');
        sync_buf frame = next_frame(a, sender), before, after;
        CHECK_OK(sync_replica_save(b, &before, &error));
        for (size_t bit = 0; bit < 8 * frame.len; bit++) {
            uint8_t *flipped = copy_of(frame.ptr, frame.len);
            uint8_t *cut = copy_of(frame.ptr, bit / 8);
            flipped[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            sync_status status =
                sync_replica_receive(b, receiver, flipped, frame.len, NULL, NULL, &error);
            CHECK(status == SYNC_ERR_STREAM_BROKEN || status == SYNC_ERR_DECODE);
            CHECK_FAILS(status, status);
            status = sync_replica_receive(b, receiver, cut, bit / 8, NULL, NULL, &error);
            CHECK(status == SYNC_ERR_STREAM_BROKEN || status == SYNC_ERR_DECODE);
            CHECK_FAILS(status, status);
            free(flipped);
            free(cut);
        }
        CHECK_OK(sync_replica_save(b, &after, &error));
        CHECK(same_bytes(before, after));
        CHECK_OK(sync_replica_receive(b, receiver, frame.ptr, frame.len, NULL, NULL, &error));
        CHECK(sync_buf_free(&before) == SYNC_OK && sync_buf_free(&after) == SYNC_OK);
        CHECK(sync_buf_free(&frame) == SYNC_OK);
    }
    check_equal(a, b);
    CHECK(sync_sender_free(sender) == SYNC_OK && sync_receiver_free(receiver) == SYNC_OK);
    free_replica(a);
    free_replica(b);
}

static void nothing_streams_in_a_transaction(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2);
    sync_sender *sender = new_sender(a, b);
    sync_receiver *receiver = new_receiver();
    sync_buf out = SYNC_BUF_INIT;
    type(b, 0, 'x');
    sync_buf frame = export_all(b);
    CHECK_OK(sync_replica_begin(a, &error));
    type(a, 0, 'a');
    CHECK_FAILS(SYNC_ERR_IN_TRANSACTION, sync_replica_send(a, sender, &out, &error));
    CHECK(out.ptr == NULL);
    CHECK_FAILS(SYNC_ERR_IN_TRANSACTION,
                sync_replica_receive(a, receiver, frame.ptr, frame.len, NULL, NULL, &error));
    CHECK_OK(sync_replica_commit(a, NULL, NULL, NULL, &error));
    CHECK(pass_on(a, sender, b, receiver) > 0);
    CHECK(sync_buf_free(&frame) == SYNC_OK);
    CHECK(sync_sender_free(sender) == SYNC_OK && sync_receiver_free(receiver) == SYNC_OK);
    free_replica(a);
    free_replica(b);
}

/* Casts gone wrong: through integers, since compilers warn of the direct ones. */
static void handles_of_another_kind_are_refused(void) {
    sync_replica *replica = new_replica(1);
    sync_sender *sender = new_sender(replica, replica);
    sync_receiver *receiver = new_receiver();
    sync_sender *no_sender = (sync_sender *)(uintptr_t)replica;
    sync_receiver *no_receiver = (sync_receiver *)(uintptr_t)replica;
    sync_replica *no_replica = (sync_replica *)(uintptr_t)sender;
    sync_buf out = SYNC_BUF_INIT;
#define WRONG(argument, call) \
    CHECK_DETAILS(SYNC_ERR_HANDLE, "{\"argument\":\"" argument "\"}", call)
    WRONG("sender", sync_replica_send(replica, no_sender, &out, &error));
    WRONG("replica", sync_replica_send(no_replica, sender, &out, &error));
    WRONG("receiver", sync_replica_receive(replica, no_receiver, NULL, 0, NULL, NULL, &error));
    WRONG("sender", sync_sender_known(no_sender, replica, &out, &error));
    WRONG("replica", sync_sender_known(sender, no_replica, &out, &error));
    WRONG("sender", sync_sender_skip_received(no_sender, receiver, &error));
    WRONG("receiver", sync_sender_skip_received(sender, no_receiver, &error));
    WRONG("replica", sync_replica_save(no_replica, &out, &error));
    CHECK(sync_replica_free(no_replica) == SYNC_ERR_HANDLE);
    CHECK(sync_sender_free(no_sender) == SYNC_ERR_HANDLE);
    CHECK(sync_receiver_free(no_receiver) == SYNC_ERR_HANDLE);
    CHECK(sync_sender_free(sender) == SYNC_OK && sync_receiver_free(receiver) == SYNC_OK);
    WRONG("sender", sync_replica_send(replica, sender, &out, &error));
    WRONG("receiver", sync_replica_receive(replica, receiver, NULL, 0, NULL, NULL, &error));
#undef WRONG
    CHECK(sync_sender_free(sender) == SYNC_ERR_HANDLE);
    CHECK(sync_receiver_free(receiver) == SYNC_ERR_HANDLE);
    CHECK(sync_sender_free(NULL) == SYNC_OK && sync_receiver_free(NULL) == SYNC_OK);
    CHECK(out.ptr == NULL);
    free_replica(replica);
}

static void null_is_refused(void) {
    sync_replica *replica = new_replica(1);
    sync_sender *sender = new_sender(replica, replica), *made = NULL;
    sync_receiver *receiver = new_receiver();
    sync_buf out = SYNC_BUF_INIT;
#define NONE(argument, call) \
    CHECK_DETAILS(SYNC_ERR_NULL, "{\"argument\":\"" argument "\"}", call)
    NONE("out", sync_sender_new(replica, NULL, 0, NULL, &error));
    NONE("replica", sync_sender_new(NULL, NULL, 0, &made, &error));
    NONE("known", sync_sender_new(replica, NULL, 1, &made, &error));
    NONE("sender", sync_sender_known(NULL, replica, &out, &error));
    NONE("out", sync_sender_known(sender, replica, NULL, &error));
    NONE("sender", sync_sender_skip(NULL, replica, NULL, 0, &error));
    NONE("known", sync_sender_skip(sender, replica, NULL, 1, &error));
    NONE("sender", sync_sender_skip_received(NULL, receiver, &error));
    NONE("receiver", sync_sender_skip_received(sender, NULL, &error));
    NONE("out", sync_receiver_new(NULL, &error));
    NONE("replica", sync_replica_send(NULL, sender, &out, &error));
    NONE("sender", sync_replica_send(replica, NULL, &out, &error));
    NONE("out", sync_replica_send(replica, sender, NULL, &error));
    NONE("replica", sync_replica_receive(NULL, receiver, NULL, 0, NULL, NULL, &error));
    NONE("receiver", sync_replica_receive(replica, NULL, NULL, 0, NULL, NULL, &error));
    NONE("bytes", sync_replica_receive(replica, receiver, NULL, 1, NULL, NULL, &error));
    NONE("out", sync_replica_save_with(replica, NULL, NULL, &error));
    NONE("replica", sync_replica_save_with(NULL, NULL, &out, &error));
    NONE("out", sync_replica_export_with(replica, NULL, 0, NULL, NULL, &error));
    NONE("replica", sync_replica_export_with(NULL, NULL, 0, NULL, &out, &error));
    NONE("since", sync_replica_export_with(replica, NULL, 1, NULL, &out, &error));
#undef NONE
    CHECK(made == NULL && out.ptr == NULL);
    CHECK(sync_sender_free(sender) == SYNC_OK && sync_receiver_free(receiver) == SYNC_OK);
    free_replica(replica);
}

static void what_is_compressed_is_shorter_and_the_same(void) {
    sync_replica *a = new_replica(1), *b = new_replica(2), *loaded = NULL;
    sync_save_options save = SYNC_SAVE_OPTIONS_INIT;
    sync_export_options export = SYNC_EXPORT_OPTIONS_INIT;
    sync_buf plain, same, packed;
    for (int i = 0; i < 50; i++) {
        CHECK_OK(sync_replica_insert_text(a, SYNC_STR("notes"), SYNC_UNIT_UTF8, 0,
                                          SYNC_STR("Ahoy! And again: "), &error));
    }
    CHECK_OK(sync_replica_save(a, &plain, &error));
    CHECK_OK(sync_replica_save_with(a, NULL, &same, &error));
    CHECK(same_bytes(plain, same) && sync_buf_free(&same) == SYNC_OK);
    CHECK_OK(sync_replica_save_with(a, &save, &same, &error));
    CHECK(same_bytes(plain, same) && sync_buf_free(&same) == SYNC_OK);
    save.compressed = 1;
    CHECK_OK(sync_replica_save_with(a, &save, &packed, &error));
    CHECK(2 * packed.len < plain.len);
    CHECK_OK(sync_replica_load(packed.ptr, packed.len, 3, NULL, &loaded, &error));
    check_equal(a, loaded);
    CHECK_OK(sync_replica_save(loaded, &same, &error));
    CHECK(same_bytes(plain, same) && sync_buf_free(&same) == SYNC_OK);
    CHECK(sync_buf_free(&plain) == SYNC_OK && sync_buf_free(&packed) == SYNC_OK);

    plain = export_all(a);
    CHECK_OK(sync_replica_export_with(a, NULL, 0, NULL, &same, &error));
    CHECK(same_bytes(plain, same) && sync_buf_free(&same) == SYNC_OK);
    export.compressed = UINT64_MAX;
    CHECK_OK(sync_replica_export_with(a, NULL, 0, &export, &packed, &error));
    CHECK(2 * packed.len < plain.len);
    CHECK_OK(sync_replica_apply(b, packed.ptr, packed.len, NULL, NULL, &error));
    check_equal(a, b);
    CHECK(sync_buf_free(&plain) == SYNC_OK && sync_buf_free(&packed) == SYNC_OK);

    save.size = 1;
    CHECK_FAILS(SYNC_ERR_STRUCT_SIZE, sync_replica_save_with(a, &save, &packed, &error));
    export.size = 0;
    CHECK_FAILS(SYNC_ERR_STRUCT_SIZE,
                sync_replica_export_with(a, NULL, 0, &export, &packed, &error));
    CHECK(packed.ptr == NULL);
    free_replica(a);
    free_replica(b);
    free_replica(loaded);
}

int main(void) {
    RUN(keystrokes_travel_both_ways);
    RUN(a_sender_knows_what_its_peer_has);
    RUN(a_frame_that_was_lost_breaks_the_stream);
    RUN(damage_changes_nothing);
    RUN(nothing_streams_in_a_transaction);
    RUN(handles_of_another_kind_are_refused);
    RUN(null_is_refused);
    RUN(what_is_compressed_is_shorter_and_the_same);
    return 0;
}
