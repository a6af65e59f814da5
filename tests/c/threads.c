/* Several threads: each on a replica of its own, all on one, and frees while others call. */
#include <pthread.h>

#include "check.h"

enum { THREADS = 4, EDITS = 100 };

/* check.h's error is for one thread; each of these has its own, and the status says enough. */
#define CHECK_QUIET(call) CHECK((call) == SYNC_OK)

static void run_all(void *(*work)(void *), void *const arguments[THREADS]) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, work, arguments[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
}

static void *edit(void *replica) {
    for (int i = 0; i < EDITS; i++) {
        sync_buf json = SYNC_BUF_INIT;
        CHECK_QUIET(sync_replica_insert_text(replica, SYNC_STR("t"), SYNC_UNIT_SCALAR, 0,
                                             SYNC_STR("x"), NULL));
        CHECK_QUIET(sync_replica_set_i64(replica, SYNC_STR("n"), i, NULL));
        CHECK_QUIET(sync_replica_to_json(replica, &json, NULL));
        CHECK(json.len > 0);
        CHECK_QUIET(sync_buf_free(&json));
    }
    return NULL;
}

static size_t text_length(sync_replica *replica) {
    size_t len;
    CHECK_QUIET(sync_replica_text_len(replica, SYNC_STR("t"), SYNC_UNIT_SCALAR, &len, NULL));
    return len;
}

static void each_on_its_own_replica(void) {
    void *replicas[THREADS];
    for (int i = 0; i < THREADS; i++) {
        replicas[i] = new_replica((uint64_t)i);
    }
    run_all(edit, replicas);
    for (int i = 1; i < THREADS; i++) {
        deliver(replicas[i], replicas[0]);
    }
    CHECK(text_length(replicas[0]) == THREADS * EDITS);
    for (int i = 1; i < THREADS; i++) {
        deliver(replicas[0], replicas[i]);
        check_equal(replicas[0], replicas[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        free_replica(replicas[i]);
    }
}

static void all_on_one_replica(void) {
    sync_replica *replica = new_replica(1);
    void *same[THREADS];
    for (int i = 0; i < THREADS; i++) {
        same[i] = replica;
    }
    run_all(edit, same);
    CHECK(text_length(replica) == THREADS * EDITS);
    free_replica(replica);
}

/* A counter loses nothing; a transaction is the replica's, and so open for one thread or for none. */
static void *count_in_transactions(void *replica) {
    for (int i = 0; i < EDITS; i++) {
        sync_status status = sync_replica_begin(replica, NULL);
        CHECK(status == SYNC_OK || status == SYNC_ERR_IN_TRANSACTION);
        CHECK_QUIET(sync_replica_increment(replica, SYNC_STR("n"), 1, NULL));
        if (status == SYNC_OK) {
            CHECK_QUIET(sync_replica_commit(replica, NULL, NULL, NULL, NULL));
        }
    }
    return NULL;
}

static void all_count_in_transactions_of_one_replica(void) {
    sync_replica *replica = new_replica(1);
    void *same[THREADS];
    int64_t count = 0;
    bool open = true;
    for (int i = 0; i < THREADS; i++) {
        same[i] = replica;
    }
    run_all(count_in_transactions, same);
    CHECK_QUIET(sync_replica_count(replica, SYNC_STR("n"), &count, NULL));
    CHECK(count == THREADS * EDITS);
    CHECK_QUIET(sync_replica_in_transaction(replica, &open, NULL));
    CHECK(!open);
    free_replica(replica);
}

/* A stream of its own, from a replica that all edit; what the others edit goes along. */
struct stream {
    sync_replica *from, *to;
    sync_sender *sender;
    sync_receiver *receiver;
};

static void send_all(struct stream *mine) {
    sync_buf frame = SYNC_BUF_INIT;
    CHECK_QUIET(sync_replica_send(mine->from, mine->sender, &frame, NULL));
    if (frame.len > 0) {
        CHECK_QUIET(sync_replica_receive(mine->to, mine->receiver, frame.ptr, frame.len, NULL, NULL,
                                         NULL));
    }
    CHECK_QUIET(sync_buf_free(&frame));
}

static void *edit_and_send(void *argument) {
    struct stream *mine = argument;
    for (int i = 0; i < EDITS; i++) {
        CHECK_QUIET(sync_replica_insert_text(mine->from, SYNC_STR("t"), SYNC_UNIT_SCALAR, 0,
                                             SYNC_STR("x"), NULL));
        send_all(mine);
    }
    return NULL;
}

static void each_on_its_own_stream(void) {
    sync_replica *replica = new_replica(1);
    struct stream streams[THREADS];
    void *arguments[THREADS];
    for (int i = 0; i < THREADS; i++) {
        streams[i].from = replica;
        streams[i].to = new_replica(2 + (uint64_t)i);
        CHECK_OK(sync_sender_new(replica, NULL, 0, &streams[i].sender, &error));
        CHECK_OK(sync_receiver_new(&streams[i].receiver, &error));
        arguments[i] = &streams[i];
    }
    run_all(edit_and_send, arguments);
    CHECK(text_length(replica) == THREADS * EDITS);
    for (int i = 0; i < THREADS; i++) {
        send_all(&streams[i]);
        check_equal(replica, streams[i].to);
        CHECK(sync_sender_free(streams[i].sender) == SYNC_OK);
        CHECK(sync_receiver_free(streams[i].receiver) == SYNC_OK);
        free_replica(streams[i].to);
    }
    free_replica(replica);
}

static void *fail(void *replica) {
    for (int i = 0; i < EDITS; i++) {
        sync_error *mine = NULL;
        CHECK(sync_replica_set_null(replica, SYNC_STR(""), &mine) == SYNC_ERR_ROOT);
        CHECK(sync_error_code(mine) == SYNC_ERR_ROOT && strlen(sync_error_message(mine)) > 0);
        CHECK_QUIET(sync_error_free(mine));
    }
    return NULL;
}

static void errors_belong_to_their_callers(void) {
    sync_replica *replica = new_replica(1);
    void *same[THREADS];
    for (int i = 0; i < THREADS; i++) {
        same[i] = replica;
    }
    run_all(fail, same);
    free_replica(replica);
}

/* Calls that come after the free find a handle that is gone; calls before it do their work. */
struct race {
    sync_replica *replica;
    bool frees;
    bool freed;
};

static void *race(void *argument) {
    struct race *mine = argument;
    for (int i = 0; i < EDITS; i++) {
        if (mine->frees && i == EDITS / 2) {
            mine->freed = sync_replica_free(mine->replica) == SYNC_OK;
        }
        sync_status status = sync_replica_insert_text(mine->replica, SYNC_STR("t"),
                                                      SYNC_UNIT_SCALAR, 0, SYNC_STR("x"), NULL);
        CHECK(status == SYNC_OK || status == SYNC_ERR_HANDLE);
    }
    return NULL;
}

static void one_free_wins(void) {
    for (int round = 0; round < 10; round++) {
        sync_replica *replica = new_replica(1);
        struct race races[THREADS];
        void *arguments[THREADS];
        for (int i = 0; i < THREADS; i++) {
            races[i] = (struct race){.replica = replica, .frees = i < 2, .freed = false};
            arguments[i] = &races[i];
        }
        run_all(race, arguments);
        CHECK(races[0].freed != races[1].freed);
        CHECK(sync_replica_free(replica) == SYNC_ERR_HANDLE);
    }
}

int main(void) {
    RUN(each_on_its_own_replica);
    RUN(all_on_one_replica);
    RUN(all_count_in_transactions_of_one_replica);
    RUN(each_on_its_own_stream);
    RUN(errors_belong_to_their_callers);
    RUN(one_free_wins);
    return 0;
}
