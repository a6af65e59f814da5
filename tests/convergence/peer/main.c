/*
 * A replica in a process of its own, driven line by line over standard input and output, so that
 * programs in other languages can exchange changes with one that is written in C.
 *
 * A request is a word and its arguments, parted by single spaces; text and bytes are in hex, and
 * `-` is the empty string, or nothing. The reply is `ok` and its results in the same form, or `err`,
 * the name of the status, and the message. The first request is `new` or `load`. Numbers are 64
 * bits, in decimal without sign; a value is a word for its type, and itself.
 *
 *   new <document> <replica>                      load <saved> <replica>
 *   set <path> <type> <value>                     create <path> <kind>
 *   remove <path>                                 remove_wins <path>
 *   insert <path> <unit> <position> <text>        delete <path> <unit> <position> <length>
 *   insert_items <path> <index> (<type> <value>)* delete_items <path> <index> <count>
 *   move_item <path> <index> <to>                 increment <path> <delta>
 *   add <path> <type> <value>                     discard <path> <type> <value>
 *   begin                                         commit <message> <origin> <time>
 *   abort                                         set_time <time>
 *   text|keys|items|elements|conflicts|nodes|clock|len|count <path>
 *   contains <path> <type> <value>                change <replica> <counter>
 *   json                                          memory
 *   save                                          version
 *   export <since>                                apply <frame>
 *   missing                                       join <replica>
 *   leave                                         acknowledge
 *   acknowledged <frame>                          prune
 *   connect <version>                             send
 *   receive <frame>                               members
 *   evict <replica>                               next_evicted
 *   departed                                      pruning
 *   redact <path>                                 rescue <snapshot> <replica>
 *   reseed <replica>
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

static handler find_handler(const char *name, int arguments)
{
    const entry *files[] = {EDITS, READS, EXCHANGES, STREAMS, MEMBERS};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (const entry *each = files[i]; each->name != NULL; each++) {
            if (strcmp(name, each->name) == 0) {
                bool fits = each->arguments < 0 || each->arguments == arguments;
                return fits ? each->handle : NULL;
            }
        }
    }
    return NULL;
}

/* What is alive from one request to the next. */
typedef struct objects {
    sync_replica *replica;
    sync_sender *sender;
    sync_receiver *receiver;
} objects;

static void serve(char *line, objects *live)
{
    sync_error *error = NULL;
    request r = {&live->replica, &live->sender, &live->receiver, &error, 0, {NULL}, {NULL}};
    const char *name = strtok(line, " \n");
    char *argument;
    while ((argument = strtok(NULL, " \n")) != NULL && r.count < MAX_ARGUMENTS) {
        r.arguments[r.count++] = argument;
    }
    handler handle = name != NULL && argument == NULL ? find_handler(name, r.count) : NULL;
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
    objects live = {NULL, NULL, NULL};
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        serve(line, &live);
    }
    free(line);
    bool freed = sync_replica_free(live.replica) == SYNC_OK;
    freed &= sync_sender_free(live.sender) == SYNC_OK;
    freed &= sync_receiver_free(live.receiver) == SYNC_OK;
    return freed ? 0 : 1;
}
