/*
 * libsync: documents that are edited offline and in many places, and converge.
 *
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The rules that all calls keep; docs/c-abi.md has them in full.
 *
 * - Every call that can fail returns a sync_status. After anything but SYNC_OK nothing has changed,
 *   and no output was written.
 * - The last argument, sync_error **error, may be NULL. Otherwise, after a failure, *error is an
 *   error object that the caller owns and frees with sync_error_free. It is overwritten, not freed:
 *   free the last one before the next call.
 * - Inputs are a pointer and a length in bytes, borrowed for the call; (NULL, 0) is legal. Text is
 *   UTF-8 and needs no terminating NUL. SYNC_STR("...") gives both arguments for a literal.
 * - Outputs are owned by the caller: a sync_buf is freed with sync_buf_free, a sync_value with
 *   sync_value_free, a handle with the _free of its kind. Freeing NULL is a no-op.
 * - A path is a JSON Pointer ("/user/profile/bio") or dotted ("user.profile.bio"); the empty path is
 *   the root map. Items of a list are named by their index ("/todos/0"), and "-" is the place behind
 *   the last one, where something is written.
 * - Handles are tokens: one that was freed, is of another kind or was never handed out gives
 *   SYNC_ERR_HANDLE. Any thread may use any handle; calls on one handle wait for each other.
 * - Some statuses can come from many calls, and are named below only where there is more to say:
 *   from every call SYNC_ERR_NULL, SYNC_ERR_HANDLE, SYNC_ERR_ARGUMENT and SYNC_ERR_PANIC; from calls
 *   with a path SYNC_ERR_UTF8, SYNC_ERR_PATH, and, by what is on the way, SYNC_ERR_WRONG_KIND,
 *   SYNC_ERR_NOT_AN_INDEX and SYNC_ERR_INDEX_OUT_OF_BOUNDS; from edits SYNC_ERR_ROOT,
 *   SYNC_ERR_TOO_DEEP, SYNC_ERR_TOO_LONG, SYNC_ERR_LEFT, SYNC_ERR_EVICTED, SYNC_ERR_WRITTEN_ELSEWHERE
 *   and SYNC_ERR_TOO_MANY_OPERATIONS.
 */


#ifndef SYNC_H
#define SYNC_H

/* Generated from the crate in ffi/ by `make header`: edit there, not here. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The pointer and the length of a string literal, as two arguments.
#define SYNC_STR(literal) ("" literal), (sizeof(literal) - 1)

// Initialisers, as in: sync_options options = SYNC_OPTIONS_INIT;
#define SYNC_BUF_INIT { NULL, 0, 0 }
#define SYNC_VALUE_INIT { SYNC_VALUE_NONE, false, 0, 0.0, SYNC_BUF_INIT }
#define SYNC_OPTIONS_INIT { sizeof(sync_options), 0, 0, 0, 0, 0, 0, 0 }
#define SYNC_SAVE_OPTIONS_INIT { sizeof(sync_save_options), 0, 0 }
#define SYNC_EXPORT_OPTIONS_INIT { sizeof(sync_export_options), 0 }
#define SYNC_COMMIT_INIT { sizeof(sync_commit), NULL, NULL, 0, NULL, 0 }
#define SYNC_APPLIED_INIT { sizeof(sync_applied), 0, 0, 0, 0 }
#define SYNC_MEMORY_INIT { sizeof(sync_memory), 0, 0, 0, 0, 0, 0, 0 }
#define SYNC_PRUNE_REPORT_INIT { sizeof(sync_prune_report), 0, 0, 0, 0, 0, 0, 0, 0 }
#define SYNC_PRUNE_POLICY_INIT { sizeof(sync_prune_policy), 0.0, 0, 0 }
#define SYNC_RESCUE_OPTIONS_INIT { sizeof(sync_rescue_options), NULL }
#define SYNC_RESCUE_REPORT_INIT { sizeof(sync_rescue_report), 0, 0, 0, 0, 0, 0 }

// Initialisers of values to hand in, as in: sync_value value = SYNC_VALUE_INIT_INT(5); what a string
// or bytes point to must live as long as they: SYNC_VALUE_INIT_STRING(SYNC_STR("Ada")), or with a
// pointer and a length in bytes.
#define SYNC_VALUE_INIT_NULL { SYNC_VALUE_NULL, false, 0, 0.0, SYNC_BUF_INIT }
#define SYNC_VALUE_INIT_BOOL(boolean) { SYNC_VALUE_BOOL, (boolean), 0, 0.0, SYNC_BUF_INIT }
#define SYNC_VALUE_INIT_INT(integer) { SYNC_VALUE_INT, false, (integer), 0.0, SYNC_BUF_INIT }
#define SYNC_VALUE_INIT_FLOAT(number) { SYNC_VALUE_FLOAT, false, 0, (number), SYNC_BUF_INIT }
#define SYNC_VALUE_INIT_STRING(...) \
    { SYNC_VALUE_STRING, false, 0, 0.0, { (uint8_t *)__VA_ARGS__, 0 } }
#define SYNC_VALUE_INIT_BYTES(...) \
    { SYNC_VALUE_BYTES, false, 0, 0.0, { (uint8_t *)__VA_ARGS__, 0 } }
#define SYNC_VALUE_INIT_TIMESTAMP(microseconds) \
    { SYNC_VALUE_TIMESTAMP, false, (microseconds), 0.0, SYNC_BUF_INIT }
// An empty container, by a kind such as SYNC_VALUE_MAP.
#define SYNC_VALUE_INIT_CONTAINER(kind) { (kind), false, 0, 0.0, SYNC_BUF_INIT }

/// The version of this interface that the header describes.
///
/// It is raised when a program built against an older header would no longer work.
#define SYNC_ABI_VERSION 1

/// How a call ended. The numbers are stable: none is ever reused or renumbered, and new ones may
/// be added, so keep a default branch.
///
/// After every status but SYNC_OK nothing has changed, neither in the replica nor in the outputs;
/// SYNC_ERR_PANIC is the exception, as it says.
typedef enum sync_status {
  /// It did what it is for.
  SYNC_OK = 0,
  /// A pointer that must not be NULL is. (A NULL input is legal where its length is 0.)
  SYNC_ERR_NULL = 1,
  /// A handle that was freed, is of another kind, or was never handed out by this library.
  SYNC_ERR_HANDLE = 2,
  /// An argument that no call could take: an unlisted enum value, a length beyond the address
  /// space, a misaligned pointer, a buffer that is not one of this library.
  SYNC_ERR_ARGUMENT = 3,
  /// The size that a struct starts with can't be right (use its INIT macro), or the struct asks
  /// for something that only a later library knows.
  SYNC_ERR_STRUCT_SIZE = 4,
  /// A path or a text that is not UTF-8.
  SYNC_ERR_UTF8 = 5,
  /// A defect of this library, caught. The replica may be damaged, and so may the end of a stream
  /// that it worked with: from now on their handles answer every call with this status; free them,
  /// and load the document from what was saved.
  SYNC_ERR_PANIC = 6,
  /// The operating system has no randomness to give.
  SYNC_ERR_RANDOM = 7,
  /// No handle is left: more objects than this platform's pointers can tell apart.
  SYNC_ERR_EXHAUSTED = 8,
  /// Something that this list has no status for yet; the message says what.
  SYNC_ERR_OTHER = 9,
  /// A path that can't be read.
  SYNC_ERR_PATH = 20,
  /// Nothing is at the path.
  SYNC_ERR_NOT_FOUND = 21,
  /// Something else is at the path than the call is for.
  SYNC_ERR_WRONG_KIND = 22,
  /// The root map can't be set or removed.
  SYNC_ERR_ROOT = 23,
  /// A position or a range beyond the end of the text.
  SYNC_ERR_OUT_OF_BOUNDS = 24,
  /// A position within a character.
  SYNC_ERR_SPLITS_CHARACTER = 25,
  /// A path with more keys and indices than a document may be deep.
  SYNC_ERR_TOO_DEEP = 26,
  /// This replica has left the document, and can't write any more.
  SYNC_ERR_LEFT = 27,
  /// Others know changes of this replica that it does not know: it was restored from a backup, or
  /// another host writes under its id. See sync_replica_rescue.
  SYNC_ERR_WRITTEN_ELSEWHERE = 28,
  /// More operations than can be counted.
  SYNC_ERR_TOO_MANY_OPERATIONS = 29,
  /// A path that goes into a list by something else than an index.
  SYNC_ERR_NOT_AN_INDEX = 30,
  /// An index or a range beyond the end of a list.
  SYNC_ERR_INDEX_OUT_OF_BOUNDS = 31,
  /// A counter or set that only grows would lose what it holds, by itself or with what it is in.
  SYNC_ERR_GROW_ONLY = 32,
  /// A counter would leave the range of 64-bit integers.
  SYNC_ERR_OVERFLOW = 33,
  /// A key or a value longer than the options of this replica allow.
  SYNC_ERR_TOO_LONG = 34,
  /// A transaction is open on this replica: commit it or abort it first.
  SYNC_ERR_IN_TRANSACTION = 35,
  /// No transaction is open on this replica.
  SYNC_ERR_NO_TRANSACTION = 36,
  /// This replica was evicted from the document, or is about to be, and can't write any more.
  SYNC_ERR_EVICTED = 37,
  /// A replica that can't be evicted: this one itself, one that is no member, or one that has left or
  /// was evicted before.
  SYNC_ERR_NOT_EVICTABLE = 38,
  /// Bytes that are not a frame, are damaged, cut short, of another kind than the call takes,
  /// or of a later format.
  SYNC_ERR_DECODE = 40,
  /// Bytes of another document.
  SYNC_ERR_OTHER_DOCUMENT = 41,
  /// Bytes of this document from before or after it was seeded anew.
  SYNC_ERR_OTHER_EPOCH = 42,
  /// A document that can't be seeded anew once more.
  SYNC_ERR_LAST_EPOCH = 43,
  /// Two different changes bear one identity: two hosts write under one replica id, or one went
  /// back to a backup. Or an id that has to be new, and is not.
  SYNC_ERR_REPLICA_ID_REUSED = 60,
  /// A replica was away for too long: what it names, or asks for, has been pruned. See
  /// sync_replica_rescue.
  SYNC_ERR_BELOW_PRUNE_FLOOR = 61,
  /// A change that contradicts the document.
  SYNC_ERR_INVALID_CHANGE = 62,
  /// A change whose author had left the document before.
  SYNC_ERR_AUTHOR_LEFT = 63,
  /// Too many changes wait for what is missing.
  SYNC_ERR_INBOX_FULL = 64,
  /// Acknowledgements of too many replicas wait for changes that are missing.
  SYNC_ERR_TOO_MANY_HELD = 65,
  /// A frame that does not follow what a stream brought before: one was lost, repeated or overtaken,
  /// or it was damaged, or is of another document.
  SYNC_ERR_STREAM_BROKEN = 66,
  /// A change whose author was evicted, and that is not among what counts of its changes.
  SYNC_ERR_AUTHOR_EVICTED = 67,
  /// A change that was made on what does not count of an evicted replica.
  SYNC_ERR_NAMES_EVICTED = 68,
  /// A replica that has to be made a member before it is handed changes, and that this one can't make
  /// one, as it may not write (any more).
  SYNC_ERR_CANNOT_SPONSOR = 69,
  /// Changes that a replica never had, as it was loaded from a shallow snapshot.
  SYNC_ERR_SHALLOW = 70,
  /// A version, or an acknowledgement, that leaves out departed replicas that are not known here.
  SYNC_ERR_UNKNOWN_DEPARTURES = 71,
  /// A replica that is no member in the snapshot on which it is to go on.
  SYNC_ERR_NOT_A_MEMBER = 80,
  /// A snapshot that lacks what the replica that is to be rescued does not hold as changes (any more).
  SYNC_ERR_SNAPSHOT_BEHIND = 81,
  /// Of a replica that went back to a backup, the snapshot does not tell what it has written since.
  SYNC_ERR_UNDECIDED = 82,
} sync_status;

/// What a sync_value is.
typedef enum sync_value_kind {
  /// Nothing is there.
  SYNC_VALUE_NONE = 0,
  /// A value: deliberately nothing.
  SYNC_VALUE_NULL = 1,
  /// A value: see the field boolean.
  SYNC_VALUE_BOOL = 2,
  /// A value: see the field integer.
  SYNC_VALUE_INT = 3,
  /// A value: see the field number.
  SYNC_VALUE_FLOAT = 4,
  /// A value: see the field bytes, which is UTF-8.
  SYNC_VALUE_STRING = 5,
  /// A value: see the field bytes.
  SYNC_VALUE_BYTES = 6,
  /// A map: read it through its keys.
  SYNC_VALUE_MAP = 7,
  /// A text: read it with sync_replica_text.
  SYNC_VALUE_TEXT = 8,
  /// A value: see the field integer, microseconds since 1970-01-01T00:00:00Z, negative before.
  SYNC_VALUE_TIMESTAMP = 9,
  /// A list: read it through its indices, or with sync_replica_items.
  SYNC_VALUE_LIST = 10,
  /// A counter: read it with sync_replica_count.
  SYNC_VALUE_COUNTER = 11,
  /// A counter that only grows: read it with sync_replica_count.
  SYNC_VALUE_GROW_ONLY_COUNTER = 12,
  /// A set: read it with sync_replica_elements.
  SYNC_VALUE_SET = 13,
  /// A set that only grows: read it with sync_replica_elements.
  SYNC_VALUE_GROW_ONLY_SET = 14,
} sync_value_kind;

/// The kinds of containers.
typedef enum sync_kind {
  /// Keys, with a value or a container each.
  SYNC_KIND_MAP = 1,
  /// A sequence of characters, edited one by one.
  SYNC_KIND_TEXT = 2,
  /// A sequence of items, a value or a container each, that can be moved.
  SYNC_KIND_LIST = 3,
  /// A whole number that replicas add to and subtract from.
  SYNC_KIND_COUNTER = 4,
  /// A counter that is only added to, and never removed.
  SYNC_KIND_GROW_ONLY_COUNTER = 5,
  /// Values that are added and discarded; of both at once, adding wins.
  SYNC_KIND_SET = 6,
  /// A set that is only added to, and never removed.
  SYNC_KIND_GROW_ONLY_SET = 7,
} sync_kind;

/// The unit in which positions and lengths in a text are counted.
typedef enum sync_unit {
  /// Unicode scalar values.
  SYNC_UNIT_SCALAR = 1,
  /// UTF-8 bytes.
  SYNC_UNIT_UTF8 = 2,
  /// UTF-16 code units.
  SYNC_UNIT_UTF16 = 3,
} sync_unit;

/// How one version stands to another.
typedef enum sync_causality {
  /// They have the same operations.
  SYNC_CAUSALITY_EQUAL = 1,
  /// The first has some of the operations of the second, and no others.
  SYNC_CAUSALITY_BEFORE = 2,
  /// The first has all operations of the second, and more.
  SYNC_CAUSALITY_AFTER = 3,
  /// Each has operations that the other has not.
  SYNC_CAUSALITY_CONCURRENT = 4,
} sync_causality;

/// Whether an acknowledgement counts yet.
typedef enum sync_acknowledged {
  /// It counts.
  SYNC_ACKNOWLEDGED_TAKEN = 1,
  /// It counts as soon as the changes that it acknowledges have arrived here too.
  SYNC_ACKNOWLEDGED_HELD = 2,
  /// It, or a later one of the same member, is known.
  SYNC_ACKNOWLEDGED_STALE = 3,
  /// It says what has changed since one that did not arrive here. What is known of the member stays,
  /// until a whole one arrives: the next ones are, in time, or the host asks for one
  /// (sync_replica_acknowledge_whole).
  SYNC_ACKNOWLEDGED_INCOMPLETE = 4,
} sync_acknowledged;

/// What went wrong in a call: its status, a message for people, and details for programs.
///
/// Owned by the caller, who frees it with sync_error_free. An error never changes.
typedef struct sync_error sync_error;

/// The end of a stream at which changes arrive: see sync_sender. What it remembers is bounded,
/// whatever is sent.
///
/// A handle is a token, not an address. Freed with sync_receiver_free.
typedef struct sync_receiver sync_receiver;

/// One replica of a document: its whole state, and the changes that others may still need.
///
/// A handle is a token, not an address: never follow it. Any thread may use it; calls on one
/// handle wait for each other. Freed with sync_replica_free.
typedef struct sync_replica sync_replica;

/// The end of a stream from which changes are sent, over a connection that loses nothing and keeps
/// the order: for each peer and each connection one here, and one sync_receiver there; and a pair of
/// them for each direction. docs/streams.md says when a stream is the thing to use.
///
/// A handle is a token, not an address. Freed with sync_sender_free.
typedef struct sync_sender sync_sender;

/// Bytes that a call handed out: the caller owns them, and frees them with sync_buf_free.
///
/// A NUL follows the last byte, not counted in len, so that text and JSON can be used as a C
/// string (text may hold NULs of its own: len is what counts). ptr is never NULL after a
/// call that succeeded, even if len is 0.
typedef struct sync_buf {
  /// The bytes; NULL in a freed buffer.
  uint8_t *ptr;
  /// How many bytes there are.
  size_t len;
  /// How many bytes are allocated. Not to be changed.
  size_t cap;
} sync_buf;

/// What a place in a document shows, or a caller puts there.
///
/// The kind says which field counts; of an output, the others are 0. An output belongs to the
/// caller, who frees it with sync_value_free. An input is the caller's, all of it: its bytes are
/// ptr and len (cap does not count), borrowed for the call and copied; it may be an output of an
/// earlier call, or be made by one of the macros SYNC_VALUE_INIT_*, and is then not to be freed.
/// The layout is final: kinds to come use the fields that there are.
typedef struct sync_value {
  /// What it is.
  enum sync_value_kind kind;
  /// Of a SYNC_VALUE_BOOL.
  bool boolean;
  /// Of a SYNC_VALUE_INT or a SYNC_VALUE_TIMESTAMP.
  int64_t integer;
  /// Of a SYNC_VALUE_FLOAT.
  double number;
  /// Of a SYNC_VALUE_STRING or a SYNC_VALUE_BYTES: in an output, owned by this value.
  struct sync_buf bytes;
} sync_value;

/// The identity of a document: 128 random bits, drawn once, when the document is born.
typedef struct sync_document_id {
  /// The bits, as they travel.
  uint8_t bytes[16];
} sync_document_id;

/// How a replica is to behave. Initialise it with SYNC_OPTIONS_INIT, then set fields.
typedef struct sync_options {
  /// The bytes of this struct.
  size_t size;
  /// How many changes the inbox may hold that wait for others; 0 for the default, 100,000.
  uint64_t max_inbox_changes;
  /// How many bytes these may have; 0 for the default, 64 MiB.
  uint64_t max_inbox_bytes;
  /// How many bytes a frame may have that is applied or loaded; 0 for the default, 1 GiB.
  uint64_t max_frame_bytes;
  /// How many keys and indices deep this replica may write; 0 for the default, which is also the
  /// most, 128. What others write up to that is always taken.
  uint64_t max_depth;
  /// How many bytes a key may have that this replica writes; 0 for the default, 64 KiB.
  uint64_t max_key_bytes;
  /// How many bytes a string or byte value may have that this replica writes; 0 for the default,
  /// 64 MiB.
  uint64_t max_value_bytes;
  /// 0 to prune by itself, a bounded part in each call that applies an acknowledgement; any other
  /// number to prune when the host calls sync_replica_prune or sync_replica_prune_if.
  uint64_t manual_pruning;
} sync_options;

/// How a document is saved. Initialise it with SYNC_SAVE_OPTIONS_INIT, then set fields.
typedef struct sync_save_options {
  /// The bytes of this struct.
  size_t size;
  /// 0 for what is quick to save and to load; any other number for as few bytes as can be, which
  /// takes longer.
  uint64_t compressed;
  /// 0 for all of the document; any other number for its state alone: no changes, nothing that
  /// waits, and nothing that others have acknowledged. A replica that is loaded from that takes
  /// whatever others send, and can send what it is sent; what was before, it can't
  /// (SYNC_ERR_SHALLOW).
  uint64_t shallow;
} sync_save_options;

/// What goes with a change beside its edits, for people and for history. Initialise it with
/// SYNC_COMMIT_INIT, then set fields; what they point to is borrowed for the call, and copied.
typedef struct sync_commit {
  /// The bytes of this struct.
  size_t size;
  /// The wall-clock time, in microseconds since 1970-01-01T00:00:00Z, as the host's clock has it;
  /// NULL for that of sync_replica_set_time, if any.
  const int64_t *time;
  /// What was done, for people, as UTF-8; NULL for none.
  const char *message;
  /// The bytes of the message.
  size_t message_len;
  /// What made it, as UTF-8: a device, a program, a part of one; NULL for none.
  const char *origin;
  /// The bytes of the origin.
  size_t origin_len;
} sync_commit;

/// The identity of an operation, and of the change that it is the first of.
typedef struct sync_operation_id {
  /// The replica that wrote it.
  uint64_t replica;
  /// How many operations the same replica had written before.
  uint64_t counter;
} sync_operation_id;

/// What a replica holds in memory: counted, without the allocator's own overhead. Initialise it
/// with SYNC_MEMORY_INIT.
typedef struct sync_memory {
  /// The bytes of this struct.
  size_t size;
  /// Bytes of the document as it stands, tombstones included.
  uint64_t state_bytes;
  /// Bytes of the retained changes.
  uint64_t log_bytes;
  /// Bytes of changes that wait for others.
  uint64_t inbox_bytes;
  /// Nodes (characters of texts, items of lists), tombstones included.
  uint64_t nodes;
  /// Nodes that are tombstones.
  uint64_t tombstones;
  /// Spans (runs of nodes).
  uint64_t spans;
  /// Retained changes.
  uint64_t changes;
} sync_memory;

/// How changes are exported. Initialise it with SYNC_EXPORT_OPTIONS_INIT, then set fields.
typedef struct sync_export_options {
  /// The bytes of this struct.
  size_t size;
  /// 0 for what is quick to make; any other number for a long history over a thin line. A few
  /// changes do not get shorter by it.
  uint64_t compressed;
} sync_export_options;

/// What sync_replica_apply did. Initialise it with SYNC_APPLIED_INIT.
typedef struct sync_applied {
  /// The bytes of this struct.
  size_t size;
  /// Changes that are now part of the document, those that had waited for them included.
  uint64_t changes;
  /// Changes that were known already.
  uint64_t duplicates;
  /// All changes in the inbox after the call, which wait for what they depend on: see
  /// sync_replica_missing.
  uint64_t held;
  /// Changes that had waited, and turned out to be invalid once they could be checked.
  uint64_t refused;
} sync_applied;

/// What was reclaimed since the last report, and what is held back. Initialise it with SYNC_PRUNE_REPORT_INIT.
typedef struct sync_prune_report {
  /// The bytes of this struct.
  size_t size;
  /// Nodes (characters of texts, items of lists) that are gone, all of them tombstones.
  uint64_t nodes;
  /// Spans (runs of nodes) fewer than before.
  uint64_t spans;
  /// Changes that are gone from the log.
  uint64_t changes;
  /// Bytes of memory that the document takes less, as sync_memory counts them; an estimate of what
  /// was reclaimed in bounded parts.
  uint64_t bytes;
  /// Members that hold back pruning; 0 when all that is known here is pruned.
  uint64_t held_back_by;
  /// Operations that are kept for nothing but to undo or redo what was done before them.
  uint64_t held_back_by_undo;
  /// Redactions that are not carried out yet: see sync_replica_redact.
  uint64_t redactions_pending;
  /// Operations that can be pruned and are left for the calls that follow; 0 after
  /// sync_replica_prune.
  uint64_t backlog;
} sync_prune_report;

/// When sync_replica_prune_if prunes, and how much in one call. Initialise it with
/// SYNC_PRUNE_POLICY_INIT, then set fields.
typedef struct sync_prune_policy {
  /// The bytes of this struct.
  size_t size;
  /// How many of the nodes of texts and lists have to be tombstones, as a share: from 0, the
  /// default, to 1.
  double least_tombstones;
  /// How many operations there have to be that can be pruned; 0 for the default, 1.
  uint64_t least_operations;
  /// How many spans are touched at the most, about: what is left is for the next call. 0 for the
  /// default, 4096, which takes some milliseconds.
  uint64_t most_work;
} sync_prune_policy;

/// How edits are rescued. Initialise it with SYNC_RESCUE_OPTIONS_INIT, then set fields.
typedef struct sync_rescue_options {
  /// The bytes of this struct.
  size_t size;
  /// NULL to rescue what the snapshot lacks. For a replica that was restored from a backup: how many
  /// operations of its own it had in that, to rescue all that it has written since, whatever the
  /// snapshot counts of it. Borrowed for the call.
  const uint64_t *written_since;
} sync_rescue_options;

/// What became of the edits that were rescued. Initialise it with SYNC_RESCUE_REPORT_INIT.
typedef struct sync_rescue_report {
  /// The bytes of this struct.
  size_t size;
  /// Edits, all together. What was typed in one go is one edit.
  uint64_t edits;
  /// How many are as they were meant.
  uint64_t applied;
  /// How many are beside the place where they were meant.
  uint64_t moved;
  /// How many are not in the document, and are in the details to be shown and made again.
  uint64_t offered;
  /// Replicas of which the snapshot lacks what the old replica had.
  uint64_t unknown;
  /// Replicas that the old one made members, and that the snapshot does not know: they have to be
  /// rescued, too.
  uint64_t sponsored;
} sync_rescue_report;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// The version of the interface that the loaded library has.
///
/// Compare it with SYNC_ABI_VERSION before any other call: where they differ, the library is not
/// the one that the program was built for.
uint32_t sync_abi_version(void);

/// The version of the loaded library, such as "0.1.0".
///
/// Static: not to be freed. Never NULL.
const char *sync_version(void);

/// The name of a status, such as "SYNC_ERR_PATH", for logs.
///
/// Static: not to be freed. Never NULL: for a number that is no status of this library it is
/// "SYNC_ERR_OTHER".
const char *sync_status_name(enum sync_status status);

/// The status that the call returned along with this error.
///
/// SYNC_OK for NULL, SYNC_ERR_HANDLE for what is not an error (any more).
enum sync_status sync_error_code(const struct sync_error *error);

/// What was wrong, where, and what to do: English, UTF-8, NUL-terminated, never NULL.
///
/// Borrowed: good until the error is freed. "" for NULL, and a text that says so for what is not
/// an error (any more). Its wording is for people and may change.
const char *sync_error_message(const struct sync_error *error);

/// The facts of the error as a JSON object, for programs; NUL-terminated, never NULL.
///
/// Which fields there are depends on the status: see "Error details" in docs/c-abi.md. "{}" when
/// there are none, for NULL, and for what is not an error (any more). Borrowed: good until the
/// error is freed.
const char *sync_error_details(const struct sync_error *error);

/// Frees an error; its message and details go with it. NULL is a no-op.
///
/// SYNC_ERR_HANDLE if it was freed before, or is none.
enum sync_status sync_error_free(struct sync_error *error);

/// Frees what the buffer owns, and sets all its fields to 0: freeing it again is a no-op, and so
/// is a NULL buffer or one that is all 0.
///
/// A copy of the struct owns the same bytes: free only one of the two. SYNC_ERR_ARGUMENT, and
/// nothing is freed, if the fields can't be those of a buffer of this library.
enum sync_status sync_buf_free(struct sync_buf *buf);

/// Frees what the value owns, and makes it SYNC_VALUE_NONE: freeing it again is a no-op, and so
/// is NULL.
///
/// SYNC_ERR_ARGUMENT, and nothing is freed, if its bytes can't be a buffer of this library.
enum sync_status sync_value_free(struct sync_value *value);

/// Draws an identity for a new document from the operating system's randomness.
///
/// SYNC_ERR_RANDOM if it has none to give.
enum sync_status sync_random_document_id(struct sync_document_id *out, struct sync_error **error);

/// Draws an identity for a new replica from the operating system's randomness.
///
/// SYNC_ERR_RANDOM if it has none to give.
enum sync_status sync_random_replica_id(uint64_t *out, struct sync_error **error);

/// The replica id that belongs to a name (UTF-8, name_len bytes), the same on every platform:
/// for hosts whose replicas have unique names already.
///
/// SYNC_ERR_UTF8 if the name is not UTF-8.
enum sync_status sync_replica_id_from_name(const char *name,
                                           size_t name_len,
                                           uint64_t *out,
                                           struct sync_error **error);

/// A replica of a document that is empty so far.
///
/// replica_id must be unique among all replicas of this document that ever write: see
/// sync_random_replica_id. options may be NULL. On success *out is a handle that the caller owns
/// and frees with sync_replica_free.
///
/// SYNC_ERR_STRUCT_SIZE for options that were not initialised.
enum sync_status sync_replica_new(const struct sync_document_id *document,
                                  uint64_t replica_id,
                                  const struct sync_options *options,
                                  struct sync_replica **out,
                                  struct sync_error **error);

/// Loads a document that sync_replica_save wrote (len bytes, borrowed for the call), to be edited
/// as replica_id.
///
/// Give the same replica id only to the host that saved it, and only if it has not written since;
/// every other host needs one of its own. options may be NULL. On success *out is a handle that
/// the caller owns and frees with sync_replica_free.
///
/// SYNC_ERR_DECODE for bytes that are not such a document, or more than the options allow;
/// SYNC_ERR_STRUCT_SIZE for options that were not initialised.
enum sync_status sync_replica_load(const uint8_t *bytes,
                                   size_t len,
                                   uint64_t replica_id,
                                   const struct sync_options *options,
                                   struct sync_replica **out,
                                   struct sync_error **error);

/// The whole document as bytes, with the changes that others may still need: what
/// sync_replica_load takes, and what a replica is started from that joins or was away for too
/// long. Without what an open transaction has edited. On success the caller owns *out.
enum sync_status sync_replica_save(const struct sync_replica *replica,
                                   struct sync_buf *out,
                                   struct sync_error **error);

/// What sync_replica_save gives, in the form that the options say, which may be NULL;
/// sync_replica_load takes every form. On success the caller owns *out.
///
/// SYNC_ERR_STRUCT_SIZE for options that were not initialised.
enum sync_status sync_replica_save_with(const struct sync_replica *replica,
                                        const struct sync_save_options *options,
                                        struct sync_buf *out,
                                        struct sync_error **error);

/// Frees a replica, once calls that are at work on it have returned; what an open transaction has
/// edited is lost. NULL is a no-op.
///
/// SYNC_ERR_HANDLE if it was freed before, or is none. A handle that SYNC_ERR_PANIC barred is
/// freed like any other.
enum sync_status sync_replica_free(struct sync_replica *replica);

/// The replica id under which this replica writes.
enum sync_status sync_replica_id(const struct sync_replica *replica,
                                 uint64_t *out,
                                 struct sync_error **error);

/// The identity of the document that this is a replica of.
enum sync_status sync_replica_document(const struct sync_replica *replica,
                                       struct sync_document_id *out,
                                       struct sync_error **error);

/// Sets the key, or the item of a list, at the path to null; `-` in place of an item's index
/// appends one. What is missing on the way is created as maps; a container that is there is
/// replaced, and what it holds with it. Concurrent assignments all stay readable: see
/// sync_replica_conflicts.
///
/// SYNC_ERR_ROOT for the empty path, SYNC_ERR_GROW_ONLY if a counter or set that only grows would
/// lose what it holds, SYNC_ERR_TOO_LONG for a key or a value that the options do not allow.
enum sync_status sync_replica_set_null(struct sync_replica *replica,
                                       const char *path,
                                       size_t path_len,
                                       struct sync_error **error);

/// Sets the place at the path to true or false. As sync_replica_set_null in all else.
enum sync_status sync_replica_set_bool(struct sync_replica *replica,
                                       const char *path,
                                       size_t path_len,
                                       bool value,
                                       struct sync_error **error);

/// Sets the place at the path to a whole number. As sync_replica_set_null in all else.
enum sync_status sync_replica_set_i64(struct sync_replica *replica,
                                      const char *path,
                                      size_t path_len,
                                      int64_t value,
                                      struct sync_error **error);

/// Sets the place at the path to a floating-point number. As sync_replica_set_null in all else.
enum sync_status sync_replica_set_f64(struct sync_replica *replica,
                                      const char *path,
                                      size_t path_len,
                                      double value,
                                      struct sync_error **error);

/// Sets the place at the path to a string (UTF-8, value_len bytes, copied), which is replaced as a
/// whole; a text is edited character by character instead: see sync_replica_insert_text.
///
/// SYNC_ERR_UTF8 if the value is not UTF-8. As sync_replica_set_null in all else.
enum sync_status sync_replica_set_string(struct sync_replica *replica,
                                         const char *path,
                                         size_t path_len,
                                         const char *value,
                                         size_t value_len,
                                         struct sync_error **error);

/// Sets the place at the path to bytes (value_len of them, copied), which are replaced as a whole.
/// As sync_replica_set_null in all else.
enum sync_status sync_replica_set_bytes(struct sync_replica *replica,
                                        const char *path,
                                        size_t path_len,
                                        const uint8_t *value,
                                        size_t value_len,
                                        struct sync_error **error);

/// Sets the place at the path to a moment: microseconds since 1970-01-01T00:00:00Z, negative before.
/// As sync_replica_set_null in all else.
enum sync_status sync_replica_set_timestamp(struct sync_replica *replica,
                                            const char *path,
                                            size_t path_len,
                                            int64_t microseconds,
                                            struct sync_error **error);

/// Creates an empty container at the path; nothing happens if one of this kind is there, and
/// anything else there is replaced. Replicas that create the same container at the same time
/// share it. As sync_replica_set_null in all else.
///
/// SYNC_ERR_ARGUMENT for a kind that is not listed.
enum sync_status sync_replica_create(struct sync_replica *replica,
                                     const char *path,
                                     size_t path_len,
                                     enum sync_kind kind,
                                     struct sync_error **error);

/// Removes what is at the path, as this replica sees it: an assignment or an edit that another
/// replica makes at the same time survives. An item of a list is deleted.
///
/// removed may be NULL; otherwise *removed becomes false if nothing was there, which is no error.
///
/// SYNC_ERR_ROOT for the empty path, SYNC_ERR_GROW_ONLY if a counter or set that only grows would
/// lose what it holds.
enum sync_status sync_replica_remove(struct sync_replica *replica,
                                     const char *path,
                                     size_t path_len,
                                     bool *removed,
                                     struct sync_error **error);

/// Removes the key of a map at the path so that it beats what other replicas assign there, or edit
/// inside, at the same time: nothing is shown, until someone who has seen the removal sets it
/// again. As sync_replica_remove in all else.
///
/// SYNC_ERR_WRONG_KIND for an item of a list.
enum sync_status sync_replica_remove_wins(struct sync_replica *replica,
                                          const char *path,
                                          size_t path_len,
                                          bool *removed,
                                          struct sync_error **error);

/// Inserts characters (UTF-8, inserted_len bytes, copied) before the position, counted in unit.
/// The text is created if nothing is at the path, and what is missing on the way as maps.
///
/// SYNC_ERR_OUT_OF_BOUNDS for a position beyond the end, SYNC_ERR_SPLITS_CHARACTER for one within
/// a character, SYNC_ERR_WRONG_KIND if something else than a text is at the path, SYNC_ERR_UTF8 for
/// characters that are not UTF-8, SYNC_ERR_ARGUMENT for a unit that is not listed.
enum sync_status sync_replica_insert_text(struct sync_replica *replica,
                                          const char *path,
                                          size_t path_len,
                                          enum sync_unit unit,
                                          size_t position,
                                          const char *inserted,
                                          size_t inserted_len,
                                          struct sync_error **error);

/// Deletes length units of text from the position on, both counted in unit.
///
/// SYNC_ERR_OUT_OF_BOUNDS for a range that reaches beyond the end, SYNC_ERR_SPLITS_CHARACTER if one
/// of its ends is within a character, SYNC_ERR_NOT_FOUND if nothing is at the path,
/// SYNC_ERR_WRONG_KIND if something else than a text is, SYNC_ERR_ARGUMENT for a unit that is not
/// listed.
enum sync_status sync_replica_delete_text(struct sync_replica *replica,
                                          const char *path,
                                          size_t path_len,
                                          enum sync_unit unit,
                                          size_t position,
                                          size_t length,
                                          struct sync_error **error);

/// The characters of a text, as UTF-8. On success the caller owns *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a text
/// is.
enum sync_status sync_replica_text(const struct sync_replica *replica,
                                   const char *path,
                                   size_t path_len,
                                   struct sync_buf *out,
                                   struct sync_error **error);

/// How long a text is, counted in unit.
///
/// SYNC_ERR_ARGUMENT for a unit that is not listed; otherwise as sync_replica_text.
enum sync_status sync_replica_text_len(const struct sync_replica *replica,
                                       const char *path,
                                       size_t path_len,
                                       enum sync_unit unit,
                                       size_t *out,
                                       struct sync_error **error);

/// Inserts items before the index: count of them, borrowed for the call and copied. Each is a
/// value, or an empty container: a sync_value of the container's kind. The list is created if
/// nothing is at the path, and what is missing on the way as maps.
///
/// SYNC_ERR_INDEX_OUT_OF_BOUNDS for an index greater than the length, SYNC_ERR_WRONG_KIND if
/// something else than a list is at the path; for an item that can't be put into a document
/// SYNC_ERR_ARGUMENT, SYNC_ERR_UTF8, SYNC_ERR_NULL and SYNC_ERR_TOO_LONG.
enum sync_status sync_replica_insert_items(struct sync_replica *replica,
                                           const char *path,
                                           size_t path_len,
                                           size_t index,
                                           const struct sync_value *items,
                                           size_t count,
                                           struct sync_error **error);

/// Deletes count items from the index on, as this replica sees them: one that another replica sets
/// or edits inside at the same time survives.
///
/// SYNC_ERR_INDEX_OUT_OF_BOUNDS for a range that reaches beyond the end, SYNC_ERR_NOT_FOUND if
/// nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a list is,
/// SYNC_ERR_GROW_ONLY if a counter or set that only grows would lose what it holds.
enum sync_status sync_replica_delete_items(struct sync_replica *replica,
                                           const char *path,
                                           size_t path_len,
                                           size_t index,
                                           size_t count,
                                           struct sync_error **error);

/// Moves the item at an index of the list at the path to the index that it then has. It stays one
/// item whoever else moves it, and keeps what others set or edit in it at the same time.
///
/// SYNC_ERR_INDEX_OUT_OF_BOUNDS if one of the two is not the index of an item, SYNC_ERR_NOT_FOUND
/// if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a list is.
enum sync_status sync_replica_move_item(struct sync_replica *replica,
                                        const char *path,
                                        size_t path_len,
                                        size_t from,
                                        size_t to,
                                        struct sync_error **error);

/// What all items of the list at the path show, in order, as a JSON array: see "Contents" in
/// docs/c-abi.md. For one item, see sync_replica_get. On success the caller owns *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a list
/// is.
enum sync_status sync_replica_items(const struct sync_replica *replica,
                                    const char *path,
                                    size_t path_len,
                                    struct sync_buf *out,
                                    struct sync_error **error);

/// Adds delta, which may be negative, to the counter at the path. The counter is created if nothing
/// is there, and what is missing on the way as maps.
///
/// SYNC_ERR_OVERFLOW if the sum would leave the range of 64-bit integers (or, where replicas have
/// left it together, lead further away), SYNC_ERR_GROW_ONLY for a negative delta to a counter that
/// only grows, SYNC_ERR_WRONG_KIND if something else than a counter is at the path.
enum sync_status sync_replica_increment(struct sync_replica *replica,
                                        const char *path,
                                        size_t path_len,
                                        int64_t delta,
                                        struct sync_error **error);

/// What the counter at the path, of either kind, has come to. Where replicas that did not see each
/// other have left the range of 64-bit integers together, it is the nearest number within.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a
/// counter is.
enum sync_status sync_replica_count(const struct sync_replica *replica,
                                    const char *path,
                                    size_t path_len,
                                    int64_t *out,
                                    struct sync_error **error);

/// Adds a value, borrowed for the call and copied, to the set at the path. The set is created if
/// nothing is there, and what is missing on the way as maps. To add what is there already asserts
/// it anew, against others who discard it at the same time.
///
/// added may be NULL; otherwise *added becomes false if the value was there already.
///
/// SYNC_ERR_WRONG_KIND if something else than a set is at the path, SYNC_ERR_ARGUMENT for what is
/// not a value, SYNC_ERR_UTF8 for a string that is not UTF-8, SYNC_ERR_TOO_LONG for a value that
/// the options do not allow.
enum sync_status sync_replica_add(struct sync_replica *replica,
                                  const char *path,
                                  size_t path_len,
                                  const struct sync_value *value,
                                  bool *added,
                                  struct sync_error **error);

/// Discards a value (borrowed for the call) from the set at the path, as this replica sees it:
/// where another replica adds it at the same time, it stays.
///
/// discarded may be NULL; otherwise *discarded becomes false if the value was not there, which is
/// no error.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a set
/// is, SYNC_ERR_GROW_ONLY for a set that only grows, SYNC_ERR_ARGUMENT for what is not a value,
/// SYNC_ERR_UTF8 for a string that is not UTF-8.
enum sync_status sync_replica_discard(struct sync_replica *replica,
                                      const char *path,
                                      size_t path_len,
                                      const struct sync_value *value,
                                      bool *discarded,
                                      struct sync_error **error);

/// Whether a value (borrowed for the call) is in the set at the path, of either kind.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a set
/// is, SYNC_ERR_ARGUMENT for what is not a value, SYNC_ERR_UTF8 for a string that is not UTF-8.
enum sync_status sync_replica_contains(const struct sync_replica *replica,
                                       const char *path,
                                       size_t path_len,
                                       const struct sync_value *value,
                                       bool *out,
                                       struct sync_error **error);

/// The elements of the set at the path, of either kind, as a JSON array of values: null, booleans,
/// integers, floats, strings, bytes, timestamps, each of these sorted. On success the caller owns
/// *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a set
/// is.
enum sync_status sync_replica_elements(const struct sync_replica *replica,
                                       const char *path,
                                       size_t path_len,
                                       struct sync_buf *out,
                                       struct sync_error **error);

/// Opens a transaction: the edits from now on are one change, which sync_replica_commit makes, or
/// none, if sync_replica_abort undoes them. Reads see them at once, other replicas only what was
/// committed. It belongs to the replica: the edits of every thread are part of it.
///
/// SYNC_ERR_IN_TRANSACTION if one is open.
enum sync_status sync_replica_begin(struct sync_replica *replica, struct sync_error **error);

/// Makes the edits of the open transaction one change, and closes it. commit may be NULL, to say
/// nothing of the change.
///
/// changed and id may be NULL. *changed becomes false if nothing was edited, and so there is no
/// change; *id becomes the identity of the change, or all 0 if there is none.
///
/// SYNC_ERR_NO_TRANSACTION if none is open, SYNC_ERR_UTF8 for a message or an origin that is not
/// UTF-8, SYNC_ERR_STRUCT_SIZE if *commit was not initialised. After an error the transaction is
/// still open.
enum sync_status sync_replica_commit(struct sync_replica *replica,
                                     const struct sync_commit *commit,
                                     bool *changed,
                                     struct sync_operation_id *id,
                                     struct sync_error **error);

/// Undoes all edits of the open transaction, and closes it.
///
/// aborted may be NULL; otherwise *aborted becomes false if none was open, which is no error.
enum sync_status sync_replica_abort(struct sync_replica *replica,
                                    bool *aborted,
                                    struct sync_error **error);

/// Whether a transaction is open.
enum sync_status sync_replica_in_transaction(const struct sync_replica *replica,
                                             bool *out,
                                             struct sync_error **error);

/// The wall-clock time that changes carry from now on whose commit has none, in microseconds since
/// 1970-01-01T00:00:00Z; NULL for none. The library reads no clock itself, and orders nothing by
/// this one.
enum sync_status sync_replica_set_time(struct sync_replica *replica,
                                       const int64_t *time,
                                       struct sync_error **error);

/// What is at the path: a value, the kind of container, or SYNC_VALUE_NONE, which is no error.
/// An item of a list is read through its index, as in `/todos/0`. On success the caller owns *out,
/// and frees it with sync_value_free.
enum sync_status sync_replica_get(const struct sync_replica *replica,
                                  const char *path,
                                  size_t path_len,
                                  struct sync_value *out,
                                  struct sync_error **error);

/// The keys of the map at the path (the empty path is the root map), sorted by bytes, as a JSON
/// array of strings. On success the caller owns *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if something else than a map
/// is.
enum sync_status sync_replica_keys(const struct sync_replica *replica,
                                   const char *path,
                                   size_t path_len,
                                   struct sync_buf *out,
                                   struct sync_error **error);

/// How many keys a map, items a list, or elements a set has that is at the path.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if none of these is.
enum sync_status sync_replica_len(const struct sync_replica *replica,
                                  const char *path,
                                  size_t path_len,
                                  size_t *out,
                                  struct sync_error **error);

/// All that was assigned to the path concurrently, the content that is shown first, as a JSON
/// array, with authors and times: see "Conflicts" in docs/c-abi.md. One element or none: no
/// conflict. On success the caller owns *out.
enum sync_status sync_replica_conflicts(const struct sync_replica *replica,
                                        const char *path,
                                        size_t path_len,
                                        struct sync_buf *out,
                                        struct sync_error **error);

/// The whole document as canonical JSON, the same bytes on every replica that has seen the same
/// changes. On success the caller owns *out.
enum sync_status sync_replica_to_json(const struct sync_replica *replica,
                                      struct sync_buf *out,
                                      struct sync_error **error);

/// What the replica holds in memory.
///
/// SYNC_ERR_STRUCT_SIZE if *out was not initialised.
enum sync_status sync_replica_memory(const struct sync_replica *replica,
                                     struct sync_memory *out,
                                     struct sync_error **error);

/// How the version first stands to the version second: frames of sync_replica_encode_version or
/// sync_replica_clock of any replica of this document (borrowed for the call); no bytes at all
/// (NULL, 0) are the version in which nothing has happened.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not a
/// version of this document.
enum sync_status sync_replica_compare_versions(const struct sync_replica *replica,
                                               const uint8_t *first,
                                               size_t first_len,
                                               const uint8_t *second,
                                               size_t second_len,
                                               enum sync_causality *out,
                                               struct sync_error **error);

/// Which operations known here touched what is at the path, or anything in it.
///
/// json and frame may be NULL. *json becomes the version as a JSON object (see "JSON" in
/// docs/c-abi.md), *frame as bytes for sync_replica_compare_versions; on success the caller owns
/// both.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path.
enum sync_status sync_replica_clock(const struct sync_replica *replica,
                                    const char *path,
                                    size_t path_len,
                                    struct sync_buf *json,
                                    struct sync_buf *frame,
                                    struct sync_error **error);

/// The nodes of the text or list at the path, tombstones included, in order, with their
/// identities and origins, as a JSON array: see "Nodes" in docs/c-abi.md. On success the caller
/// owns *out.
///
/// SYNC_ERR_NOT_FOUND if nothing is at the path, SYNC_ERR_WRONG_KIND if neither of these is.
enum sync_status sync_replica_nodes(const struct sync_replica *replica,
                                    const char *path,
                                    size_t path_len,
                                    struct sync_buf *out,
                                    struct sync_error **error);

/// The change that an operation is part of, with what its author said of it, as a JSON object: see
/// "Changes" in docs/c-abi.md; `null`, which is no error, if it is not known here, or not retained
/// any more. On success the caller owns *out.
enum sync_status sync_replica_change(const struct sync_replica *replica,
                                     const struct sync_operation_id *id,
                                     struct sync_buf *out,
                                     struct sync_error **error);

/// What this replica has seen, as a frame: for a peer, who answers with sync_replica_export. What
/// an open transaction has edited does not count. On success the caller owns *out.
enum sync_status sync_replica_encode_version(const struct sync_replica *replica,
                                             struct sync_buf *out,
                                             struct sync_error **error);

/// All changes that are not in the version since, as one frame for sync_replica_apply. since is a
/// frame of sync_replica_encode_version (since_len bytes, borrowed for the call); none at all
/// (NULL, 0) asks for everything. On success the caller owns *out.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not a
/// version of this document; SYNC_ERR_BELOW_PRUNE_FLOOR if changes since then have been pruned
/// here, SYNC_ERR_SHALLOW if they never were here: send what sync_replica_save gives instead;
/// SYNC_ERR_CANNOT_SPONSOR if a replica that the version names has to be made a member first, and this
/// one can't do that; SYNC_ERR_IN_TRANSACTION while a transaction is open.
enum sync_status sync_replica_export(const struct sync_replica *replica,
                                     const uint8_t *since,
                                     size_t since_len,
                                     struct sync_buf *out,
                                     struct sync_error **error);

/// What sync_replica_export gives, in the form that the options say, which may be NULL;
/// sync_replica_apply takes every form. On success the caller owns *out.
///
/// As for sync_replica_export; SYNC_ERR_STRUCT_SIZE for options that were not initialised.
enum sync_status sync_replica_export_with(const struct sync_replica *replica,
                                          const uint8_t *since,
                                          size_t since_len,
                                          const struct sync_export_options *options,
                                          struct sync_buf *out,
                                          struct sync_error **error);

/// Applies the changes of a frame that sync_replica_export made (len bytes, borrowed for the
/// call). All of them or, after an error, none; in any order, and as often as it comes; a change
/// that depends on what is missing, or names it, is held until that arrives.
///
/// applied and refused may be NULL. *refused becomes the ids of the changes that applied counts
/// as refused, as a JSON array (see "JSON" in docs/c-abi.md), owned by the caller on success.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not
/// changes of this document; SYNC_ERR_REPLICA_ID_REUSED, SYNC_ERR_BELOW_PRUNE_FLOOR,
/// SYNC_ERR_INVALID_CHANGE, SYNC_ERR_AUTHOR_LEFT, SYNC_ERR_AUTHOR_EVICTED, SYNC_ERR_NAMES_EVICTED and
/// SYNC_ERR_INBOX_FULL for changes that can't be taken; SYNC_ERR_IN_TRANSACTION while a transaction is
/// open; SYNC_ERR_STRUCT_SIZE if *applied was not initialised.
enum sync_status sync_replica_apply(struct sync_replica *replica,
                                    const uint8_t *bytes,
                                    size_t len,
                                    struct sync_applied *applied,
                                    struct sync_buf *refused,
                                    struct sync_error **error);

/// The operations that changes in the inbox wait for, as a JSON array of ids (see "JSON" in
/// docs/c-abi.md). On success the caller owns *out.
enum sync_status sync_replica_missing(const struct sync_replica *replica,
                                      struct sync_buf *out,
                                      struct sync_error **error);

/// A sender to a peer that has this version: known is what sync_replica_encode_version gave there
/// (known_len bytes, borrowed for the call); none at all (NULL, 0) if it has nothing. The replica
/// reads it, and is not kept. On success *out is a handle that the caller owns and frees with
/// sync_sender_free.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not a
/// version of this document.
enum sync_status sync_sender_new(const struct sync_replica *replica,
                                 const uint8_t *known,
                                 size_t known_len,
                                 struct sync_sender **out,
                                 struct sync_error **error);

/// Frees a sender, once calls that are at work on it have returned. NULL is a no-op.
///
/// SYNC_ERR_HANDLE if it was freed before, or is none.
enum sync_status sync_sender_free(struct sync_sender *sender);

/// What the peer has, or is on its way to it, as a frame like that of sync_replica_encode_version.
/// The replica, which may be any of this document, writes it. On success the caller owns *out.
enum sync_status sync_sender_known(const struct sync_sender *sender,
                                   const struct sync_replica *replica,
                                   struct sync_buf *out,
                                   struct sync_error **error);

/// Leaves out, from now on, what the peer has by other ways: a version, as in sync_sender_new.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not a
/// version of this document.
enum sync_status sync_sender_skip(struct sync_sender *sender,
                                  const struct sync_replica *replica,
                                  const uint8_t *known,
                                  size_t known_len,
                                  struct sync_error **error);

/// Leaves out, from now on, what came from the peer itself: what the receiver of the other direction
/// took. To be called before sync_replica_send, where a connection goes both ways.
enum sync_status sync_sender_skip_received(struct sync_sender *sender,
                                           const struct sync_receiver *receiver,
                                           struct sync_error **error);

/// A receiver that nothing has reached yet. On success *out is a handle that the caller owns and
/// frees with sync_receiver_free.
enum sync_status sync_receiver_new(struct sync_receiver **out, struct sync_error **error);

/// Frees a receiver, once calls that are at work on it have returned. NULL is a no-op.
///
/// SYNC_ERR_HANDLE if it was freed before, or is none.
enum sync_status sync_receiver_free(struct sync_receiver *receiver);

/// All changes that the peer does not have yet, as one frame to be sent to it, and to be given to
/// sync_replica_receive there; no bytes (len 0) if there are none. On success the caller owns *out.
///
/// What a sender gave is taken for sent. Where it may have been lost, such as after a connection
/// that broke, a new sender and a new receiver have to start from the version that the peer has.
///
/// SYNC_ERR_BELOW_PRUNE_FLOOR if some of the changes have been pruned here, SYNC_ERR_SHALLOW if they
/// never were here: send what sync_replica_save gives instead; SYNC_ERR_CANNOT_SPONSOR as for
/// sync_replica_export; SYNC_ERR_IN_TRANSACTION while a transaction is open.
enum sync_status sync_replica_send(struct sync_replica *replica,
                                   struct sync_sender *sender,
                                   struct sync_buf *out,
                                   struct sync_error **error);

/// Applies a frame that came in a stream (len bytes, borrowed for the call), with the same effect as
/// sync_replica_apply, which says what applied and refused are.
///
/// SYNC_ERR_STREAM_BROKEN if the frame does not follow the one before it: then a new stream has to
/// be started, from the version that this replica has. All else as for sync_replica_apply. After an
/// error the receiver is unchanged, too.
enum sync_status sync_replica_receive(struct sync_replica *replica,
                                      struct sync_receiver *receiver,
                                      const uint8_t *bytes,
                                      size_t len,
                                      struct sync_applied *applied,
                                      struct sync_buf *refused,
                                      struct sync_error **error);

/// Makes another replica a member, so that pruning waits for it: to be called by the replica that
/// hands it its first state, before handing it. A replica that writes is a member anyway.
///
/// SYNC_ERR_LEFT if this replica has left the document, SYNC_ERR_EVICTED if it was evicted,
/// SYNC_ERR_IN_TRANSACTION while a transaction is open.
enum sync_status sync_replica_join(struct sync_replica *replica,
                                   uint64_t member,
                                   struct sync_error **error);

/// Makes this replica leave the document: pruning no longer waits for it, and it can't write any
/// more. Hand what sync_replica_export gives to the others.
///
/// SYNC_ERR_LEFT if it has left before, SYNC_ERR_EVICTED if it was evicted, SYNC_ERR_IN_TRANSACTION
/// while a transaction is open.
enum sync_status sync_replica_leave(struct sync_replica *replica, struct sync_error **error);

/// Evicts a member: one that is lost, or is to write no more. It takes effect once every other member
/// has acknowledged it, and all of them have the same of what the evicted one wrote; from then on
/// pruning does not wait for it, and later changes of it are refused (SYNC_ERR_AUTHOR_EVICTED).
/// sync_replica_next_evicted says when that is, and sync_replica_members who is awaited. Nothing
/// happens if it is being evicted already.
///
/// To evict is the decision of an authority, such as a server: two members that evict each other part
/// the document.
///
/// SYNC_ERR_NOT_EVICTABLE for this replica itself, for one that is no member, and for one that has left
/// or was evicted; SYNC_ERR_LEFT, SYNC_ERR_EVICTED and SYNC_ERR_IN_TRANSACTION as for
/// sync_replica_leave.
enum sync_status sync_replica_evict(struct sync_replica *replica,
                                    uint64_t member,
                                    struct sync_error **error);

/// An eviction that has taken effect here, one after the other, as a JSON object: see "Departed" in
/// docs/c-abi.md; `null`, which is no error, if all were asked for. On success the caller owns *out,
/// and *frame.
///
/// frame may be NULL. *frame becomes the changes that were held here, and do not count, for the
/// host to keep or to show; no bytes (len 0) if there are none. They are gone from the inbox, and no
/// replica takes them for which the eviction has taken effect.
enum sync_status sync_replica_next_evicted(struct sync_replica *replica,
                                           struct sync_buf *out,
                                           struct sync_buf *frame,
                                           struct sync_error **error);

/// Who was a member, and is none any more, as a JSON array: see "Departed" in docs/c-abi.md. On
/// success the caller owns *out.
enum sync_status sync_replica_departed(const struct sync_replica *replica,
                                       struct sync_buf *out,
                                       struct sync_error **error);

/// The members, and what each is known to have seen, as a JSON array: see "Members" in
/// docs/c-abi.md. On success the caller owns *out.
enum sync_status sync_replica_members(const struct sync_replica *replica,
                                      struct sync_buf *out,
                                      struct sync_error **error);

/// What this replica has seen, and knows to have been seen by all, as a frame for
/// sync_replica_apply_acknowledgement of all other members: all of it at first, and now and then; else
/// what has changed since the last one, in few bytes. While a transaction is open, that is what it was
/// before. On success the caller owns *out.
///
/// It is a promise, on which others prune: a host that keeps its replica in storage saves it before it
/// sends the frame.
enum sync_status sync_replica_acknowledge(struct sync_replica *replica,
                                          struct sync_buf *out,
                                          struct sync_error **error);

/// What sync_replica_acknowledge gives, with all that has been seen: for members that could not make
/// anything of what they got (SYNC_ACKNOWLEDGED_INCOMPLETE). On success the caller owns *out.
enum sync_status sync_replica_acknowledge_whole(struct sync_replica *replica,
                                                struct sync_buf *out,
                                                struct sync_error **error);

/// Takes the acknowledgement of another member (len bytes, borrowed for the call). out may be
/// NULL.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are not an
/// acknowledgement of this document; SYNC_ERR_TOO_MANY_HELD if those of too many replicas wait
/// for changes that are missing; SYNC_ERR_UNKNOWN_DEPARTURES if it leaves out departed replicas that are
/// not known here; SYNC_ERR_IN_TRANSACTION while a transaction is open.
enum sync_status sync_replica_apply_acknowledgement(struct sync_replica *replica,
                                                    const uint8_t *bytes,
                                                    size_t len,
                                                    enum sync_acknowledged *out,
                                                    struct sync_error **error);

/// Reclaims all tombstones and changes that all members have acknowledged, and reports what was
/// reclaimed since the last report. Always safe to call; while a transaction is open, it reclaims
/// nothing. A replica prunes by itself, too, in bounded parts, unless its options say otherwise; this
/// does all that is left, and takes as long as that takes.
///
/// report and details may be NULL. *details becomes the prune floor and who holds pruning back, by
/// how much, as a JSON object (see "Prune details" in docs/c-abi.md), owned by the caller on
/// success.
///
/// SYNC_ERR_STRUCT_SIZE if *report was not initialised.
enum sync_status sync_replica_prune(struct sync_replica *replica,
                                    struct sync_prune_report *report,
                                    struct sync_buf *details,
                                    struct sync_error **error);

/// Reclaims a bounded part of what can be, if there is as much as the policy asks for, which may be
/// NULL; for hosts that prune by hand, or want to do more of it while they are idle. While a transaction
/// is open, it reclaims nothing.
///
/// pruned, report and details may be NULL. *pruned becomes false if there was not as much; then
/// *report becomes 0 in all fields but its size, and *details `null`. Otherwise these are those of
/// sync_replica_prune.
///
/// SYNC_ERR_STRUCT_SIZE for a struct that was not initialised.
enum sync_status sync_replica_prune_if(struct sync_replica *replica,
                                       const struct sync_prune_policy *policy,
                                       bool *pruned,
                                       struct sync_prune_report *report,
                                       struct sync_buf *details,
                                       struct sync_error **error);

/// What can't be pruned yet: who holds it back, since when, and whom to evict to free how much.
/// Nothing is reclaimed, so nothing is counted as reclaimed.
///
/// report and details may be NULL, and are those of sync_replica_prune.
///
/// SYNC_ERR_STRUCT_SIZE if *report was not initialised.
enum sync_status sync_replica_pruning(const struct sync_replica *replica,
                                      struct sync_prune_report *report,
                                      struct sync_buf *details,
                                      struct sync_error **error);

/// Marks all that was deleted or overwritten, as far as is known here, to be forgotten for ever:
/// characters, values, keys, and what commits said. Here and at every other replica it is gone once
/// all members have acknowledged this twice and the replica prunes: from the document, and from the
/// log. sync_replica_prune says what is pending, and whom it waits for.
///
/// What was saved or sent before is not reached: other copies are the host's to delete. Nor is memory
/// wiped that was given back to the allocator.
enum sync_status sync_replica_redact(struct sync_replica *replica,
                                     struct sync_error **error);

/// Deletes length units from the position on, as sync_replica_delete_text does and with its errors, and
/// redacts them (sync_replica_redact), in one change.
enum sync_status sync_replica_redact_text(struct sync_replica *replica,
                                          const char *path,
                                          size_t path_len,
                                          enum sync_unit unit,
                                          size_t position,
                                          size_t length,
                                          struct sync_error **error);

/// Removes what is at the path, as sync_replica_remove does and with its errors, and redacts it
/// (sync_replica_redact), in one change.
///
/// removed may be NULL; otherwise *removed becomes false if nothing was there, and nothing happened.
enum sync_status sync_replica_redact_path(struct sync_replica *replica,
                                          const char *path,
                                          size_t path_len,
                                          bool *removed,
                                          struct sync_error **error);

/// A replica of a new id on a snapshot (len bytes, borrowed for the call), in which the edits that
/// this one had not sent are made anew: each as it was meant if what it names is there, beside the
/// nearest of its old neighbours if that is gone, and offered in the details if it was made in
/// something that was deleted. This replica stays as it is.
///
/// For a replica that others have pruned beyond (SYNC_ERR_BELOW_PRUNE_FLOOR), one that went back to a
/// backup (SYNC_ERR_WRITTEN_ELSEWHERE), one that was evicted, and one of an older epoch
/// (sync_replica_reseed). The snapshot is what a member saves after it has made replica_id a member
/// (sync_replica_join); it should have all that any member has of this replica.
///
/// options, report and details may be NULL. On success *out is a handle that the caller owns and frees
/// with sync_replica_free; *details becomes what became of each edit, as a JSON object (see "Rescue
/// details" in docs/c-abi.md), which the caller owns, too.
///
/// SYNC_ERR_DECODE, SYNC_ERR_OTHER_DOCUMENT and SYNC_ERR_OTHER_EPOCH for bytes that are no snapshot of
/// this document, or of an older epoch; SYNC_ERR_REPLICA_ID_REUSED if replica_id is not new,
/// SYNC_ERR_NOT_A_MEMBER if it is no member in the snapshot; SYNC_ERR_SNAPSHOT_BEHIND if the snapshot
/// lacks what is pruned here; SYNC_ERR_UNDECIDED if written_since has to say what was not sent;
/// SYNC_ERR_IN_TRANSACTION while a transaction is open; SYNC_ERR_STRUCT_SIZE for a struct that was not
/// initialised.
enum sync_status sync_replica_rescue(const struct sync_replica *replica,
                                     const uint8_t *snapshot,
                                     size_t len,
                                     uint64_t replica_id,
                                     const struct sync_rescue_options *options,
                                     struct sync_replica **out,
                                     struct sync_rescue_report *report,
                                     struct sync_buf *details,
                                     struct sync_error **error);

/// The document seeded anew: as it is here, under the same document id and in the next epoch, with
/// replica_id as its only member and nothing of its past. This replica stays as it is.
///
/// For when members are lost for good, or their histories have forked: it is a decision of an
/// authority. Frames of the one epoch are refused in the other (SYNC_ERR_OTHER_EPOCH); what replicas of
/// the older one have that is not here, they can rescue: see sync_replica_rescue. On success *out is a
/// handle that the caller owns and frees with sync_replica_free.
///
/// SYNC_ERR_REPLICA_ID_REUSED if replica_id is not new; SYNC_ERR_LAST_EPOCH if there are no more
/// epochs; SYNC_ERR_IN_TRANSACTION while a transaction is open.
enum sync_status sync_replica_reseed(const struct sync_replica *replica,
                                     uint64_t replica_id,
                                     struct sync_replica **out,
                                     struct sync_error **error);

/// How often the document was seeded anew before it came to be this one; 0 at first.
enum sync_status sync_replica_epoch(const struct sync_replica *replica,
                                    uint64_t *out,
                                    struct sync_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SYNC_H */
